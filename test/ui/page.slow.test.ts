import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { createRequire } from "node:module"
import { type Browser, chromium, type Page } from "playwright-core"
import type { GraphMessage } from "../../pipeline/cli/ui/messages.ts"
import { Project } from "../rig/project.ts"
import { ask, enter, executablePath, type Serving, serving, skipped } from "./serving.ts"

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js")

/** What axe finds wrong, with the elements that it finds. */
const violations = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" | ")))`

/** A name that would take over a page that wrote it as HTML. */
const hostileName = "<img src=x onerror=document.title='taken'>"
const hostileText = "</pre><script>document.title='taken'</script>\\u0007\\u001b[31m"

describe.skipIf(executablePath === undefined)(`the page of dag ui in a browser${skipped}`, () => {
  const project = new Project()
  let served: Serving | undefined
  let browser: Browser | undefined
  let page: Page | undefined
  const problems: Array<string> = []
  const seen = (): Page => {
    if (page === undefined) throw new Error("there is no page")
    return page
  }
  const go = async (hash: string): Promise<void> => {
    await seen().evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }
  const writtenIn = (selector: string): Promise<string> => seen().locator(selector).innerText()

  beforeAll(async () => {
    project.edit(
      "dag.config.ts",
      "name: `step${index}`, params, inputs: { numbers: read }",
      `name: index === 1 ? ${JSON.stringify(hostileName)} : \`step\${index}\`, params, inputs: { numbers: read }`,
    )
    project.edit(
      "dag.config.ts",
      "const clipped = steps.map((params, index)",
      `const clipped = dag.kept("steps", steps, () => ["all"]).map((params, index)`,
    )
    project.edit(
      "dag.config.ts",
      "  series: {",
      `  filters: { steps: "The steps" },\n  facets: { step: ["step*"] },\n  pages: {
    "things": {
      title: "Things",
      make: async ({ nodes }, path) => path.length > 1 ? undefined : ({
        title: path[0] ?? ${JSON.stringify(hostileName)},
        above: [],
        blocks: [
          { _tag: "Quote", title: "A text", pieces: [{ text: "${hostileText}" }, { text: "marked", marks: ["said"] }] },
          { _tag: "Text", pieces: [{ text: "the step", link: { to: "source", node: "add/step0", path: "by" } }] },
          { _tag: "Text", pieces: [{ text: "one thing", link: { to: "page", path: ["things", "one"] } }] },
          { _tag: "Table", title: "Nodes", head: ["Node", ">Rows"], rows: [...nodes].map(([name, { made }]) => [[{ text: name, link: { to: "node", node: name } }], [{ text: String(made?.rows["numbers"] ?? 0) }]]) },
        ],
      }),
    },
  },\n  series: {`,
    )
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    // One step is to run again, with what is behind it.
    project.edit("params.yaml", "by: 1", "by: 7")
    served = await serving(project, ["--steps", "all"])
    browser = await chromium.launch({ executablePath: executablePath ?? "" })
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    // A test may take as long as a busy machine makes it take.
    page.setDefaultTimeout(0)
    await page.addInitScript({ path: axe })
    page.on("pageerror", ({ message }) => problems.push(message))
    page.on("console", (message) => {
      // The browser notes that a wrong selector is refused.
      if (message.type() === "error" && !/status of 400/u.test(message.text())) problems.push(message.text())
    })
    await page.goto(served.address)
    await page.locator("html[data-ready]").waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await project.end()
    project.remove()
  })

  it("takes the token out of the address, and no script can read the cookie", async () => {
    assert.strictEqual(await seen().evaluate("location.hash"), "#/graph")
    assert.strictEqual(await seen().evaluate("document.cookie"), "")
  })

  it("shows the graph: its states in words, each node in the list, and the longest way", async () => {
    assert.match(await writtenIn(".legend"), /^8 nodes:/u)
    assert.match(await writtenIn(".legend"), /▲ 1 will run/u)
    assert.match(await writtenIn(".legend"), /△ 2 may run/u)
    const list = async (): Promise<string> => (await seen().locator(".list").textContent()) ?? ""
    // What is not seen cannot be reached with the Tab key.
    assert.strictEqual(await seen().locator(".list").count(), 0)
    await seen().getByLabel("As a list").check()
    for (const name of ["read/numbers, up to date", "total/all, may run"]) assert.include(await list(), name)
    assert.notInclude(await list(), "add/step0")
    await seen().getByRole("button", { name: "add, 1 will run, 2 up to date" }).press("Enter")
    await seen().getByRole("link", { name: "add/step0, will run" }).waitFor()
    await seen().getByLabel("As a list").uncheck()
    await seen().getByLabel("Longest way").check()
    const from = served ?? assert.fail("not served")
    const { text } = await ask(from.port, "/api/graph", { headers: await enter(from) })
    const { names, critical } = JSON.parse(text) as GraphMessage
    assert.deepStrictEqual(critical.map((place) => names[place]), ["add/step0", "clip/step0", "total/all"])
  })

  it("finds nodes by a selector, and says what is wrong with one", async () => {
    await seen().getByRole("searchbox").fill("state:stale")
    await seen().getByRole("button", { name: "Find", exact: true }).click()
    await seen().getByText("3 nodes found").waitFor()
    await seen().getByRole("searchbox").fill("stage=nothing")
    await seen().getByRole("searchbox").press("Enter")
    assert.match(await writtenIn("[role=alert]"), /nothing/u)
    await seen().getByRole("searchbox").fill("addd")
    await seen().getByRole("searchbox").press("Enter")
    await seen().locator("[role=alert]", { hasText: /^addd / }).waitFor()
    await go("#/graph")
  })

  it("is walked through with the keyboard: from box to box, to a node and back", async () => {
    const canvas = seen().getByRole("application")
    await canvas.focus()
    await canvas.press("ArrowRight")
    const first = seen().locator(".canvas [role=status]")
    await first.filter({ hasText: /./u }).waitFor({ state: "attached" })
    assert.match((await first.textContent()) ?? "", /^read\/numbers, up to date$/u)
    await canvas.press("Enter")
    await seen().getByRole("heading", { name: "read/numbers" }).waitFor()
    assert.match(await seen().evaluate<string>("location.hash"), /node=read%2Fnumbers/u)
    await seen().getByRole("button", { name: "Close" }).click()
    await seen().getByRole("heading", { name: "read/numbers" }).waitFor({ state: "detached" })
  })

  it("says why a node would run, with the value before and after, and shows the line where it is written", async () => {
    await go("#/node/add%2Fstep0")
    await seen().getByRole("heading", { name: "add/step0" }).waitFor()
    assert.match(await writtenIn(".why"), /param by changed \(params\.yaml:\d+\): 1 -> 7/u)
    await seen().getByRole("link", { name: /^params\.yaml:\d+$/u }).click()
    await seen().locator(".source").waitFor()
    assert.match(await writtenIn(".source li[aria-current]"), /by: 7/u)
    await seen().goBack()
    await seen().getByRole("heading", { name: "add/step0" }).waitFor()
  })

  it("shows the rows of a table, sorted and filtered by the address", async () => {
    await seen().getByRole("link", { name: "numbers", exact: true }).click()
    await seen().getByRole("heading", { name: "numbers of add/step0" }).waitFor()
    const values = (): Promise<ReadonlyArray<string>> => seen().locator("tbody td:first-child").allInnerTexts()
    const before = await values()
    assert.isAbove(before.length, 1)
    await seen().getByRole("button", { name: "value" }).click()
    await seen().getByRole("button", { name: "value ▲" }).click()
    await seen().getByRole("button", { name: "value ▼" }).waitFor()
    const most = String(Math.max(...before.map(Number)))
    await seen().locator("tbody tr:first-child td").filter({ hasText: most }).waitFor()
    const down = (await values()).map(Number)
    assert.deepStrictEqual(down, down.toSorted((a, b) => b - a))
    await seen().getByRole("searchbox").fill(`value=${down[0]}`)
    await seen().getByRole("searchbox").press("Enter")
    await seen().locator("tbody tr:only-child").waitFor()
    assert.match(await seen().evaluate<string>("location.hash"), /sort=value/u)
  })

  it("names the node that a table was opened from, and the other one that made the same bytes", async () => {
    await go("#/node/clip%2Fstep0")
    await seen().getByRole("heading", { name: "clip/step0" }).waitFor()
    await seen().getByRole("link", { name: "numbers", exact: true }).click()
    await seen().getByRole("heading", { name: "numbers of clip/step0" }).waitFor()
    assert.match(await writtenIn(".note"), /^The same bytes were made by add\/step0\.$/u)
    await seen().locator(".note a").click()
    await seen().getByRole("heading", { name: "add/step0" }).waitFor()
  })

  it("lists runs and shows one, and compares it with what is declared now", async () => {
    await seen().getByRole("link", { name: "Runs" }).click()
    // The page before has a table, too.
    await seen().getByRole("heading", { name: "Runs", exact: true }).waitFor()
    assert.match(await writtenIn("tbody tr"), /main\s+succeeded\s+8\s+0\s+0/u)
    await seen().locator("tbody th a").click()
    await seen().getByRole("heading", { name: /^Run \d{8}-\d{6}/u }).waitFor()
    assert.match(await writtenIn("article"), /8 executed, 0 up to date, 0 failed, of 8/u)
    await seen().getByRole("link", { name: "with what is declared now" }).click()
    await seen().locator(".why").waitFor()
    assert.match(await writtenIn(".why"), /param by changed/u)
  })

  it("says what another text of a file would run, before it is saved", async () => {
    await seen().getByRole("link", { name: "Templates" }).click()
    await seen().getByRole("link", { name: "params.yaml" }).click()
    const editor = seen().getByRole("textbox")
    const text = await editor.inputValue()
    await editor.fill(text.replace("by: 7", "by: 8"))
    await seen().getByRole("button", { name: "What would run" }).click()
    await seen().getByRole("heading", { name: /^3 nodes would run or may/u }).waitFor()
    assert.match(await writtenIn("article"), /add\/step0\s+param by changed \(params\.yaml:\d+\): 1 -> 8/u)
    await editor.fill("steps: [")
    await seen().getByRole("button", { name: "What would run" }).click()
    assert.match(await writtenIn(".problem"), /^Line \d+: .*is not YAML/u)
    assert.strictEqual(project.read("params.yaml"), text)
  })

  it("shows the pages of the experiment, each with an address of its own, and nothing in them runs", async () => {
    await seen().getByRole("link", { name: "Things" }).click()
    await seen().locator("h1", { hasText: hostileName }).waitFor()
    assert.strictEqual(await writtenIn("h1"), hostileName)
    assert.include(await writtenIn("blockquote"), "<script>document.title='taken'</script>")
    assert.strictEqual(await seen().locator("mark.mark-said").innerText(), "marked")
    await seen().getByRole("link", { name: "one thing" }).click()
    await seen().getByRole("heading", { name: "one", exact: true }).waitFor()
    assert.strictEqual(await seen().evaluate("location.hash"), "#/page/things/one")
    await seen().getByRole("link", { name: `add/${hostileName}` }).click()
    await seen().getByRole("heading", { name: `add/${hostileName}` }).waitFor()
    assert.notStrictEqual(await seen().title(), "taken")
    assert.strictEqual(await seen().locator("img").count(), 0)
  })

  it.each(
    [
      ["light", 1280, "#/graph", "Graph of profile main"],
      ["dark", 390, "#/graph", "Graph of profile main"],
      ["light", 390, "#/node/add%2Fstep0", "add/step0"],
      ["dark", 1280, "#/node/add%2Fstep0", "add/step0"],
      ["light", 390, "#/runs", "Runs"],
      ["dark", 390, "#/page/things", hostileName],
    ] as const,
  )("is accessible and as wide as the screen in the %s at %i pixels: %s", async (scheme, width, hash, title) => {
    await seen().emulateMedia({ colorScheme: scheme })
    await seen().setViewportSize({ width, height: 800 })
    await go(hash)
    // Not any heading: that of the page before stays for a moment, and there is none while the next is asked for.
    await seen().locator("main h1", { hasText: title }).waitFor({ state: "attached" })
    const found = await seen().evaluate<ReadonlyArray<string>>(violations)
    assert.deepStrictEqual(found, [])
    assert.isAtMost(await seen().evaluate<number>("document.documentElement.scrollWidth"), width)
  })

  it("says what narrows the profile, follows edits of its files, and says that the code changed", async () => {
    await go("#/node/add%2Fstep0")
    assert.match(await writtenIn("header"), /profile main --steps all/u)
    project.edit("params.yaml", "by: 7", "by: 9")
    await seen().locator(".why", { hasText: "1 -> 9" }).waitFor()
    const text = project.read("params.yaml")
    project.write("params.yaml", "steps: [")
    await seen().locator("header [role=status]", { hasText: "is not YAML" }).waitFor()
    project.write("params.yaml", text.replace("by: 9", "by: 11"))
    await seen().locator(".why", { hasText: "1 -> 11" }).waitFor()
    assert.strictEqual(await writtenIn("header [role=status]"), "")
    project.edit("stages/add/stage.ts", "by: Schema.Int", "by: Schema.Int.annotate({})")
    await seen().locator("header [role=status]", { hasText: "The code changed. Start dag ui again" }).waitFor()
    // A page that is opened later hears it, too.
    await seen().reload()
    await seen().locator("header [role=status]", { hasText: "The code changed." }).waitFor()
  })

  it("never met an error or something that the page's rules forbid", () => assert.deepStrictEqual(problems, []))
})
