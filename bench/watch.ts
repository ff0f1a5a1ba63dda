/**
 * How soon `dag watch` starts what an edit affects: from the end of the write of one line of a template of the demo.
 *
 * Run as `node bench/watch.ts [ROUNDS]` (9): it watches a copy of this checkout, with a store of its own. Prints medians on
 * the clock, from there to what the watch says, in ms: that something changed, what is planned, that the first node starts.
 */
import { execFileSync, spawn } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { repository } from "./engine/install.ts"
import { median, table } from "./report.ts"

const rounds = Number(process.argv[2] ?? 9)
const TEMPLATE = "stages/template/cdr.yaml"

/** The files of this checkout that git knows, as they are now, with the packages of it. */
const copied = (folder: string): string => {
  const root = join(folder, "project")
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]
  const files = execFileSync("git", list, { cwd: repository, encoding: "utf8", maxBuffer: 2 ** 28 })
  for (const file of files.split("\0")) {
    if (file === "") continue
    mkdirSync(dirname(join(root, file)), { recursive: true })
    copyFileSync(join(repository, file), join(root, file))
  }
  execFileSync("cp", ["-al", join(repository, "node_modules"), join(root, "node_modules")])
  execFileSync(process.execPath, ["pipeline/build/prepare.ts"], { cwd: root })
  return root
}

interface Line {
  readonly _tag: string
  readonly node?: string
}

const folder = mkdtempSync(join(tmpdir(), "redag-watch-bench-"))
try {
  const root = copied(folder)
  const words = [join(root, "dist/dag.js"), "watch", "template", "--profile", "demo", "--yes", "--json"]
  const watch = spawn(process.execPath, words, { cwd: root, stdio: ["ignore", "pipe", "inherit"] })
  const waiting = new Map<(line: Line) => boolean, (at: number) => void>()
  createInterface({ input: watch.stdout }).on("line", (text) => {
    const at = performance.now()
    const line = JSON.parse(text) as Line
    for (const [isIt, then] of waiting) {
      if (!isIt(line)) continue
      waiting.delete(isIt)
      then(at)
    }
  })
  /** When the next line comes that is so. */
  const next = (isIt: (line: Line) => boolean): Promise<number> => new Promise((then) => waiting.set(isIt, then))
  const is = (tag: string) => (line: Line) => line._tag === tag

  await next(is("WatchSettled"))
  const before = readFileSync(join(root, TEMPLATE), "utf8")
  const steps = ["WatchChanged", "WatchPlanned", "NodeStarted"] as const
  const taken = steps.map((): Array<number> => [])
  for (let round = 0; round < rounds; round++) {
    const heard = steps.map((step) => next(is(step)))
    const settled = next(is("WatchSettled"))
    writeFileSync(join(root, TEMPLATE), before.replace("Find all instances", `Find all the ${round} instances`))
    const began = performance.now()
    for (const [step, at] of (await Promise.all(heard)).entries()) taken[step]?.push(at - began)
    await settled
  }
  watch.kill("SIGINT")
  process.stdout.write(table([
    ["", ...steps],
    ["ms after the edit", ...taken.map((all) => median(all).toFixed(0))],
  ]))
  process.stdout.write(`${rounds} rounds; node ${process.versions.node}, ${cpus()[0]?.model}; load ${loadavg()[0]}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
