import { existsSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually, sharedProject, type Variables } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"

/** The events of a kind that a run printed, each as it was printed. */
const eventsOf = (stdout: string, kind: string): ReadonlyArray<Record<string, unknown>> =>
  stdout.split("\n").filter((line) => line.startsWith("{")).map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ _tag }) => _tag === kind)

describe.skipIf(noSlurm !== undefined)(
  `what becomes of jobs of Slurm${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    const project = sharedProject()
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster({
        // What is told to stop saves its step, which may take a while on a busy machine.
        killWait: 120,
        // The tests ask what became of jobs that ended minutes before.
        minJobAge: 3600,
        lines: [
          "PreemptType=preempt/partition_prio",
          "PreemptMode=REQUEUE",
          "PartitionName=low Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE DefMemPerCPU=100",
          "PartitionName=cheap Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=CANCEL DefMemPerCPU=100",
          "PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF DefMemPerCPU=100",
        ],
      })
    })
    afterAll(() => cluster.stop())

    const start = (profile: string, variables: Variables = {}, ...nodes: ReadonlyArray<string>) => {
      const running = project.start(["run", ...nodes, "--yes", "--executor", "slurm", "--profile", profile, "--json"], {
        ...cluster.variables,
        ...variables,
      })
      let said = ""
      running.process.stdout?.on("data", (text: string) => (said += text))
      return { ...running, said: () => said }
    }

    /** A field of all jobs that the controller remembers, oldest first, of those that this run submitted. */
    const jobs = async (since: number, ...fields: ReadonlyArray<string>) => {
      const { stdout } = await cluster.ask("scontrol", "--oneliner", "show", "job")
      return stdout.split("\n").flatMap((line) => {
        const of = (name: string) => new RegExp(`(?:^| )${name}=(\\S*)`, "u").exec(line)?.[1] ?? ""
        return Number(of("JobId")) > since ? [fields.map(of).join(" ")] : []
      })
    }
    const lastJob = async () => Math.max(0, ...(await jobs(0, "JobId")).map(Number))

    /** The job that was submitted last of those that are at work. */
    const jobAtWork = async () => {
      const words = ["--noheader", "--array", "--states=RUNNING", "--format=%A %i %N"]
      const { stdout } = await cluster.ask("squeue", ...words)
      const jobs = stdout.trim().split("\n").map((line) => line.split(" "))
      const [, id = "", node = ""] = jobs.toSorted(([one], [other]) => Number(one) - Number(other)).at(-1) ?? []
      return { id, node }
    }

    it("raises memory and time apart, each to twice what the job had, and tells both", async () => {
      project.write("slurm.yaml", "defaults:\n  memory: 400M\n  time: 2\n  warning: 5s\n")
      const before = await lastJob()
      const { code, stdout, stderr } = await start("growing", {
        RIG_BEHAVIOUR: JSON.stringify({ a: "growThenLinger" }),
        RIG_ONCE: project.beside("once"),
        // More than the first job may have, less than the second.
        RIG_HOLD: "450",
      }).ended
      expect([code, stderr]).toEqual([0, ""])
      expect(eventsOf(stdout, "NodeRetried")).toMatchObject([
        { node: "heavy/a", why: "memory", memory: 800, attempt: 2, of: 2 },
        { node: "heavy/a", why: "time", timeout: 240, attempt: 2, of: 2 },
      ])
      const [memory, time] = eventsOf(stdout, "NodeRetried").map(({ failure }) => JSON.stringify(failure))
      expect(memory).toMatch(/of memory, more than the 400 MiB that it asked for/u)
      expect(time).toMatch(/did not end within 2 min 0 s, its time limit/u)
      expect(project.executions().filter((each) => each.startsWith("heavy"))).toEqual(["heavy a", "heavy a", "heavy a"])
      const asked = await jobs(before, "MinMemoryNode", "TimeLimit")
      expect(asked.slice(-3)).toEqual(["400M 00:02:00", "800M 00:02:00", "800M 00:04:00"])
      // A worker that has said its last word is in the queue for a moment more.
      await cluster.drained()
    })

    it("saves a training when Slurm warns of the time limit, queues it again, and it goes on where it was", async () => {
      project.write("slurm.yaml", "defaults:\n  time: 2\n  warning: 30s\n")
      const before = await lastJob()
      const running = start("stopping", { RIG_STEPS: "60" })
      // Nobody is there who could submit it once more.
      await eventually("it is at work", () => project.counted("step stoppable"))
      running.process.kill("SIGKILL")
      await running.ended
      await cluster.drained()
      expect(await jobs(before, "Restarts", "JobState")).toContain("1 COMPLETED")
      const steps = project.words().filter(([word]) => word === "step").map(([, , step]) => Number(step))
      expect(steps).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
      const { code, stdout } = await start("stopping").ended
      expect(code).toBe(0)
      expect(eventsOf(stdout, "NodeStarted")).toEqual([])
    })

    it("loses nothing and uses up no retry where a node goes down", async () => {
      const running = start("heavy", { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) }, "heavy/a")
      await eventually("it is at work", () => project.counted("heavy a"))
      const { node } = await jobAtWork()
      await cluster.ask("scontrol", "update", `nodename=${node}`, "state=down", "reason=test")
      await eventually(
        "it is at work again",
        () => project.words().filter(([stage, label]) => stage === "heavy" && label === "a").length > 1 || undefined,
      )
      project.open()
      const ended = await running.ended
      await cluster.ask("scontrol", "update", `nodename=${node}`, "state=resume")
      expect([ended.code, ended.stderr]).toEqual([0, ""])
      expect(eventsOf(ended.stdout, "NodeRetried")).toEqual([])
      await cluster.ready()
    })

    for (const partition of ["low", "cheap"]) {
      it(`loses nothing and uses up no retry where a job of ${partition} gives way to another`, async () => {
        project.write("slurm.yaml", `defaults:\n  partition: ${partition}\n`)
        const running = start("stopping", { RIG_STEPS: "60" })
        await eventually("it has come far", () => (project.counted("step stoppable") ?? 0) >= 60 || undefined)
        const mark = project.beside(`preempting-${partition}`)
        const wrap = `touch ${mark}`
        await cluster.ask("sbatch", "-p", "high", "--nodes=3", "--exclusive", "--output=/dev/null", "--wrap", wrap)
        await eventually(
          "the other job ran",
          () => existsSync(mark) || undefined,
        )
        const { code, stdout, stderr } = await running.ended
        expect([code, stderr]).toEqual([0, ""])
        expect(eventsOf(stdout, "NodeRetried")).toEqual([])
        const steps = project.words().filter(([word]) => word === "step").map(([, , step]) => Number(step))
        expect(steps).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
      })
    }

    it("says that a job was cancelled by somebody, and what to do", async () => {
      const running = start("heavy", { RIG_BEHAVIOUR: JSON.stringify({ a: "wait" }) }, "heavy/a")
      await eventually("it is at work", () => project.counted("heavy a"))
      await cluster.ask("scancel", (await jobAtWork()).id)
      const { code, stdout } = await running.ended
      expect(code).toBe(1)
      const failures = eventsOf(stdout, "NodeFailed").map(({ failure }) => JSON.stringify(failure))
      expect(failures.join("\n")).toMatch(/its job \d+_\d+ was cancelled/u)
      await cluster.drained()
    })
  },
)
