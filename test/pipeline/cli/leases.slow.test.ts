import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crowdRound } from "../../rig/crowd.ts"
import { eventually, isAlive, sharedProject } from "../../rig/project.ts"

const heavyA = ["run", "heavy/a", "--profile", "heavy"]
const waiting = { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" }

describe("several runs at once in one project", () => {
  const project = sharedProject()

  /** A run that executes heavy/a until the gate opens, and one that finds it at that. */
  const holderAndWaiter = async (variables: Readonly<Record<string, string>> = {}) => {
    const holder = project.start(heavyA, waiting)
    const worker = await project.process("heavy", "a")
    const waiter = project.start(heavyA, variables)
    let shown = ""
    waiter.process.stdout?.on("data", (text: string) => (shown += text))
    await eventually("the waiter to say so", () => (/^waits {4}heavy\/a/mu.test(shown) ? true : undefined))
    return { holder, worker, waiter }
  }

  it("row 6: eight runs, three of them killed, execute each key once and give the same results", async () => {
    for (let rounds = 0; rounds < 2; rounds++) {
      project.reset()
      await crowdRound(project, 8, 3)
    }
  })

  it("row 6, two-runs: one executes an action, the other waits, does not do it again, and both say so", async () => {
    const { holder, waiter } = await holderAndWaiter()
    const before = project.files("artifacts")
    const status = await project.dag("status", "--profile", "heavy")
    const pid = holder.process.pid ?? 0
    const who = String.raw`run \S+ \(process ${pid} on \S+\) executes it, since \d\d:\d\d:\d\d`
    assert.match(status.stdout, new RegExp(String.raw`^running {2}heavy/a {2}${who}$`, "mu"))
    const { executing } = JSON.parse((await project.dag("status", "--profile", "heavy", "--json")).stdout) as {
      readonly executing: ReadonlyArray<{ readonly node: string; readonly pid: number; readonly run: string }>
    }
    assert.deepStrictEqual(executing.map(({ node, pid }) => ({ node, pid })), [{ node: "heavy/a", pid }])
    assert.match(
      (await project.dag("plan", "heavy/a", "--profile", "heavy")).stdout,
      new RegExp(`^running {2}heavy/a {2}${who}$`, "mu"),
    )
    assert.notInclude((await project.dag("plan", "heavy/b", "--profile", "heavy")).stdout, "running")
    assert.deepStrictEqual(project.files("artifacts"), before, "who only reads writes nothing")

    holder.process.kill("SIGSTOP")
    await eventually(
      "the holder to be stopped",
      () => (/\) T /u.test(readFileSync(`/proc/${pid}/stat`, "utf8")) ? true : undefined),
    )
    assert.include(
      (await project.dag("status", "--profile", "heavy")).stdout,
      "but is stopped now: let it go on with kill -CONT",
    )
    holder.process.kill("SIGCONT")

    project.open()
    for (const { ended } of [holder, waiter]) assert.strictEqual((await ended).code, 0)
    const { stdout } = await waiter.ended
    assert.match(stdout, new RegExp(String.raw`^waits {4}heavy/a {2}${who}$`, "mu"))
    assert.match(stdout, /^done {5}heavy\/a {2}executed by another run$/mu)
    assert.match(stdout, /0 nodes executed, 2 up to date/u)
    assert.deepStrictEqual(project.executions(), ["heavy a", "read"])
    assert.notInclude((await project.dag("status", "--profile", "heavy")).stdout, "running")
  })

  it("row 6: one does other work while another executes what it would do first", async () => {
    const holder = project.start(heavyA, waiting)
    await project.process("heavy", "a")
    const other = project.start(["run", "--profile", "heavy", "--jobs", "1"])
    await project.process("heavy", "b")
    await eventually("heavy/b to be recorded", () => project.files("artifacts/actions").length === 2 ? true : undefined)
    project.open()
    for (const { ended } of [holder, other]) assert.strictEqual((await ended).code, 0)
    assert.include((await other.ended).stdout, "Totals: [{\"total\":21,\"tables\":2}]")
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "heavy c", "read", "total"])
  })

  it("row 6: one tries itself what failed for another", async () => {
    const { holder, worker, waiter } = await holderAndWaiter()
    process.kill(worker, "SIGKILL")
    assert.strictEqual((await holder.ended).code, 1)
    const { code, stdout } = await waiter.ended
    assert.strictEqual(code, 0, stdout)
    assert.match(stdout, /1 node executed, 1 up to date/u)
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy a", "read"])
  })

  it("row 6: one takes over from another that was killed, and goes on from what that one saved", async () => {
    const many = ["run", "steps/many", "--profile", "steps"]
    const holder = project.start(many, { RIG_BEHAVIOUR: "{\"many\":\"wait\"}" })
    const worker = await project.process("steps", "many")
    await eventually(
      "three steps to be saved",
      () => (project.files("artifacts/unfinished").some((path) => path.endsWith("/state-3.json")) ? true : undefined),
    )
    const waiter = project.start(many)
    let shown = ""
    waiter.process.stdout?.on("data", (text: string) => (shown += text))
    await eventually("the waiter to say so", () => (/^waits {4}steps\/many/mu.test(shown) ? true : undefined))
    holder.process.kill("SIGKILL")
    const { code, stdout } = await waiter.ended
    assert.strictEqual(code, 0, stdout)
    await eventually("the worker of the dead to end", () => (isAlive(worker) ? undefined : true))
    const executions = project.executions()
    for (let step = 1; step <= 120; step++) {
      assert.lengthOf(executions.filter((line) => line === `step many ${step}`), 1, `step ${step}`)
    }
    for (const folder of ["tmp", "pending", "leases", "processes", "unfinished"]) {
      assert.deepStrictEqual(project.files(`artifacts/${folder}`), [], folder)
    }
  })

  it("row 6: one does not begin beside a worker that outlived its engine", async () => {
    const holder = project.start(heavyA, { RIG_BEHAVIOUR: "{\"a\":\"spin\"}" })
    const worker = await project.process("heavy", "a")
    holder.process.kill("SIGKILL")
    await holder.ended
    const waiter = project.start(heavyA)
    let shown = ""
    waiter.process.stdout?.on("data", (text: string) => (shown += text))
    const words = new RegExp(String.raw`^waits {4}heavy/a {2}[^\n]*process ${worker}\b`, "mu")
    await eventually("the waiter to wait for the worker", () => (words.test(shown) ? true : undefined))
    assert.deepStrictEqual(project.executions(), ["heavy a", "read"])
    process.kill(worker, "SIGKILL")
    const { code, stdout } = await waiter.ended
    assert.strictEqual(code, 0, stdout)
    assert.deepStrictEqual(project.executions(), ["heavy a"])
    for (const folder of ["tmp", "pending", "leases", "processes"]) {
      assert.deepStrictEqual(project.files(`artifacts/${folder}`), [], folder)
    }
  })

  it("row 6: one that fails elsewhere does not wait for others", async () => {
    const holder = project.start(heavyA, waiting)
    await project.process("heavy", "a")
    const other = await project.behaving({ b: "stage" }, ["run", "--profile", "heavy", "--jobs", "2"])
    assert.strictEqual(other.code, 1)
    assert.match(other.stdout, /1 failed/u)
    project.open()
    assert.strictEqual((await holder.ended).code, 0)
  })
})
