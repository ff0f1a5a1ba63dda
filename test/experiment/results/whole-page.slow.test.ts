import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { demoTables, paperTables } from "./fixture.ts"
import { partial } from "./partial.ts"
import { provenanceOf } from "./provenance.ts"
import { pageOf } from "./rendered.ts"

const executablePath = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== "" && existsSync(path))
const reason = executablePath === undefined ? " (skipped: there is no Chromium; CHROMIUM can name one)" : ""

/** Run in the page, whose types are not those of Node: as text. */
const unfoldAll = "for (const folded of document.querySelectorAll('details')) folded.open = true"

/** What reaches beyond the right edge of the page, but for what scrolls in a box of its own. */
const overflowing = `(() => {
  const room = document.documentElement.clientWidth
  const wide = [...document.body.querySelectorAll("*")].filter((element) =>
    element.closest(".scroll, pre, .skip, svg") === null && element.checkVisibility()
    && element.getBoundingClientRect().right > room + 0.5
  )
  return [
    ...(document.documentElement.scrollWidth > room ? ["the page"] : []),
    ...wide.slice(0, 5).map((element) => element.outerHTML.slice(0, 200)),
  ]
})()`

/** Text whose contrast with what is behind it is below 4.5, level AA of the Web Content Accessibility Guidelines. */
const faint = `(() => {
  ${unfoldAll}
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const luminance = (colour) =>
    colour.slice(0, 3).map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0)
  const behind = (element) => {
    if (element === null) return [255, 255, 255]
    const colour = parts(getComputedStyle(element).backgroundColor)
    return colour[3] === 0 ? behind(element.parentElement) : colour
  }
  return [...document.body.querySelectorAll("*")].filter((element) =>
    element.closest("svg, .skip") === null
    && [...element.childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent.trim() !== "")
  ).flatMap((element) => {
    const [a, b] = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    return ratio < 4.5 ? [ratio.toFixed(2) + " " + element.outerHTML.slice(0, 120)] : []
  }).slice(0, 5)
})()`

/** The marks of cells that reach into the number of the next cell. */
const covered = `[...document.querySelectorAll(".table1 td sup")].filter((mark) => {
  const next = mark.closest("td").nextElementSibling?.querySelector(".f1")
  return next !== null && next !== undefined
    && mark.getBoundingClientRect().right > next.querySelector("a").getBoundingClientRect().left
}).map((mark) => mark.closest("tr").textContent)`

/** What of the sheet's content is wider than the sheet. */
const clipped = `[...document.querySelectorAll("table, figure, pre")]
  .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 100))`

describe.skipIf(executablePath === undefined)(`the page in a browser without a network${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "redag-page-"))
  const hostile = demoTables((name) => (name === "t5-mini" ? "<script>document.title='taken'</script>" : name))
  let browser: Browser | undefined
  beforeAll(async () => {
    for (const [name, tables] of Object.entries({ paper: paperTables(), demo: demoTables(), hostile })) {
      writeFileSync(join(folder, `${name}.html`), await pageOf(tables, provenanceOf(tables, name)))
    }
    const { tables, provenance } = partial()
    writeFileSync(join(folder, "partial.html"), await pageOf(tables, provenance))
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ["--no-sandbox"],
    })
  })
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true })
  })

  /** Opens a page, and has no mercy with what it says to the console or asks for. */
  const opened = async <A>(
    name: string,
    width: number,
    use: (page: Page) => Promise<A>,
    options: { readonly javaScriptEnabled?: boolean; readonly colorScheme?: "dark" | "light" } = {},
  ): Promise<A> => {
    assert.isDefined(browser)
    const context = await browser.newContext({ viewport: { width, height: 900 }, offline: true, ...options })
    const page = await context.newPage()
    const said: Array<string> = []
    const url = pathToFileURL(join(folder, `${name}.html`)).href
    page.on("console", (message) => said.push(message.text()))
    page.on("pageerror", ({ message }) => said.push(message))
    page.on("request", (request) => request.url() === url || said.push(request.url()))
    await page.goto(url)
    const result = await use(page)
    await context.close()
    assert.deepStrictEqual(said, [])
    return result
  }

  for (const name of ["paper", "demo", "partial"]) {
    it(`${name}: nothing but tables in their boxes is wider than a page of 1280 or 390 pixels`, async () => {
      await opened(name, 1280, async (page) => {
        // The whole of the paper takes seconds to lay out unfolded, and has no element that the demo does not have.
        if (name !== "paper") await page.evaluate(unfoldAll)
        assert.deepStrictEqual(await page.evaluate(overflowing), [])
        await page.setViewportSize({ width: 390, height: 900 })
        assert.deepStrictEqual(await page.evaluate(overflowing), [])
      })
    })
  }

  for (const name of ["paper", "demo"]) {
    it(`${name}: the table, four figures, intervals and error analysis are to be seen`, async () => {
      await opened(name, 1280, async (page) => {
        const first = page.locator("main table").first()
        assert.isTrue(await first.isVisible())
        assert.match(await first.innerText(), /\[\d+\.\d, \d+\.\d\]/u)
        assert.strictEqual(await page.locator("figure:visible").count(), 4)
        for (const figure of await page.locator("figure").all()) {
          assert.isTrue(await figure.locator("svg[role=img]").first().isVisible())
        }
        const errors = page.locator("#errors")
        assert.isTrue(await errors.locator("table").first().isVisible())
        assert.match(await errors.innerText(), /wrong boundary/u)
      }, { javaScriptEnabled: false })
    })
  }

  it("follows a number to its lineage, which unfolds", async () => {
    await opened("paper", 1280, async (page) => {
      const number = page.locator("main table").first().locator("td a").first()
      const target = (await number.getAttribute("href") ?? "").slice(1)
      await number.click()
      const section = page.locator(`[id="${target}"]`)
      assert.isTrue(await section.isVisible())
      const box = await section.boundingBox()
      assert.isTrue(box !== null && box.y >= 0 && box.y < 900)
    })
  })

  it("keeps the first column in sight where a table scrolls", async () => {
    await opened("paper", 390, async (page) => {
      const box = page.locator(".scroll").first()
      await box.evaluate((element) => element.scrollTo({ left: 200 }))
      const left = await box.locator("tbody th").first().evaluate((element) => element.getBoundingClientRect().left)
      const frame = await box.evaluate((element) => element.getBoundingClientRect().left)
      assert.isAtMost(Math.abs(left - frame), 1)
    })
  })

  for (const colorScheme of ["light", "dark"] as const) {
    it.each(["demo", "partial"])(
      `%s: has text that stands out from what is behind it (${colorScheme})`,
      async (name) => {
        await opened(name, 1280, async (page) => {
          assert.deepStrictEqual(await page.evaluate(faint), [])
        }, { colorScheme })
      },
    )
  }

  it("runs no text as a script", async () => {
    await opened("hostile", 1280, async (page) => {
      assert.notStrictEqual(await page.title(), "taken")
      assert.strictEqual(await page.locator("script").count(), 0)
    })
  })

  it("has room between columns for all marks of a cell", async () => {
    await opened("partial", 390, async (page) => {
      assert.deepStrictEqual(await page.evaluate(covered), [])
    })
  })

  it.each(["demo", "partial"])("%s: loses nothing at the edge of a sheet of paper", async (name) => {
    await opened(name, 1280, async (page) => {
      await page.emulateMedia({ media: "print" })
      // A4 less its margins of 12 mm left and right, at 96 dots an inch.
      await page.setViewportSize({ width: 703, height: 1017 })
      assert.deepStrictEqual(await page.evaluate(clipped), [])
      const pdf = await page.pdf({ preferCSSPageSize: true })
      assert.isAbove(pdf.length, 50_000)
    })
  })
})
