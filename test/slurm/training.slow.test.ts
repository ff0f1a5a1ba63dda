import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import { eventually, type Project } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"

const node = "finetune/t5-mini/cdr/full"
const words = ["run", node, "--yes", "--profile", "demo", "--json"]
const STEPS = 80

/** The steps that a run told of, in order. */
const stepsIn = (told: string): ReadonlyArray<number> =>
  [...told.matchAll(/"NodeProgressed","node":"finetune[^"]*","done":(\d+),"total":\d+,"unit":"steps"/gu)]
    .map(([, done]) => Number(done))

/** The job that the training last began in, as the run tells it. */
const jobIn = (told: string): string => {
  // What stands behind the last end of a line is not all of a line yet.
  const started = told.split("\n").slice(0, -1).findLast((line) => line.includes(`"NodeStarted","node":"${node}"`))
  const { job } = JSON.parse(started ?? "{}") as { readonly job?: { readonly id?: string } }
  return job?.id ?? ""
}

describe.skipIf(noSlurm !== undefined)(
  `a training on Slurm${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    let project: Project
    let cluster: Cluster
    beforeAll(async () => {
      project = copyOfExperiment()
      project.edit("experiment/demo.ts", "\"full\": 400", `"full": ${STEPS}`)
      project.edit("experiment/demo.ts", "fromEpoch: 12", "fromEpoch: 3")
      // A step may take as long as it takes on a busy machine.
      cluster = await startCluster({ killWait: 120 })
    })
    afterAll(async () => {
      await project.end()
      await cluster.stop()
      project.remove()
    })

    /** What Slurm says of its jobs. */
    const jobs = async (): Promise<string> => (await cluster.ask("scontrol", "--oneliner", "show", "job")).stdout

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

    it("is warned of its time limit again and again, repeats no step, and makes the bytes of one that was left alone", async () => {
      const elsewhere = { DAG_STORE: project.beside("undisturbed") }
      const whole = await project.start(words, elsewhere).ended
      assert.strictEqual(whole.code, 0, whole.stdout + whole.stderr)

      const run = project.start([...words, "--executor", "slurm"], {
        ...cluster.variables,
        // It saves when it is warned, and by itself never.
        DAG_SAVE_STEPS: "1000000",
        DAG_SAVE_SECONDS: "1000000",
      })
      let told = ""
      run.process.stdout?.on("data", (text: string) => (told += text))
      let warned = 0
      for (const times of [1, 2, 3]) {
        // A step of this start of the job: what the one before it told may come late.
        await eventually(`a step after ${times - 1} warnings`, () => {
          const begun = told.indexOf("\"NodeStarted\"", warned)
          return (begun !== -1 && stepsIn(told.slice(begun)).length > 0) || run.process.exitCode !== null || undefined
        })
        assert.isNull(run.process.exitCode, told)
        // Not by what the queue has: the worker of a node before it may be there for a moment more.
        const job = jobIn(told)
        assert.match(job, /^\d+_\d+$/u)
        warned = told.length
        // As Slurm does when the time limit comes.
        const { code, stderr } = await cluster.ask("scancel", "--batch", "--signal=USR1", job)
        assert.strictEqual(code, 0, stderr)
        while (!new RegExp(`Restarts=${times} `, "u").test(await jobs()) && run.process.exitCode === null) {
          await sleep(100)
        }
      }
      const { code, stdout, stderr } = await run.ended
      assert.strictEqual(code, 0, stdout + stderr)
      assert.notInclude(told, "NodeRetried")
      // What is told of a step is told after it: one that is lower than another before it was made twice.
      const steps = stepsIn(told)
      assert.deepStrictEqual(steps, steps.toSorted((one, other) => one - other))
      assert.match(await jobs(), /Restarts=3 /u)
      assert.deepStrictEqual(await digests(), await digests(elsewhere))
    })
  },
)
