import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"
import { executablePath, serving, skipped } from "./serving.ts"

describe.skipIf(executablePath === undefined)(`from a cell of the demo to its template in a browser${skipped}`, () => {
  let project: Project
  let browser: Browser | undefined
  let page: Page | undefined
  const seen = (): Page => page ?? assert.fail("there is no page")
  const hash = (): Promise<string> => seen().evaluate<string>("location.hash")

  beforeAll(async () => {
    project = copyOfExperiment()
    const run = await project.dag("run", "score/t5-mini/cdr/16", "--profile", "demo")
    assert.strictEqual(run.code, 0, run.stdout + run.stderr)
    const { address } = await serving(project, ["--profile", "demo", "--models", "t5-mini", "--corpora", "cdr"])
    browser = await chromium.launch({ executablePath: executablePath ?? "" })
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    page.setDefaultTimeout(0)
    await page.goto(address)
    await page.locator("html[data-ready]").waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await project.end()
    project.remove()
  })

  it("takes four clicks, each of them an address, and the way back leads through the same ones", async () => {
    await seen().getByRole("link", { name: "Cells", exact: true }).click()
    await seen().getByRole("heading", { name: "Cells of the results" }).waitFor()
    const addresses = [await hash()]

    // A cell.
    await seen().locator("a[href=\"#/page/cells/t5-mini/cdr/16\"]").first().click()
    await seen().getByRole("heading", { name: "t5-mini on CDR, 16-shot" }).waitFor()
    const [, f1 = ""] = /Seed 0: F1 ([\d.]+)/u.exec(await seen().locator("article").innerText()) ?? []
    assert.match(f1, /^\d/u)
    addresses.push(await hash())

    // Its document with the most mistakes: what was written, against what is right.
    const first = seen().locator("tbody tr").first()
    const document = await first.locator("a").innerText()
    const mistakes = Number(await first.locator("td").nth(5).innerText())
    assert.isAbove(mistakes, 0)
    await first.locator("a").click()
    await seen().getByRole("heading", { name: `Document ${document}` }).waitFor()
    assert.strictEqual(
      await seen().getByRole("heading", { name: "Mistakes" }).locator("xpath=following::ul[1]/li").count(),
      mistakes,
    )
    assert.isAbove(await seen().locator("blockquote mark.mark-wanted").count(), 0)
    addresses.push(await hash())

    // The checkpoint, with its curve.
    await seen().getByRole("link", { name: "The checkpoint and its curve" }).click()
    await seen().getByRole("heading", { name: "Checkpoint of finetune/t5-mini/cdr/16/seed0" }).waitFor()
    await seen().locator("figure svg polyline").first().waitFor()
    addresses.push(await hash())

    // The line of the template.
    await seen().getByRole("link", { name: "clause", exact: true }).click()
    await seen().locator(".source li[aria-current]").waitFor()
    const [, file = "", line = ""] = /^(\S+\.ya?ml):(\d+)$/u.exec(await seen().locator("h1").innerText()) ?? []
    assert.strictEqual(
      (await seen().locator(".source li[aria-current]").innerText()).trim(),
      project.read(file).split("\n")[Number(line) - 1]?.trim(),
    )
    addresses.push(await hash())

    assert.lengthOf(new Set(addresses), 5)
    for (const address of addresses.toReversed().slice(1)) {
      await seen().goBack()
      await seen().waitForURL((url) => url.hash === address)
    }
    await seen().getByRole("heading", { name: "Cells of the results" }).waitFor()
    // Whoever is given the address of a document sees that document.
    const [, , ofDocument = ""] = addresses
    await seen().goto("about:blank")
    await seen().goBack()
    await seen().evaluate(`location.hash = ${JSON.stringify(ofDocument)}`)
    await seen().getByRole("heading", { name: `Document ${document}` }).waitFor()
  })
})
