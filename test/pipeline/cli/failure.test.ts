import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { type Ended, sharedProject } from "../../rig/project.ts"

/** How a stage in a process of its own may end badly, and what the user is told of it. */
const endings: ReadonlyArray<readonly [behaviour: string, told: RegExp]> = [
  ["input", /failed {3}heavy\/a\n\s+corpus\.txt:7: offset: is past the text\n\s+help: mend the line/u],
  ["stream", /failed {3}heavy\/a\n\s+corpus\.txt:7: offset: is past the text\n\s+help: mend the line/u],
  ["stage", /failed {3}heavy\/a\n\s+the loss is NaN\n\s+help: lower the learning rate/u],
  ["bug", /failed {3}heavy\/a\n\s+Error: an index is undefined\n\s+at [^]*help: this is a defect/u],
  ["exit", /failed {3}heavy\/a\n\s+its process exited with code 7; it last printed:\n\s+bye\n\s+help: .*\.log/u],
  [
    "kill",
    /failed {3}heavy\/a\n\s+its process was killed by SIGKILL\n\s+help: most likely memory ran out: it was granted 0\.3 GB of this machine's [\d.]+ GB; [^\n]*it printed nothing/u,
  ],
  [
    "exit137",
    /failed {3}heavy\/a\n\s+its process exited with code 137, as after SIGKILL; it last printed:\n\s+Killed\n\s+help: most likely memory ran out[^\n]*\.log/u,
  ],
  ["segfault", /failed {3}heavy\/a\n\s+its process was killed by SIGSEGV\n\s+help: native code crashed/u],
  ["array", /failed {3}heavy\/a\n\s+memory ran out: Array buffer allocation failed\n\s+help: it was granted 0\.3 GB/u],
  ["memory", /failed {3}heavy\/a\n\s+its process ran out of JavaScript heap\n\s+help: .*batch size.*\.log/u],
]

/** A heap that the engine fits in, but not a stage that takes all it can get. */
const smallHeap = { NODE_OPTIONS: "--max-old-space-size=96" }

describe("a node that fails", () => {
  const project = sharedProject()

  /** No file is half written, and no job waits for anybody. */
  const assertClean = () => {
    assert.deepStrictEqual(project.files("artifacts/tmp"), [])
    assert.deepStrictEqual(project.files("artifacts/pending"), [])
  }

  it.each(endings)("by %s is told with its cause; what does not stand on it is kept", async (behaviour, told) => {
    const words = ["run", "--profile", "heavy", "--keep-going"]
    const run = await project.behaving({ a: behaviour }, words, smallHeap)
    assert.strictEqual(run.code, 1, run.stderr)
    assert.match(run.stdout, told)
    assert.match(run.stdout, /blocked {2}heavy\/c {2}by heavy\/a/u)
    assert.match(run.stdout, /2 nodes executed, 0 up to date, 1 failed, 2 blocked/u)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "read"])
    assertClean()
    const log = /(\S+\.log)/u.exec(run.stdout)?.[1]
    if (behaviour === "exit") assert.strictEqual(log === undefined ? "" : readFileSync(log, "utf8"), "bye\n")
    if (behaviour === "memory") assert.include(log === undefined ? "" : readFileSync(log, "utf8"), "heap out of memory")
    const again = await project.dag("run", "--profile", "heavy")
    assert.strictEqual(again.code, 0)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy c", "total"])
  })

  it("stops what has not begun, unless told to keep going", async () => {
    const run = await project.behaving({ a: "stage" }, ["run", "--profile", "heavy", "--jobs", "1"])
    assert.strictEqual(run.code, 1)
    assert.deepStrictEqual(project.executions(), ["heavy a", "read"])
    assertClean()
  })

  it("in the engine's own process is told by file, line and field", async () => {
    project.write("numbers.txt", "1\ntwo\n3\n")
    const run: Ended = await project.dag("run")
    assert.strictEqual(run.code, 1)
    assert.match(run.stdout, /numbers\.txt:2: value: "two" is no number\n\s+help: write one whole number a line/u)
    assert.match(run.stdout, /0 nodes executed, 0 up to date, 1 failed, 3 blocked|1 failed/u)
    assert.strictEqual((await project.dag("results")).code, 1)
  })

  it("does not take the engine with it when it talks on the engine's channel", async () => {
    const run = await project.behaving({ a: "talk", b: "print" }, ["run", "--profile", "heavy"])
    assert.strictEqual(run.code, 0, run.stdout)
    // What a stage printed is kept with its action.
    const { record } = JSON.parse((await project.dag("why", "heavy/b", "--profile", "heavy", "--json")).stdout) as {
      readonly record: { readonly log: { readonly digest: string } | null; readonly peakMemory: number }
    }
    const { log, peakMemory } = record
    assert.isAbove(peakMemory, 10)
    assert.isNotNull(log)
    const path = project.path("artifacts/objects", log?.digest.slice(0, 2) ?? "", log?.digest.slice(2) ?? "")
    assert.strictEqual(readFileSync(path, "utf8"), "a word from the stage\n")
  })
})
