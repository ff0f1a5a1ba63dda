import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"
import { startedWith } from "./daemon.ts"

describe.skipIf(noSlurm !== undefined)(
  `a cluster of the tests' own${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    let cluster: Cluster
    beforeAll(async () => {
      cluster = await startCluster()
    })
    afterAll(() => cluster.stop())

    const script = (text: string): string => {
      const path = join(cluster.folder, "job.sh")
      writeFileSync(path, `#!/bin/sh\n${text}\n`)
      return path
    }

    it("runs an array on three nodes, whose daemons may be killed and started again", async () => {
      const out = join(cluster.folder, "out-%a")
      const go = join(cluster.folder, "go")
      const { stdout } = await cluster.ask(
        "sbatch",
        "--parsable",
        "--cpus-per-task=2",
        "--array=0-2",
        `--output=${out}`,
        script(`echo $SLURMD_NODENAME; until test -e ${go}; do sleep 0.1; done`),
      )
      expect(stdout.trim()).toMatch(/^\d+$/u)
      // A daemon that is killed while it starts a task takes the task with it.
      const nodes = await Promise.all([0, 1, 2].map((task) =>
        eventually(`task ${task} runs`, () => {
          const path = out.replace("%a", `${task}`)
          return existsSync(path) && readFileSync(path, "utf8").trim() || undefined
        })
      ))
      expect(nodes.every((node) => cluster.nodes.includes(node))).toBe(true)
      await cluster.controller.end()
      expect(await cluster.queue()).toBeUndefined()
      await cluster.node("n2").end()
      cluster.node("n2").start()
      await cluster.answers()
      writeFileSync(go, "")
      await cluster.drained()
      await cluster.ready()
    })

    it("stops what a job left behind", async () => {
      const other = await startCluster({ nodes: 1 })
      const mark = join(cluster.folder, "started")
      await other.ask("sbatch", "--output=/dev/null", script(`touch ${mark}; exec sleep 600`))
      await eventually("the job runs", () => existsSync(mark) || undefined)
      await other.stop()
      expect(startedWith("SLURM_CONF", join(other.folder, "slurm.conf"))).toEqual([])
    })
  },
)
