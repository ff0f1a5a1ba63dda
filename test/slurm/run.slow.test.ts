import { constants } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually, isAlive, sharedProject, type Variables } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"
import { type Counting, countingIn } from "./counting.ts"

describe.skipIf(noSlurm !== undefined)(
  `dag run --executor slurm${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    const project = sharedProject()
    let cluster: Cluster
    let counting: Counting
    beforeAll(async () => {
      // A busy machine takes its time to stop what runs.
      cluster = await startCluster({ killWait: 60 })
      counting = countingIn(join(cluster.folder, "counting"))
    })
    afterAll(() => cluster.stop())

    const start = (words: ReadonlyArray<string>, variables: Variables = {}) =>
      project.start(["run", "--yes", "--executor", "slurm", ...words], {
        ...cluster.variables,
        ...counting.variables,
        ...variables,
      })
    const listening = (variables: Variables = {}) => {
      const running = start(["--profile", "heavy", "--json"], variables)
      let said = ""
      running.process.stdout?.on("data", (text: string) => (said += text))
      // What stands behind the last end of a line is not all of a line yet.
      return { ...running, said: () => said.split("\n").slice(0, -1) }
    }
    /** Waits for a line with all of these words. */
    const hears = (of: ReturnType<typeof listening>, ...words: ReadonlyArray<string>) =>
      eventually(words.join(" "), () => of.said().find((line) => words.every((word) => line.includes(word))))
    /** Heavy stages that wait until the test lets them go on. */
    const waiting: Variables = { RIG_BEHAVIOUR: JSON.stringify({ a: "wait", b: "wait" }) }
    const nothingLeft = async () => {
      // A worker that has said its last word is in the queue for a moment more.
      await cluster.drained()
      expect(["batches", "tasks", "leases"].flatMap((name) => project.files(`artifacts/${name}`))).toEqual([])
    }

    it("executes every node in jobs, as on one machine, and leaves nothing in the queue", async () => {
      const { stdout, code } = await start(["--profile", "heavy"]).ended
      expect(code).toBe(0)
      expect(stdout).toContain("5 nodes executed")
      expect(stdout).toContain("Totals: [{\"total\":21,\"tables\":2}]")
      expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
      await nothingLeft()
      const again = await start(["--profile", "heavy"]).ended
      expect(again.stdout).toContain("0 nodes executed")
    })

    it("tells what a stage failed with, where what it printed is, and what did not run for it", async () => {
      const { stdout, code } = await start(["--profile", "heavy"], {
        RIG_BEHAVIOUR: JSON.stringify({ a: "printAndFail" }),
      }).ended
      expect(code).toBe(1)
      expect(stdout).toContain("the loss is NaN")
      expect(stdout).toMatch(/blocked +heavy\/c/u)
      expect(project.files("artifacts/logs").map((file) => project.read(file.slice(project.root.length + 1))))
        .toContain("a word from the stage\n")
      const logs = await project.dag("logs", "heavy/a", "--profile", "heavy")
      expect([logs.code, logs.stdout]).toEqual([0, "a word from the stage\n"])
      expect(logs.stderr).toMatch(
        /note: failed as it is now, in run \S+: the loss is NaN\nnote: it was in Slurm job \d+_\d+ \(redag-b\w+\) on n\d; the job printed nothing else: \S+\.log\n/u,
      )
      await nothingLeft()
    })

    it("a run that is interrupted cancels its jobs, those that run and those that wait", async () => {
      const running = start(["--profile", "heavy"], waiting)
      const pid = await project.process("heavy", "a")
      await project.process("heavy", "b")
      running.process.kill("SIGINT")
      const { code, stdout } = await running.ended
      expect(code).toBe(130)
      expect(stdout).toContain("Interrupted.")
      expect(isAlive(pid)).toBe(false)
      await nothingLeft()
      const logs = await project.dag("logs", "heavy/a", "--profile", "heavy")
      expect(logs.stderr).toMatch(
        /run \S+ was interrupted while this ran in Slurm job \d+_\d+ \(redag-b\w+\) on n\d; the job was cancelled\n/u,
      )

      await cluster.ask("scontrol", "update", "partitionname=main", "state=down")
      const queued = start(["--profile", "heavy"], waiting)
      await cluster.queued(2)
      queued.process.kill("SIGINT")
      expect((await queued.ended).code).toBe(130)
      await cluster.ask("scontrol", "update", "partitionname=main", "state=up")
      await nothingLeft()
      const why = await project.dag("why", "heavy/a", "--profile", "heavy")
      expect(why.stdout.replaceAll(/\s+/gu, " ")).toMatch(
        /was interrupted; until then: waiting in the queue \(Slurm job \d+_\d+[^)]*\); the job was cancelled/u,
      )
    })

    it("a job that is held is shown as held, then as running on its node, also to who finds it again", async () => {
      expect((await project.dag("run", "--yes", "--profile", "heavy", "stage=read")).code).toBe(0)
      await cluster.ask("scontrol", "update", "partitionname=main", "state=down")
      const statusOf = async (node: string) =>
        (await project.dag("status", "--profile", "heavy")).stdout.split("\n").filter((line) =>
          line.includes(` ${node} `)
        )
      const first = listening(waiting)
      await cluster.queued(2)
      const ids = (await cluster.queue())?.map(({ id }) => id) ?? []
      await cluster.ask("scontrol", "uhold", ...ids)
      await cluster.ask("scontrol", "update", "partitionname=main", "state=up")
      const held = JSON.parse(await hears(first, "\"NodeQueued\"", "heavy/a", "\"held\""))
      expect(held).toMatchObject({ reason: "JobHeldUser", job: { id: expect.any(String) }, running: 0 })
      expect(ids).toContain(held.job.id)
      await eventually("it is written down", () =>
        project.files("artifacts/tasks").find((file) => {
          return project.read(file.slice(project.root.length + 1)).includes("JobHeldUser")
        }))
      expect(await statusOf("heavy/a")).toEqual([
        expect.stringMatching(
          `^held +heavy/a  held: JobHeldUser \\(Slurm job ${held.job.id}\\), in redag-b\\w+ of run `,
        ),
      ])
      await cluster.ask("scontrol", "release", ...ids)
      const started = JSON.parse(await hears(first, "\"NodeStarted\"", "heavy/a"))
      expect(started.job).toMatchObject({ id: held.job.id, host: expect.stringMatching(/^n\d$/u) })
      await hears(first, "\"NodeProgressed\"", "heavy/a")
      expect(await statusOf("heavy/a")).toEqual([
        expect.stringMatching(`^running +heavy/a  on n\\d, 1 of 2 steps \\(Slurm job ${held.job.id}\\), since `),
      ])
      first.process.kill("SIGKILL")
      await first.ended
      const second = listening(waiting)
      // The first word of it may come before the job was looked for.
      expect(JSON.parse(await hears(second, "\"NodeElsewhere\"", "heavy/a", "\"job\""))).toMatchObject({
        job: started.job,
      })
      expect(JSON.parse(await hears(second, "\"NodeProgressed\"", "heavy/a"))).toMatchObject({ done: 1, total: 2 })
      project.open()
      expect((await second.ended).code).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
      await nothingLeft()
    })

    it.each(["SIGKILL", "SIGTERM", "SIGHUP"] as const)(
      "what a run left running that ended by %s is waited for, and not executed again",
      async (signal) => {
        const first = start(["--profile", "heavy"], waiting)
        await project.process("heavy", "a")
        await project.process("heavy", "b")
        first.process.kill(signal)
        const left = await first.ended
        if (signal !== "SIGKILL") {
          expect([left.code, left.stdout]).toEqual([
            128 + constants.signals[signal],
            expect.stringContaining("Its jobs stay in the queue"),
          ])
        }
        counting.forget()
        const second = start(["--profile", "heavy"])
        await eventually(
          "the second run waits",
          () =>
            project.files("artifacts/runs").some((file) =>
              project.read(file.slice(project.root.length + 1)).includes("\"NodeElsewhere\"")
            ) || undefined,
        )
        expect(counting.calls("sbatch")).toEqual([])
        project.open()
        expect((await second.ended).code).toBe(0)
        expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
        await nothingLeft()
      },
    )

    it("a run that is interrupted leaves the jobs of a killed one that a third waits for", async () => {
      const first = start(["--profile", "heavy"], waiting)
      await project.process("heavy", "a")
      await project.process("heavy", "b")
      first.process.kill("SIGKILL")
      await first.ended
      const whoWait = () =>
        project.files("artifacts/runs").filter((file) =>
          project.read(file.slice(project.root.length + 1)).includes("\"NodeElsewhere\"")
        ).length
      const [second, third] = [start(["--profile", "heavy"]), start(["--profile", "heavy"])]
      await eventually("both wait", () => whoWait() === 2 || undefined)
      third.process.kill("SIGINT")
      expect((await third.ended).code).toBe(130)
      project.open()
      expect((await second.ended).code).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
      await nothingLeft()
    })

    it("what a killed run left waiting in the queue is not submitted again", async () => {
      expect((await project.dag("run", "--yes", "--profile", "heavy", "stage=read")).code).toBe(0)
      await cluster.ask("scontrol", "update", "partitionname=main", "state=down")
      const first = start(["--profile", "heavy"])
      await cluster.queued(2)
      first.process.kill("SIGKILL")
      await first.ended
      counting.forget()
      const second = listening()
      // A job that ends before it was found would be missed.
      for (const node of ["heavy/a", "heavy/b"]) await hears(second, "\"NodeQueued\"", node, "\"id\":\"")
      await cluster.ask("scontrol", "update", "partitionname=main", "state=up")
      expect((await second.ended).code).toBe(0)
      // For the two nodes that come after what was in the queue.
      expect(counting.calls("sbatch")).toHaveLength(2)
      expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
      await nothingLeft()
    })

    it("two runs at once execute each node once between them", async () => {
      const runs = [start(["--profile", "heavy"]), start(["--profile", "heavy"])]
      for (const { ended } of runs) expect((await ended).code).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "heavy b", "heavy c", "read", "total"])
      await nothingLeft()
    })

    it("a hundred light nodes on each of two levels are few jobs", async () => {
      const many = Array.from({ length: 100 }, (_, index) => `\n  - by: ${index + 1000}`).join("")
      project.write("params.yaml", `text:\n  greeting: hello\nsteps:${many}\n`)
      counting.forget()
      expect((await start([]).ended).code).toBe(0)
      expect(project.executions().filter((name) => name.startsWith("add"))).toHaveLength(100)
      // One for each level where nothing is slow; what trickles in is submitted ever more rarely.
      expect(counting.calls("sbatch").length).toBeLessThanOrEqual(12)
      await nothingLeft()
    })
  },
)
