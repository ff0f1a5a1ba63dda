import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually, sharedProject } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"

describe.skipIf(noSlurm !== undefined)(
  `slurm.yaml on a cluster${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    const project = sharedProject()
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster({ nodes: 2 })
    })
    afterAll(() => cluster.stop())

    const dag = (words: ReadonlyArray<string>, variables = {}) =>
      project.start(words, { ...cluster.variables, ...variables })

    it("says how jobs are asked for: several share one, which begins as it says", async () => {
      const seen = project.beside("seen by setup")
      project.write(
        "slurm.yaml",
        `
profiles: [heavy]
defaults: { partition: main, time: 10m }
rules:
  - nodes: stage=heavy
    share: 2
    cpus: 1
    memory: 600M
    setup: ['echo "$SLURM_CPUS_PER_TASK $SLURM_MEM_PER_NODE" >> "${seen}"']
`,
      )
      const run = dag(["run", "--yes", "--profile", "heavy"], {
        RIG_BEHAVIOUR: JSON.stringify({ a: "wait", b: "wait" }),
      })
      // Both are at work at the same time, in one job.
      const working = await Promise.all(["a", "b"].map((label) => project.process("heavy", label)))
      const [first, second] = working.map((pid) =>
        /SLURM_JOB_ID=\d+/u.exec(readFileSync(`/proc/${pid}/environ`, "latin1"))?.[0]
      )
      expect(first).toMatch(/=\d+$/u)
      expect(second).toBe(first)
      project.open()
      const { code, stdout } = await run.ended
      expect(code, stdout).toBe(0)
      await cluster.drained()
      expect(readFileSync(seen, "utf8").split("\n")).toContain("2 1200")
    })

    it("is tried out by dag doctor, on compute nodes too", async () => {
      project.write(
        "slurm.yaml",
        "defaults:\n  time: 1h\n  partition: gone\n  modules: [cuda]\nrules:\n  - nodes: stage=heavy\n    partition: main\n    modules: []\n",
      )
      const wrong = await dag(["doctor", "--slurm", "--try"]).ended
      expect(wrong.code).toBe(1)
      expect(wrong.stdout).toMatch(
        /\nslurm\.yaml +broken +slurm\.yaml:3 defaults\.partition: there is no partition "gone"; there are main /u,
      )
      // The other kinds of jobs are tried.
      expect(wrong.stdout).toMatch(
        /\njob 1 of 2 +broken +partition gone: not tried: there is no partition "gone"; there are main\n/u,
      )
      expect(wrong.stdout).toMatch(/\njob 2 of 2 +usable +partition main: \S+ has Node /u)

      project.write("slurm.yaml", "defaults:\n  modules: [cuda/12.4]\n")
      const { stdout: lacking } = await dag(["doctor", "--slurm"]).ended
      expect(lacking).toMatch(
        /\nmodules +broken +slurm\.yaml has jobs load cuda\/12\.4, and a login shell of bash has no /u,
      )

      project.write("slurm.yaml", "rules:\n  - nodes: stage=heavy\n    setup: [\"true\"]\n")
      const { code, stdout } = await dag(["doctor", "--slurm", "--try"]).ended
      expect(code, stdout).toBe(0)
      expect(stdout).toMatch(/\nsbatch +usable +Slurm \d+\.\d+/u)
      expect(stdout).toMatch(/\npartitions +usable +main \(default\): 2 of 2 nodes usable/u)
      expect(
        stdout.match(/\njob \d of 2 +usable +default partition: \S+ has Node \S+; it sees the project and the store/gu),
      )
        .toHaveLength(2)
      expect(project.files("artifacts/tmp")).toEqual([])
      await cluster.drained()
    })

    it("has what a job prints followed by dag logs from the login node", async () => {
      const run = dag(["run", "--yes", "--profile", "heavy", "--executor", "slurm"], {
        RIG_BEHAVIOUR: JSON.stringify({ a: "printAndWait" }),
      })
      await project.process("heavy", "a")
      const follower = dag(["logs", "heavy/a", "-f", "--profile", "heavy"])
      let said = ""
      follower.process.stdout?.on("data", (text: string) => (said += text))
      await eventually("what it prints is seen", () => said === "a word from the stage\n" || undefined)
      project.open()
      const [followed, { code }] = await Promise.all([follower.ended, run.ended])
      expect([code, followed.code, followed.stdout]).toEqual([0, 0, "a word from the stage\nanother word\n"])
    })
  },
)
