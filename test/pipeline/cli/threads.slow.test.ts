import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { eventually, isAlive, sharedProject, type Variables } from "../../rig/project.ts"

const run = ["run", "--profile", "light", "--jobs", "2", "--keep-going"]

describe("row 13: an inline stage", () => {
  const project = sharedProject()

  const behaving = (behaviour: Variables, variables: Variables = {}) =>
    project.start(run, { RIG_BEHAVIOUR: JSON.stringify(behaviour), ...variables })

  for (const [behaviour, signal, code] of [["spin", "SIGINT", 130], ["regex", "SIGTERM", 143]] as const) {
    it(`that never yields (${behaviour}) is stopped by ${signal}; what had finished is kept`, async () => {
      const started = behaving({ a: behaviour })
      await eventually(
        "the other to finish",
        () => (project.files("artifacts/actions").length === 2 ? true : undefined),
      )
      // Its thread may come to it after the other has finished.
      await eventually(
        "the one that never yields to begin",
        () => (project.words().some(([stage, label]) => stage === "light" && label === "a") ? true : undefined),
      )
      started.process.kill(signal)
      const ended = await started.ended
      assert.strictEqual(ended.code, code, ended.stderr)
      assert.match(
        ended.stdout,
        /Interrupted\. 2 nodes had finished and are in the store\. 1 node that ran will start/u,
      )
      assert.strictEqual(ended.stderr, "")
      for (const folder of ["tmp", "pending", "logs", "leases"]) {
        assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
      }
      assert.deepStrictEqual(project.executions(), ["light a", "light b", "read"])
      assert.strictEqual((await project.dag(...run)).code, 0)
      assert.deepStrictEqual(project.executions(), ["light a"])
    })
  }

  it("that ends its thread or runs out of memory there is a failed node; the run goes on", async () => {
    const exits = await behaving({ a: "exit" }).ended
    assert.match(exits.stdout, /failed {3}light\/a\n\s+its thread ended itself with code 7\n/u)
    assert.match(exits.stdout, /2 nodes executed, 0 up to date, 1 failed/u)
    project.executions()
    const memory = await behaving({ a: "memory" }, { NODE_OPTIONS: "--max-old-space-size=100" }).ended
    assert.match(memory.stdout, /failed {3}light\/a\n\s+its thread ran out of JavaScript heap\n\s+help: .*--jobs 1/u)
    assert.match(memory.stdout, /0 nodes executed, 2 up to date, 1 failed/u)
    assert.strictEqual(memory.code, 1)
    const bug = await behaving({ a: "bug" }).ended
    assert.match(bug.stdout, /failed {3}light\/a\n\s+.*an index is undefined\n\s+at .*stages\/behave\.ts:\d+/u)
    assert.strictEqual((await project.dag(...run)).code, 0)
  })

  it("whose thread ends while its outputs are published has failed, and is executed once; others are not lost", async () => {
    project.executions()
    const { code, stdout } = await behaving({ a: "leftOver" }).ended
    assert.strictEqual(code, 1, stdout)
    assert.match(stdout, /failed {3}light\/a\n\s+Error: left over\n\s+at /u)
    assert.deepStrictEqual(project.executions().filter((line) => line === "light a"), ["light a"])
    assert.strictEqual((await project.dag(...run)).code, 0)
    assert.deepStrictEqual(project.executions(), ["light a"])
  })

  it("that prints does so into the log of its action, and into logs/ where it fails", async () => {
    const { stdout, stderr } = await behaving({ a: "print" }).ended
    assert.notInclude(stdout + stderr, "a word from the stage")
    const why = await project.dag("why", "light/a", "--profile", "light", "--json")
    const { record: { log } } = JSON.parse(why.stdout) as {
      readonly record: { readonly log: { readonly digest: string } }
    }
    const path = project.path("artifacts/objects", log.digest.slice(0, 2), log.digest.slice(2))
    assert.strictEqual(readFileSync(path, "utf8"), "a word from the stage\n")
    project.edit("dag.config.ts", "for (const label of [\"a\", \"b\"])", "for (const label of [\"aa\", \"b\"])")
    await behaving({ aa: "exit" }).ended
    // A thread that ended itself cannot say what it printed; one whose stage fails can.
    const failed = await behaving({ aa: "printAndFail" }).ended
    assert.strictEqual(failed.code, 1)
    const [logged] = project.files("artifacts/logs")
    assert.strictEqual(readFileSync(logged ?? "", "utf8"), "a word from the stage\n")
  })
})

describe("row 12: a stage that is stopped", () => {
  const project = sharedProject()
  const stopping = ["run", "--profile", "stopping"]

  const lastStep = () => project.counted("step stoppable") ?? 0

  const untilStep = async (step: number) => {
    // Not so many that the stage could end before it is stopped, however late that comes.
    const started = project.start(stopping, { RIG_STEPS: "20" })
    const worker = await eventually("the stage to run", () => {
      const pid = project.counted("stoppable all")
      return pid !== undefined && isAlive(pid) ? pid : undefined
    })
    await eventually(`step ${step}`, () => (lastStep() >= step ? true : undefined))
    return { started, worker }
  }

  const ways: ReadonlyArray<readonly [how: string, code: number, stop: (engine: number, worker: number) => void]> = [
    ["by SIGINT", 130, (engine) => process.kill(engine, "SIGINT")],
    ["by SIGTERM", 143, (engine) => process.kill(engine, "SIGTERM")],
    ["by a terminal that is closed", 129, (engine) => process.kill(engine, "SIGHUP")],
    ["with all other processes, as by a batch system", 143, (engine, worker) => {
      for (const pid of [worker, engine, worker]) process.kill(pid, "SIGTERM")
    }],
  ]

  it("saves its step and then ends, however it is stopped; no step is made twice", async () => {
    let made = 0
    for (const [how, code, stop] of ways) {
      const { started, worker } = await untilStep(made + 5)
      stop(started.process.pid ?? 0, worker)
      const ended = await started.ended
      assert.strictEqual(ended.code, code, how + ended.stderr)
      assert.match(
        ended.stdout,
        /Interrupted\. \d nodes? had finished and (?:is|are) in the store\. stoppable\/all will go on from what it saved\. Run/u,
        how,
      )
      assert.isFalse(isAlive(worker))
      made = lastStep()
    }
    assert.strictEqual((await project.dag(...stopping)).code, 0)
    const steps = project.executions().flatMap((line) => /^step stoppable (\d+)$/u.exec(line)?.[1] ?? [])
    assert.sameMembers(steps, Array.from({ length: 100 }, (_, index) => String(index + 1)))
  })

  it("is ended at once by a second signal, which also ends one that hears nothing", async () => {
    const started = project.start(["run", "--profile", "heavy"], { RIG_BEHAVIOUR: "{\"a\":\"spin\"}" })
    const worker = await project.process("heavy", "a")
    let said = ""
    started.process.stdout?.on("data", (text: string) => (said += text))
    started.process.kill("SIGINT")
    await eventually("it is heard", () => (said.includes("Stopping;") ? true : undefined))
    assert.isTrue(isAlive(worker))
    // Two at once are one press, as npx passes on what the terminal has sent already.
    await eventually("the second signal counts", () => {
      started.process.kill("SIGINT")
      return started.process.exitCode === null ? undefined : true
    })
    const { code, stdout } = await started.ended
    assert.strictEqual(code, 130)
    assert.notInclude(stdout, "Interrupted")
    await eventually("the worker to end", () => (isAlive(worker) ? undefined : true))
  })
})
