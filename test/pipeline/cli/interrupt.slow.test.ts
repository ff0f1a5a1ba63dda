import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename, dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { eventually, isAlive, sharedProject } from "../../rig/project.ts"
import { workerOf } from "../../rig/workers.ts"

const heavy = ["run", "--profile", "heavy", "--jobs", "2"]

describe("a run that is broken off", () => {
  const project = sharedProject()

  /** Every object has the content that its name says. */
  const assertSound = () => {
    const objects = project.files("artifacts/objects")
    assert.isAbove(objects.length, 0)
    for (const path of objects) {
      const name = basename(dirname(path)) + basename(path)
      assert.strictEqual(createHash("sha256").update(readFileSync(path)).digest("hex"), name)
    }
  }

  /** Starts the heavy profile, and waits until `b` waits in its process and everything else that can has finished. */
  const untilOneWaits = async (behaviour = "wait") => {
    const run = project.start(heavy, { RIG_BEHAVIOUR: JSON.stringify({ b: behaviour }) })
    const worker = await project.process("heavy", "b")
    await eventually(
      "heavy/c to finish",
      () =>
        project.files("artifacts/actions").length >= 3 && project.files("artifacts/pending").length === 1
          ? true
          : undefined,
    )
    return { run, worker }
  }

  const signals = [["SIGINT", "wait"], ["SIGTERM", "wait"], ["SIGINT", "spin"]] as const
  for (const [signal, behaviour] of signals) {
    it(`by ${signal} during a ${behaviour} says what is kept, leaves nothing and repeats nothing`, async () => {
      const { run, worker } = await untilOneWaits(behaviour)
      run.process.kill(signal)
      const { code, stdout, stderr } = await run.ended
      assert.strictEqual(code, signal === "SIGINT" ? 130 : 143, stderr)
      assert.match(stdout, /Interrupted\. \d+ nodes? had finished and (?:is|are) in the store/u)
      assert.strictEqual(stderr, "")
      assert.isFalse(isAlive(worker))
      for (const folder of ["tmp", "pending", "logs"]) assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
      assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "heavy c", "read"])
      const [log] = project.files("artifacts/runs")
      const events = readFileSync(log ?? "", "utf8").trimEnd().split("\n")
      assert.include(events.at(-1), "\"outcome\":\"interrupted\"")
      const again = await project.dag(...heavy)
      assert.strictEqual(again.code, 0, again.stderr)
      assert.deepStrictEqual(project.executions(), ["heavy b", "total"])
      assertSound()
    })
  }

  it("says at once that it stops, and a second Ctrl-C soon after ends it and its worker", async () => {
    const { run, worker } = await untilOneWaits("spin")
    let said = ""
    run.process.stdout?.on("data", (text: string) => (said += text))
    run.process.kill("SIGINT")
    await eventually(
      "the run says so",
      () => (said.includes("Stopping; trainings save their step.") ? true : undefined),
    )
    assert.isTrue(isAlive(worker))
    // The press of a hand that has read it, which is no echo of the first by npx.
    await eventually("it ends", () => {
      run.process.kill("SIGINT")
      return run.process.exitCode === null ? undefined : true
    })
    const { code, stdout } = await run.ended
    assert.strictEqual(code, 130)
    // Without another word: nothing was waited for.
    assert.match(stdout, /Press Ctrl-C again to end at once\.\n$/u)
    await eventually("the worker to end", () => (isAlive(worker) ? undefined : true))
  })

  it("by kill -9 takes its worker with it; the next run goes on from there", async () => {
    const { run, worker } = await untilOneWaits()
    run.process.kill("SIGKILL")
    assert.strictEqual((await run.ended).signal, "SIGKILL")
    await eventually("the worker to end", () => (isAlive(worker) ? undefined : true))
    assertSound()
    project.executions()
    const again = await project.dag(...heavy)
    assert.strictEqual(again.code, 0, again.stderr)
    assert.deepStrictEqual(project.executions(), ["heavy b", "total"])
    assertSound()
    // What the dead left is swept away.
    for (const folder of ["tmp", "pending", "logs"]) assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
  })

  it("goes on after its worker alone was killed from outside", async () => {
    const { run, worker } = await untilOneWaits()
    process.kill(worker, "SIGKILL")
    const { code, stdout } = await run.ended
    assert.strictEqual(code, 1)
    assert.match(stdout, /failed {3}heavy\/b\n\s+its process was killed by SIGKILL/u)
    assertSound()
  })

  // While a worker loads its program it does not hear yet that its engine has ended.
  it.skipIf(process.platform !== "linux")(
    "by kill -9 just as a worker begins takes the worker with it too",
    async () => {
      for (const milliseconds of [0, 40, 80]) {
        const run = project.start(heavy, { RIG_BEHAVIOUR: JSON.stringify({ a: "wait", b: "wait" }) })
        const worker = await eventually("a worker begins", () => workerOf(run.process.pid ?? 0))
        await sleep(milliseconds)
        run.process.kill("SIGKILL")
        await run.ended
        await eventually("the worker to end", () => (isAlive(worker) ? undefined : true))
      }
    },
  )
})

describe("two runs at once in one project", () => {
  const project = sharedProject()

  it("both succeed, and execute each action once", async () => {
    // From nothing: both build the project as well.
    const variables = { RIG_BEHAVIOUR: "{\"a\":\"wait\",\"b\":\"wait\"}" }
    const runs = [project.start(heavy, variables), project.start(heavy, variables)]
    await eventually(
      "both actions to run",
      () => (project.files("artifacts/pending").length === 2 ? true : undefined),
    )
    project.open()
    for (const { ended } of runs) {
      const { code, stdout, stderr } = await ended
      assert.strictEqual(code, 0, stdout + stderr)
      assert.include(stdout, "Totals: [{\"total\":21,\"tables\":2}]")
    }
    assert.deepStrictEqual(project.executions(), ["heavy a", "heavy b", "heavy c", "read", "total"])
    assert.match((await project.dag("run", "--profile", "heavy")).stdout, /0 nodes executed, 5 up to date/u)
    for (const folder of ["tmp", "pending", "logs", "leases", "processes"]) {
      assert.deepStrictEqual(project.files(`artifacts/${folder}`), [])
    }
  })

  it("of other nodes keep what each other made known", async () => {
    const one = project.start(["run", "heavy/a", "--profile", "heavy"], { RIG_BEHAVIOUR: "{\"a\":\"wait\"}" })
    await project.process("heavy", "a")
    assert.strictEqual((await project.dag("run", "heavy/b", "--profile", "heavy")).code, 0)
    project.open()
    assert.strictEqual((await one.ended).code, 0)
    for (const node of ["heavy/a", "heavy/b"]) {
      project.edit("numbers.txt", "1", "11")
      // As it last was, though it is out of date now.
      const shown = await project.dag("show", node, "--profile", "heavy", "--json")
      assert.strictEqual(shown.code, 0, shown.stderr)
      assert.deepStrictEqual(JSON.parse(shown.stdout), [{ value: 2 }, { value: 3 }, { value: 4 }])
    }
  })
})
