import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { hostname } from "node:os"
import { pathToFileURL } from "node:url"
import { type Browser, chromium, type Page } from "playwright-core"
import { Project } from "../rig/project.ts"
import { ask, enter, executablePath, type Serving, serving, skipped } from "./serving.ts"

describe.skipIf(executablePath === undefined)(`runs on the page of dag ui${skipped}`, () => {
  const project = new Project()
  let served: Serving | undefined
  let browser: Browser | undefined
  let page: Page | undefined
  const seen = (): Page => {
    if (page === undefined) throw new Error("there is no page")
    return page
  }
  const start = (selectors: unknown): ReturnType<typeof ask> =>
    enter(served ?? { address: "", port: 0, token: "", running: project.start(["help"]) }).then((known) =>
      ask(served?.port ?? 0, "/api/start", {
        method: "POST",
        headers: { ...known, "origin": `http://127.0.0.1:${served?.port}`, "content-type": "application/json" },
        body: JSON.stringify({ selectors }),
      })
    )

  beforeAll(async () => {
    served = await serving(project, ["--profile", "learning", "--allow-run"], {
      RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }),
    })
    browser = await chromium.launch({ executablePath: executablePath ?? "" })
    page = await browser.newPage()
    page.setDefaultTimeout(0)
    await page.goto(served.address)
    await page.locator("html[data-ready]").waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await project.end()
    project.remove()
  })

  it("start nothing for what is no selector: a flag, a text that is none, no list", async () => {
    for (const selectors of [["--force"], ["-y"], ["nothing/*"], "learn/a", [1], [""]]) {
      assert.strictEqual((await start(selectors)).status, 400)
    }
    assert.deepStrictEqual(project.executions(), [])
  })

  it("are started, followed while they are at work, with what a node shows so far, and stopped", async () => {
    await seen().getByRole("link", { name: "Runs" }).click()
    await seen().getByLabel("Nodes").fill("learn/a")
    await seen().getByRole("button", { name: "Run", exact: true }).click()
    // The list hears of the run, which is there once its first node starts.
    await seen().locator("tbody th a").click()
    await seen().getByText("15 of 40 steps").waitFor()
    assert.strictEqual(await seen().locator("article [role=status]").innerText(), "running")
    assert.match(await seen().locator("article").innerText(), /granted/u)
    await seen().getByRole("link", { name: "Runs" }).click()
    await seen().getByRole("button", { name: "Cancel" }).click()
    await seen().getByRole("cell", { name: "interrupted" }).waitFor()
  })

  it("are said to have not ended on an open page when they are killed", async () => {
    const run = project.start(["run", "learn/a", "--profile", "learning"], {
      RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }),
    })
    await seen().getByRole("cell", { name: "running" }).waitFor()
    await seen().locator("tbody tr", { hasText: "running" }).locator("th a").click()
    await seen().getByText("15 of 40 steps").waitFor()
    run.process.kill("SIGKILL")
    await run.ended
    await seen().locator("article [role=status]", { hasText: "did not end" }).waitFor()
  })

  it("can be looked at in one file without a server, with a network that is off", async () => {
    project.open()
    assert.strictEqual((await project.dag("run", "--yes")).code, 0)
    const written = await project.dag("ui", "--export", "page.html")
    assert.strictEqual(written.code, 0, written.stderr)
    assert.notInclude(project.read("page.html"), JSON.stringify(hostname()))
    assert.notInclude(project.read("page.html"), project.root)
    const context = await (browser ?? assert.fail("no browser")).newContext({ offline: true })
    const alone = await context.newPage()
    alone.setDefaultTimeout(0)
    const problems: Array<string> = []
    alone.on("pageerror", ({ message }) => problems.push(message))
    alone.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text())
    })
    await alone.goto(pathToFileURL(project.path("page.html")).href)
    await alone.locator("html[data-ready]").waitFor()
    assert.match(await alone.locator(".legend").innerText(), /^8 nodes:\s+● 8 up to date/u)
    await alone.getByLabel("Longest way").check()
    await alone.getByText("No node would run: there is no longest way").waitFor()
    await alone.getByRole("link", { name: "Runs" }).click()
    await alone.locator("tbody tr").filter({ hasText: "main" }).locator("th a").click()
    await alone.getByText("7 executed, 1 up to date, 0 failed, of 8").waitFor()
    await alone.evaluate(`location.hash = "#/node/total%2Fall"`)
    await alone.getByRole("link", { name: "totals", exact: true }).click()
    await alone.getByRole("heading", { name: "totals of total/all" }).waitFor()
    assert.deepStrictEqual(problems, [])
    const again = await project.dag("ui", "--export", "numbers.txt")
    assert.strictEqual(again.code, 1)
    assert.match(again.stderr, /there with other content/u)
  })

  it("ends with Ctrl-C, and nothing listens then", async () => {
    const { running, port } = served ?? assert.fail("not served")
    running.process.kill("SIGINT")
    assert.strictEqual((await running.ended).code, 130)
    const refused = await ask(port, "/").then(() => false, () => true)
    assert.isTrue(refused)
  })
})
