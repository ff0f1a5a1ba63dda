import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { empty } from "../rig/places.ts"
import { eventually, sharedProject, type Variables } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"
import { countingIn } from "./counting.ts"
import { programOf } from "./daemon.ts"

describe.skipIf(noSlurm !== undefined)(
  `who waits for jobs${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    const project = sharedProject()
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster({ killWait: 60, minJobAge: 600 })
    })
    afterAll(() => cluster.stop())

    const start = (words: ReadonlyArray<string>, variables: Variables = {}) =>
      project.start(["run", "--yes", "--executor", "slurm", "--profile", "heavy", ...words], {
        ...cluster.variables,
        ...variables,
      })
    const waiting: Variables = { RIG_BEHAVIOUR: JSON.stringify({ a: "wait", b: "wait" }) }
    const partition = (state: "up" | "down") =>
      cluster.ask("scontrol", "update", "partitionname=main", `state=${state}`)
    const read = async () => {
      const { code, stdout, stderr } = await project.dag("run", "--yes", "--profile", "heavy", "stage=read")
      expect(code, `${stdout}\n${stderr}`).toBe(0)
    }
    /** The processes of this cluster's tasks. */
    const workers = (): ReadonlyArray<number> =>
      readdirSync("/proc").filter((name) => /^\d+$/u.test(name)).filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("batch")
            && readFileSync(`/proc/${pid}/environ`, "utf8").includes(cluster.folder)
        } catch {
          return false
        }
      }).map(Number)

    it("what is recorded is done, though its worker was killed before it could say so", async () => {
      await read()
      // What is killed is not tried again: a memory that ran out would fail the run.
      project.edit(
        "dag.config.ts",
        "dag.add(heavy, { name: label, params: { label }, inputs: { numbers: input } })",
        "dag.add(heavy, { name: label, params: { label }, inputs: { numbers: input }, resources: { retries: { memory: 0 } } })",
      )
      const run = start(["heavy/a"], waiting)
      await project.process("heavy", "a")
      const pids = workers()
      for (const pid of pids) process.kill(pid, "SIGSTOP")
      project.open()
      await eventually("it is recorded", () => project.files("artifacts/actions").length === 2 || undefined)
      for (const pid of pids) process.kill(pid, "SIGKILL")
      const { code, stdout } = await run.ended
      expect(code, stdout).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "read"])
      await cluster.drained()
    })

    /** Two runs wait for a task each of what a third one submitted, which died. */
    const twoHeirs = async () => {
      await read()
      await partition("down")
      const first = start([])
      await cluster.queued(2)
      first.process.kill("SIGKILL")
      await first.ended
      const [one, other] = ["a", "b"].map((label) => {
        const { variables, calls } = countingIn(join(cluster.folder, `counting-${label}-${Math.random()}`))
        const running = start([`heavy/${label}`, "--json"], variables)
        let said = ""
        running.process.stdout?.on("data", (text: string) => (said += text))
        const hasFound = () => said.split("\n").some((line) => /"NodeQueued",.*"id":"/u.test(line)) || undefined
        return { ...running, calls, hasFound }
      })
      if (one === undefined || other === undefined) throw new Error("there are two")
      // A job that ends before it was found would be missed.
      for (const { hasFound } of [one, other]) await eventually("it has found the job in the queue", hasFound)
      const [batch] = project.files("artifacts/batches")
      const { tasks } = JSON.parse(readFileSync(batch ?? "", "utf8")).content as {
        readonly tasks: ReadonlyArray<{ readonly jobs: ReadonlyArray<{ readonly job: { readonly node: string } }> }>
      }
      const index = tasks.findIndex(({ jobs }) => jobs.some(({ job }) => job.node === "heavy/b"))
      const job = (await cluster.queue())?.find(({ id }) => id.endsWith(`_${index}`))?.id ?? ""
      return { one, other, job, calls: () => [...one.calls("sbatch"), ...other.calls("sbatch")] }
    }

    it("a run that ends leaves what another waits for of the same array", async () => {
      const { one, other, job, calls } = await twoHeirs()
      await cluster.ask("scontrol", "hold", job)
      await partition("up")
      const { code, stdout } = await one.ended
      expect(code, stdout).toBe(0)
      await cluster.ask("scontrol", "release", job)
      const end = await other.ended
      expect(end.code, end.stdout).toBe(0)
      expect(calls()).toEqual([])
      expect(project.executions()).toEqual(["heavy a", "heavy b", "read"])
      await cluster.drained()
    })

    it("Ctrl-C in one run leaves what another waits for of the same array", async () => {
      const { one, other, job, calls } = await twoHeirs()
      one.process.kill("SIGINT")
      expect((await one.ended).code).toBe(130)
      expect((await cluster.queue())?.map(({ id }) => id)).toContain(job)
      await partition("up")
      const { code, stdout } = await other.ended
      expect(code, stdout).toBe(0)
      expect(calls()).toEqual([])
      expect(project.executions()).toContain("heavy b")
      await cluster.drained()
    })

    it("Ctrl-C in a run that only waits for what another took over leaves that alone", async () => {
      await read()
      const first = start(["heavy/a"], waiting)
      await project.process("heavy", "a")
      first.process.kill("SIGKILL")
      await first.ended
      const [second, third] = [start(["heavy/a"]), start(["heavy/a"])]
      await eventually(
        "both wait",
        () =>
          project.files("artifacts/runs").filter((file) => readFileSync(file, "utf8").includes("\"NodeElsewhere\""))
              .length === 2 || undefined,
      )
      third.process.kill("SIGINT")
      expect((await third.ended).code).toBe(130)
      project.open()
      const { code, stdout } = await second.ended
      expect(code, stdout).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "read"])
      await cluster.drained()
    })

    it("says what somebody cancelled of an earlier run's jobs, as of its own, and submits nothing instead", async () => {
      await read()
      const first = start(["heavy/a"], waiting)
      await project.process("heavy", "a")
      first.process.kill("SIGKILL")
      await first.ended
      const second = start(["heavy/a"])
      await eventually(
        "it waits for the job that is at work",
        () =>
          project.files("artifacts/runs").some((file) => readFileSync(file, "utf8").includes("\"NodeElsewhere\""))
          || undefined,
      )
      const [job] = (await cluster.queue()) ?? []
      await cluster.ask("scancel", job?.id ?? "")
      const { code, stdout } = await second.ended
      expect(code, stdout).toBe(1)
      expect(stdout).toContain(`its job ${job?.id} was cancelled`)
      expect(project.executions()).toEqual(["heavy a", "read"])
      await cluster.drained()
    })

    it("what a dead run left held stays as long as it has something to do, and is cancelled once others recorded that", async () => {
      await read()
      await partition("down")
      const first = start(["heavy/a", "heavy/b"])
      await cluster.queued(2)
      first.process.kill("SIGKILL")
      await first.ended
      for (const { id } of (await cluster.queue()) ?? []) await cluster.ask("scontrol", "hold", id)
      await partition("up")
      const here = async (label: string) => {
        const words = ["run", "--yes", "--executor", "local", "--profile", "heavy", `heavy/${label}`]
        const { code, stdout } = await project.start(words, cluster.variables).ended
        expect(code, stdout).toBe(0)
      }
      const ends = async (label: string) => {
        const { code, stdout } = await start([`heavy/${label}`]).ended
        expect(code, stdout).toBe(0)
      }
      await here("a")
      await ends("a")
      expect((await cluster.queue())?.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^JobHeld/u)])
      // It would begin with nothing to read.
      const collected = await project.start(["gc", "--yes", "--older-than", "0s"], cluster.variables).ended
      expect(collected.code, collected.stderr).toBe(0)
      expect(project.files("artifacts/batches")).toHaveLength(1)
      await here("b")
      await ends("b")
      await cluster.drained()
      expect(project.files("artifacts/batches")).toEqual([])
      expect(project.executions()).toEqual(["heavy a", "heavy b", "read"])
    })

    /** An sbatch that is heard and says that it was not, and a squeue that does not answer as long as a file is there. */
    const deaf = () => {
      const folder = join(cluster.folder, `deaf-${Math.random()}`)
      mkdirSync(folder)
      const silent = join(folder, "silent")
      writeFileSync(silent, "")
      const program = (name: string, text: string) => {
        writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
        chmodSync(join(folder, name), 0o755)
      }
      const timedOut = "echo 'error: Batch job submission failed: Socket timed out on send/recv operation' >&2; exit 1"
      program(
        "sbatch",
        `[ "$1" = --version ] && exec '${programOf("sbatch")}' "$@"\n`
          + `'${programOf("sbatch")}' "$@" >> '${folder}/heard'; ${timedOut}`,
      )
      program("squeue", `if [ -e '${silent}' ]; then ${timedOut}; fi; exec '${programOf("squeue")}' "$@"`)
      return {
        silent,
        heard: () => linesOf(join(folder, "heard")),
        variables: { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` },
      }
    }
    const linesOf = (path: string): ReadonlyArray<string> => {
      try {
        return readFileSync(path, "utf8").trim().split("\n")
      } catch {
        return []
      }
    }

    it("what was heard is not submitted again while the queue cannot be seen", async () => {
      await read()
      const { silent, heard, variables } = deaf()
      const run = start(["heavy/a"], { ...waiting, ...variables })
      await project.process("heavy", "a")
      rmSync(silent)
      project.open()
      const { code, stdout } = await run.ended
      expect(code, stdout).toBe(0)
      expect(heard(), stdout).toHaveLength(1)
      expect(project.executions()).toEqual(["heavy a", "read"])
      await cluster.drained()
    })

    it("what was perhaps heard is cancelled by Ctrl-C", async () => {
      await read()
      await partition("down")
      const { heard, variables } = deaf()
      const run = start(["heavy/a"], variables)
      await eventually("it is heard", () => heard()[0])
      await cluster.queued(1)
      run.process.kill("SIGINT")
      expect((await run.ended).code).toBe(130)
      await cluster.drained()
      await partition("up")
    })

    it("what only a remote has is here before a job is submitted that reads it, and nothing else comes", async () => {
      const remote = { DAG_REMOTE: join(cluster.folder, "remote") }
      const words = ["run", "--yes", "--profile", "heavy", "heavy/b"]
      const here = await project.start(words, remote).ended
      expect(here.code, here.stderr).toBe(0)
      rmSync(project.path("artifacts"), { recursive: true })
      await partition("down")
      const run = start(["--no-push", "heavy/a"], remote)
      await cluster.queued(1)
      expect(project.files("artifacts/objects")).toHaveLength(1)
      // As for a compute node without a network.
      empty(remote.DAG_REMOTE)
      await partition("up")
      const { code, stdout } = await run.ended
      expect(code, stdout).toBe(0)
      expect(project.executions()).toEqual(["heavy a", "heavy b", "read"])
      await cluster.drained()
    })

    it("a message of any length is heard", async () => {
      project.edit(
        "stages/behave.ts",
        "message: \"the loss is NaN\"",
        "message: \"the loss is NaN \" + \"x\".repeat(2e6)",
      )
      await read()
      const { code, stdout } = await start(["heavy/a"], { RIG_BEHAVIOUR: JSON.stringify({ a: "stage" }) }).ended
      expect(code).toBe(1)
      expect(stdout).toContain("the loss is NaN")
      await cluster.drained()
    })
  },
)
