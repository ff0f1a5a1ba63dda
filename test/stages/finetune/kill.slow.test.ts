import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { Random } from "../../../models/kernels/random.ts"
import { copyOfExperiment } from "../../rig/experiment.ts"
import { eventually, isAlive, type Project, type Running } from "../../rig/project.ts"
import { workerOf } from "../../rig/workers.ts"

const node = "finetune/t5-mini/cdr/full"
const words = ["run", node, "--profile", "demo", "--json"]

/** Steps between two savings. */
const INTERVAL = 5
const KILLS = 21
const STEPS = 210

const seed = Number(process.env["DAG_KILL_SEED"] ?? Date.now() % 1_000_000)
const random = new Random(seed)

/** The steps that a run told of, in order; a step may be told of more than once. */
const stepsIn = (told: string): ReadonlyArray<number> =>
  [...told.matchAll(/"NodeProgressed","node":"finetune[^"]*","done":(\d+)/gu)].map(([, done]) => Number(done))

describe.skipIf(process.platform !== "linux")(
  process.platform === "linux" ? "a finetuning" : "a finetuning (skipped: finds its process in Linux's /proc)",
  () => {
    let project: Project
    beforeAll(() => {
      project = copyOfExperiment()
      // Seven epochs of thirty steps, all but the first two evaluated.
      project.edit("experiment/demo.ts", "\"full\": 400", `"full": ${STEPS}`)
      project.edit("experiment/demo.ts", "fromEpoch: 12", "fromEpoch: 3")
    })
    afterAll(() => project.remove())

    /** The digests of what the node made, without what is never the same twice. */
    const digests = async (variables = {}): Promise<Record<string, string>> => {
      const { stdout } = await project.start(["why", node, "--profile", "demo", "--json"], variables).ended
      const { record } = JSON.parse(stdout) as {
        readonly record: { readonly outputs: Readonly<Record<string, { readonly digest: string }>> }
      }
      return Object.fromEntries(
        ["checkpoint", "training", "evaluations"].map((name) => [name, record.outputs[name]?.digest ?? ""]),
      )
    }

    /**
     * Kills the engine or its worker once the stage has told of so many more steps, or at most so many milliseconds later;
     * tells whether the run was not over before. A worker that is killed is taken for one that ran out of memory: the run
     * goes on with another.
     */
    const kill = async (
      run: Running,
      which: "engine" | "worker",
      after: number,
      milliseconds: number,
      told: () => string,
    ) => {
      const engine = run.process.pid ?? 0
      const ended = () => run.process.exitCode !== null
      const enough = stepsIn(told()).length + after
      const worker = await eventually("a worker", () => (ended() ? 0 : workerOf(engine)))
      await eventually("steps", () => (ended() || stepsIn(told()).length >= enough ? true : undefined))
      await sleep(random.uniform() * milliseconds)
      if (ended()) return false
      process.kill(which === "engine" ? engine : worker, "SIGKILL")
      if (which === "engine") await run.ended
      await eventually("the worker is gone", () => (isAlive(worker) ? undefined : true))
      return true
    }

    it(`killed ${KILLS} times ends in the same bytes, and repeats no more than an interval each time`, async () => {
      const elsewhere = { DAG_STORE: project.beside("uninterrupted") }
      const whole = await project.start(words, elsewhere).ended
      assert.strictEqual(whole.code, 0, whole.stdout + whole.stderr)
      // What the finetuning stands on is made before, so that every kill meets the finetuning.
      assert.strictEqual(
        (await project.dag("run", "sample/cdr/full", "pretrained/t5-mini", "--profile", "demo")).code,
        0,
      )

      console.log(`DAG_KILL_SEED=${seed} kills at the same moments again, as far as the machine's own pace allows`)
      let reached = 0
      let kills = 0
      const goOn = async (...killed: ReadonlyArray<"engine" | "worker">): Promise<void> => {
        const run = project.start(words, { DAG_SAVE_STEPS: String(INTERVAL) })
        let told = ""
        run.process.stdout?.on("data", (text: string) => (told += text))
        for (const which of killed) {
          // A share of the steps that are left, so that some are left for the last kill, however fast the machine is.
          const left = STEPS - Math.max(reached, ...stepsIn(told))
          const after = Math.floor(random.uniform() * Math.min(17, left / (KILLS - kills)))
          // Just after it began, or before, as long as there is room for what it does meanwhile.
          const milliseconds = after === 0 && left > STEPS / 2 ? 2000 : 200
          assert.isTrue(await kill(run, which, after, milliseconds, () => told), `${which}: ${told}`)
          kills++
        }
        const { code, stderr } = await run.ended
        if (killed.length === 0) assert.strictEqual(code, 0, told + stderr)
        for (const step of stepsIn(told)) {
          // Progress is told after a step, so one that is told of was made by the worker that tells it, or by the one before.
          assert.isAtLeast(step, reached - INTERVAL + 1)
          reached = Math.max(reached, step)
        }
      }
      for (let count = 0; count < KILLS; count += 3) {
        await goOn("engine")
        await goOn("worker", "engine")
      }
      assert.strictEqual(kills, KILLS)
      console.log(`${kills} kills took the training to step ${reached} of ${STEPS}`)
      await goOn()
      assert.strictEqual(reached, STEPS)

      assert.deepStrictEqual(await digests(), await digests(elsewhere))
      assert.deepStrictEqual(project.files("artifacts/unfinished"), [])
    })

    it("row 12: stopped by SIGTERM or Ctrl-C saves the step that it has made, and goes on to the same bytes", async () => {
      const whole = { DAG_STORE: project.beside("uninterrupted") }
      assert.strictEqual((await project.start(words, whole).ended).code, 0)
      const stopped = { DAG_STORE: project.beside("stopped") }
      const plain = ["run", node, "--profile", "demo"]
      let reached = 0
      for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const run = project.start(words, stopped)
        let told = ""
        run.process.stdout?.on("data", (text: string) => (told += text))
        const after = reached + 5 + Math.floor(random.uniform() * 30)
        await eventually("steps", () => (stepsIn(told).some((step) => step >= after) ? true : undefined))
        // No step is saved but the last one: the interval is five minutes.
        run.process.kill(signal)
        assert.strictEqual((await run.ended).code, code, told)
        const steps = stepsIn(told)
        // What is told of is made; the next one may have been made and not told of.
        assert.include([reached + 1, reached + 2], steps[0], "no step is made twice")
        reached = Math.max(...steps)
      }
      const { code, stdout } = await project.start(plain, stopped).ended
      assert.strictEqual(code, 0, stdout)
      const earlier = Number(/(\d+) steps of an earlier run/u.exec(stdout)?.[1])
      assert.include([reached, reached + 1], earlier)
      assert.deepStrictEqual(await digests(stopped), await digests(whole))
    })
  },
)
