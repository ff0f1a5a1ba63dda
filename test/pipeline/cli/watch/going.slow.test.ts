import { assert, describe, it } from "@effect/vitest"
import { eventually, isAlive, sharedProject } from "../../../rig/project.ts"
import { descendants, Watch } from "../../../rig/watch.ts"

describe("what runs when files change under a watch", () => {
  const project = sharedProject()

  /** Two long nodes, each behind a file of its own, and one that takes many steps. */
  const prepare = (): void => {
    project.edit(
      "dag.config.ts",
      "    /** Two that run beside the engine. */",
      `    apart: (dag) => {
      for (const label of ["a", "b"]) {
        dag.add(heavy, { name: label, params: { label }, inputs: { numbers: numbers(dag, label + ".txt") } })
      }
    },
    saving: (dag) => {
      dag.add(steps, { name: "many", params: { label: "many", steps: 120, kilobytes: 1 }, inputs: { numbers: numbers(dag) } })
    },
    /** Two that run beside the engine. */`,
    )
    project.write("a.txt", "1\n")
    project.write("b.txt", "2\n")
  }
  const apart = ["--profile", "apart", "--jobs", "2"]
  const waiting = { a: "wait", b: "wait" }

  /** The process of a stage, another one than before. */
  const another = (label: string, before: number) =>
    eventually(`heavy ${label} runs again`, () => {
      const pid = project.counted(`heavy ${label}`)
      return pid === before ? undefined : pid
    })

  it("stops what became stale, starts it again, and leaves the rest alone", async () => {
    prepare()
    const watch = new Watch(project, apart, waiting)
    const [a, b] = [await project.process("heavy", "a"), await project.process("heavy", "b")]
    project.write("a.txt", "11\n")
    const stopped = await watch.until("a is stopped", ({ _tag, node }) => _tag === "WatchStopped" && node === "heavy/a")
    const second = await another("a", a)
    assert.isFalse(isAlive(a))
    assert.isTrue(isAlive(b))
    assert.isTrue(isAlive(second))
    project.open()
    await watch.settled(stopped)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy a", "heavy b", "read", "read", "read"])
    assert.lengthOf(watch.of("WatchStopped"), 1)
    assert.deepStrictEqual(watch.of("NodeFailed"), [])
    await watch.end()
    assert.notMatch((await project.dag("status", "--profile", "apart")).stdout, /[1-9]\d* will run/u)
  })

  it("goes on with what comes out the same behind an edit that changes nothing", async () => {
    prepare()
    project.write("a.txt", "1\n2\n")
    const watch = new Watch(project, apart, waiting)
    const [a, b] = [await project.process("heavy", "a"), await project.process("heavy", "b")]
    // Another file, of the same numbers.
    project.write("a.txt", "1\n2\n\n\n")
    const edited = await watch.until("the edit", ({ _tag }) => _tag === "WatchChanged")
    const read = await watch.until(
      "it is read",
      ({ _tag, node }) => _tag === "NodeSucceeded" && node === "read/a",
      edited,
    )
    await watch.until("a is taken over", ({ _tag, node }) => _tag === "NodeStarted" && node === "heavy/a", read)
    assert.isTrue(isAlive(a))
    assert.isTrue(isAlive(b))
    project.open()
    await watch.settled(edited)
    assert.deepStrictEqual(project.executions().filter((each) => each.startsWith("heavy")), ["heavy a", "heavy b"])
    await watch.end()
  })

  it("keeps what a stale node saved, and goes on from there after the edit is undone", async () => {
    prepare()
    const numbers = project.read("numbers.txt")
    const watch = new Watch(project, ["--profile", "saving"], { many: "wait" })
    /** Waits until so many executions have saved their third step. */
    const saved = (executions: number) =>
      eventually("three steps", () => {
        const states = project.files("artifacts/unfinished").filter((path) => path.endsWith("/state-3.json"))
        return states.length === executions ? true : undefined
      })
    await saved(1)
    project.write("numbers.txt", "77\n")
    await watch.until("it is stopped", ({ _tag }) => _tag === "WatchStopped")
    await saved(2)
    project.executions()
    project.write("numbers.txt", numbers)
    await eventually("it goes on", () => (project.counted("step many") ?? 0) >= 4 ? true : undefined)
    assert.notInclude(project.executions(), "step many 3")
    await watch.end()
  })

  it("goes on through an edit of code that does not concern it, in the process that it has", async () => {
    prepare()
    const watch = new Watch(project, apart, waiting)
    const [a, b] = [await project.process("heavy", "a"), await project.process("heavy", "b")]
    project.edit("stages/add/plus.ts", "one + other", "other + one")
    const built = await watch.until("it is built", ({ _tag }) => _tag === "WatchBuilding")
    await watch.until("the next engine runs", ({ _tag }) => _tag === "RunStarted", built)
    await watch.until(
      "it finds both at work",
      ({ _tag, node }) => _tag === "WatchGoesOn" && node === "heavy/b",
      built,
    )
    assert.isTrue(isAlive(a))
    assert.isTrue(isAlive(b))
    project.open()
    const { pid = 0 } = watch.process
    await watch.settled(built)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "read", "read"])
    // It is this watch that executes them: nobody is told of another run.
    assert.deepStrictEqual(watch.of("NodeElsewhere"), [])
    // The engine before has ended with them.
    await eventually("one engine is left", () => descendants(pid).length === 1 ? true : undefined)
    await watch.end()
  })

  it("stops what an edit of its code made stale, and runs that code", async () => {
    prepare()
    const watch = new Watch(project, apart, waiting)
    const [a, b] = [await project.process("heavy", "a"), await project.process("heavy", "b")]
    project.edit("stages/heavy/stage.ts", "value + label.length", "value + label.length + 1")
    const [otherA, otherB] = [await another("a", a), await another("b", b)]
    await eventually("the stale ones end", () => isAlive(a) || isAlive(b) ? undefined : true)
    assert.isTrue(isAlive(otherA))
    assert.isTrue(isAlive(otherB))
    project.open()
    await watch.until("b is done", ({ _tag, node }) => _tag === "NodeSucceeded" && node === "heavy/b")
    await watch.settled()
    assert.lengthOf(watch.of("WatchStopped"), 2)
    await watch.end()
    assert.notMatch((await project.dag("status", "--profile", "apart")).stdout, /[1-9]\d* will run/u)
  })

  it("does not execute again what failed for good, until it changes", async () => {
    prepare()
    const watch = new Watch(project, apart, { a: "stage" })
    const first = await watch.settled()
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "read", "read"])
    project.write("b.txt", "22\n")
    const second = await watch.worked(first)
    assert.deepStrictEqual(project.executions(), ["heavy b", "read"])
    assert.isAbove(watch.of("NodeFailed", first).length, 0)
    project.write("a.txt", "12\n")
    await watch.until("it fails again", ({ _tag }) => _tag === "NodeFailed", second)
    await watch.settled(second)
    assert.deepStrictEqual(project.executions(), ["heavy a", "read"])
    await watch.end()
  })

  it("does not execute again what its input or a bug made fail, until that changes", async () => {
    prepare()
    project.write("a.txt", "none\n")
    project.edit("stages/heavy/stage.ts", "value + label.length", "value + lengthOf(label)")
    project.edit(
      "stages/heavy/stage.ts",
      "export const heavy",
      `const lengthOf = (label: string): number => {
  if (label === "c") throw new TypeError("no length")
  return label.length
}

export const heavy`,
    )
    project.edit(
      "dag.config.ts",
      `["a", "b"]) {
        dag.add(heavy`,
      `["a", "b", "c"]) {
        dag.add(heavy`,
    )
    project.write("c.txt", "3\n")
    const watch = new Watch(project, apart)
    let at = await watch.settled()
    assert.deepStrictEqual(project.executions(), ["heavy b", "heavy c", "read", "read", "read"])
    for (const numbers of ["22\n", "222\n"]) {
      project.write("b.txt", numbers)
      at = await watch.worked(at)
      assert.deepStrictEqual(project.executions(), ["heavy b", "read"])
    }
    project.write("a.txt", "1\n")
    project.write("c.txt", "33\n")
    for (const label of ["a", "c"]) await project.process("heavy", label)
    await watch.end()
  })

  it("ends as a run does by Ctrl-C: workers save and end, nothing stays", async () => {
    prepare()
    const watch = new Watch(project, apart, waiting)
    const workers = [await project.process("heavy", "a"), await project.process("heavy", "b")]
    const { code, stderr } = await watch.end()
    assert.strictEqual(code, 130, stderr)
    assert.deepStrictEqual(workers.filter(isAlive), [])
    for (const folder of ["tmp", "pending", "leases"]) assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
  })

  it("leaves no process behind when it is killed", async () => {
    prepare()
    const watch = new Watch(project, apart, waiting)
    await project.process("heavy", "a")
    await project.process("heavy", "b")
    const all = descendants(watch.process.pid ?? 0)
    assert.isAbove(all.length, 2)
    watch.process.kill("SIGKILL")
    await watch.ended
    await eventually("all end", () => all.some(isAlive) ? undefined : true)
  })
})
