import { describe, expect, it } from "vitest"
import { detailsIn, detailsOf, idleCoresIn, limitsIn, queuedIn } from "../../../../pipeline/execute/slurm/answers.ts"
import { isOutOfReach } from "../../../../pipeline/execute/slurm/client.ts"
import { jobEnvironment, ownEnvironment } from "../../../../pipeline/execute/slurm/environment.ts"

describe("what Slurm answers", () => {
  it("squeue lists tasks of arrays, and jobs that are none", () => {
    expect(
      queuedIn("12|3|15|RUNNING|None|redag-b1\n12|4|12_4|PENDING|Resources|redag-b1\n9|N/A|9|PENDING|(null)|a\n\n"),
    )
      .toEqual([
        { job: "12", task: 3, state: "RUNNING", reason: "None", name: "redag-b1" },
        { job: "12", task: 4, state: "PENDING", reason: "Resources", name: "redag-b1" },
        { job: "9", task: undefined, state: "PENDING", reason: "(null)", name: "a" },
      ])
    expect(queuedIn("slurm_load_jobs error: Unable to contact slurm controller\n")).toEqual([])
  })

  it("scontrol shows tasks that have not begun as one entry of their array", () => {
    const text = [
      "JobId=14 ArrayJobId=13 ArrayTaskId=0 JobName=x UserId=root(0) JobState=FAILED Reason=NonZeroExitCode Restarts=2 ExitCode=3:0",
      "JobId=13 ArrayJobId=13 ArrayTaskId=1-2 JobName=x JobState=PENDING Reason=Resources Restarts=0 ExitCode=0:0",
    ].join("\n")
    const details = detailsIn(text)
    expect(detailsOf(details, 0)).toMatchObject({ job: "13", state: "FAILED", restarts: 2, exitCode: 3, signal: 0 })
    expect(detailsOf(details, 2)).toMatchObject({ job: "13", task: undefined, state: "PENDING" })
  })

  it("the limits of a controller, and Slurm's own where it does not say", () => {
    expect(
      limitsIn("ClusterName             = lab\nMaxArraySize            = 4001\nKillWait                = 30 sec\n"),
    )
      .toMatchObject({ cluster: "lab", maxArraySize: 4001, killWait: 30, minJobAge: 300 })
  })

  it("sinfo says how many cores of a partition nobody uses", () => {
    const text = "main*|2/4/0/6\nmain*|0/10/0/10\ngpu|64/0/32/96\n"
    expect([idleCoresIn(text, undefined), idleCoresIn(text, "main"), idleCoresIn(text, "gpu")]).toEqual([14, 14, 0])
  })

  it("a controller that does not answer is told from one that refuses", () => {
    expect(isOutOfReach("sbatch: error: Batch job submission failed: Unable to contact slurm controller")).toBe(true)
    expect(isOutOfReach("sbatch: error: Batch job submission failed: Invalid partition name specified")).toBe(false)
  })

  it("what an enclosing job set is not handed on, where the cluster is is", () => {
    const environment = {
      SLURM_JOB_ID: "7",
      SBATCH_PARTITION: "gpu",
      SQUEUE_FORMAT: "%i",
      SLURM_CONF: "/c",
      PATH: "/b",
    }
    expect(ownEnvironment(environment)).toEqual({ SLURM_CONF: "/c", PATH: "/b" })
  })

  it("jobs get no secret, by its name or by what it looks like", () => {
    const free = {
      PATH: "/b",
      PWD: "/p",
      DAG_STORE: "/s",
      TOKENIZERS_PARALLELISM: "false",
      DAG_REMOTE: "sftp://me@host/x",
    }
    const secret = {
      AWS_SECRET_ACCESS_KEY: "a",
      AWS_SESSION_TOKEN: "b",
      HF_TOKEN: "c",
      OPENAI_API_KEY: "d",
      MYSQL_PWD: "e",
      DB_PASSWORD: "f",
      HTTPS_PROXY: "http://me:secret@proxy:8080",
      OTHER: "sk-abc",
      LINK: "https://h/x?a=1&X-Amz-Signature=0",
    }
    expect(jobEnvironment({ ...free, ...secret })).toEqual(free)
  })

  it("of an array's tasks that wait, those are remembered that it names", () => {
    const waiting = (indices: string) =>
      detailsIn(
        `JobId=13 ArrayJobId=13 ArrayTaskId=${indices} JobName=x JobState=PENDING Reason=Resources Restarts=0 ExitCode=0:0`,
      )
    const among = (indices: string, tasks: ReadonlyArray<number>) =>
      tasks.filter((task) => detailsOf(waiting(indices), task) !== undefined)
    expect(among("5-9%2", [4, 5, 9, 10])).toEqual([5, 9])
    expect(among("0,2-4,7", [0, 1, 3, 5, 7])).toEqual([0, 3, 7])
    expect(among("1-9:4", [1, 2, 5, 9])).toEqual([1, 5, 9])
    expect(among("0-3,7,...", [2, 8])).toEqual([2, 8])
  })
})
