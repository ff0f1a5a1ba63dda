/**
 * Times the page of `dag ui` in a browser: node bench/ui.ts [PROJECT [PROFILE]]. It prints when the page is first painted
 * and when its graph can be used, the frames while the graph is panned, folded and with every node drawn, what the list of
 * runs takes, and the script's size.
 */
import { spawn } from "node:child_process"
import { join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { chromium, type Page } from "playwright-core"
import { bundledPage } from "../pipeline/build/page.ts"

const repository = resolve(import.meta.dirname, "..")
const [project = repository, profile = "paper"] = process.argv.slice(2)

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const middle = (values: ReadonlyArray<number>, part = 0.5): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? NaN

/** Notes the time between frames, in the page, whose types are not those of Node. */
const recording = `(() => {
  globalThis.frameTimes = []
  cancelAnimationFrame(globalThis.frameWanted)
  let last = performance.now()
  const tick = (now) => {
    globalThis.frameTimes.push(now - last)
    last = now
    globalThis.frameWanted = requestAnimationFrame(tick)
  }
  globalThis.frameWanted = requestAnimationFrame(tick)
})()`

/** Unfolds every box, and gives how long it took until the canvas was drawn, in ms. */
const unfolded = `new Promise((done) => {
  const canvas = document.querySelector("canvas")
  const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Unfold all")
  if (button === undefined) return done(0)
  const start = performance.now()
  new MutationObserver(() => done(performance.now() - start)).observe(canvas, { attributeFilter: ["data-boxes"] })
  button.click()
})`

/** Asks for the list of runs, and gives how long that took, in ms. */
const listed = `(async () => {
  const start = performance.now()
  const { runs } = await (await fetch("/api/runs", { headers: { "x-redag": localStorage.getItem("redag") } })).json()
  globalThis.runsListed = String(runs.length)
  return performance.now() - start
})()`

/** Drags the graph to and fro, and says how long the frames took. */
const pan = async (page: Page, what: string): Promise<void> => {
  const box = await page.locator("canvas").boundingBox()
  const [x, y] = [(box?.x ?? 0) + 600, (box?.y ?? 0) + 300]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.evaluate(recording)
  for (let step = 0; step < 120; step++) await page.mouse.move(x - 4 * step, y + (step % 40))
  const frames = await page.evaluate<ReadonlyArray<number>>("globalThis.frameTimes")
  await page.mouse.up()
  say(
    `frames while panning, ${what}: median ${middle(frames).toFixed(1)} ms, p95 ${middle(frames, 0.95).toFixed(1)} ms`,
  )
}

const { script } = await bundledPage(repository)
say(`script: ${(gzipSync(script).length / 1000).toFixed(1)} kB in gzip`)

const child = spawn(process.execPath, [join(repository, "dist/dag.js"), "ui", "--profile", profile], {
  cwd: project,
  stdio: ["ignore", "pipe", "inherit"],
})
const address = await new Promise<string>((done) => {
  let text = ""
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece
    const [found] = /http\S+/u.exec(text) ?? []
    if (found !== undefined) done(found)
  })
})
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium" })
const rounds = 7
const [paints, uses]: [Array<number>, Array<number>] = [[], []]
for (let round = 0; round <= rounds; round++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(address)
  await page.locator("html[data-ready]").waitFor()
  const paint = await page.evaluate<number>(`performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`)
  const use = await page.evaluate<number>(`Number(document.documentElement.dataset.ready)`)
  // The server looks at the profile for the first time.
  if (round > 0) {
    paints.push(paint)
    uses.push(use)
  }
  if (round === rounds) {
    const nodes = await page.locator(".legend").innerText()
    say(nodes.split("\n")[0] ?? "")
    await pan(page, "folded")
    const unfolding = await page.evaluate<number>(unfolded)
    say(`every node drawn ${unfolding.toFixed(0)} ms after a click on "Unfold all"`)
    await pan(page, "every node drawn")
    await page.getByLabel("Zoom in").click({ clickCount: 12 })
    await pan(page, "every node drawn, near")
    const lists: Array<number> = []
    for (let look = 0; look < rounds; look++) lists.push(await page.evaluate<number>(listed))
    say(
      `${await page.evaluate<string>("globalThis.runsListed")} runs listed: first ${
        lists[0]?.toFixed(0)
      } ms, then median ${middle(lists.slice(1)).toFixed(0)} ms`,
    )
  }
  await page.close()
}
say(`first paint: median ${middle(paints).toFixed(0)} ms; graph drawn: median ${middle(uses).toFixed(0)} ms`)
await browser.close()
child.kill()
