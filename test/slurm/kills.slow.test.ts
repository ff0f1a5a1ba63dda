import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll } from "vitest"
import { eventually, Project, type Running } from "../rig/project.ts"
import { type Cluster, noSlurm, startCluster } from "./cluster.ts"
import { SAVED, stretchesOf, writeTrainings } from "./trainings.ts"

const KILLS = 20
const [CHAINS, LINKS, STEPS] = [3, 5, 100]

/** What happens to the cluster after the coordinator was killed so many times. */
type Event = "controller" | "daemon" | "cancel" | "down" | undefined
const events: ReadonlyArray<Event> = Array.from({ length: KILLS }, (_, kill) => {
  if (kill === 10) return "down"
  const all: ReadonlyArray<Event> = ["controller", "daemon", "cancel", undefined]
  return all[kill % all.length]
})

describe.skipIf(noSlurm !== undefined)(
  `a run on Slurm of which anything may be killed${noSlurm === undefined ? "" : ` [${noSlurm}]`}`,
  () => {
    let cluster: Cluster
    let project: Project
    beforeAll(async () => {
      cluster = await startCluster({ minJobAge: 600 })
      project = new Project()
    })
    afterAll(async () => {
      await cluster.stop()
      await project.end()
      project.remove()
    })

    /** Records by their keys: what each says that was made. */
    const recordsIn = (store: string): ReadonlyMap<string, string> => {
      const folder = project.path(store, "actions")
      return new Map(
        readdirSync(folder).map((name) => {
          const { content } = JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as {
            readonly content: { readonly outputs: object }
          }
          return [name, JSON.stringify(content.outputs)]
        }),
      )
    }

    const run = (): Running =>
      // Not before all kills are over does the run have nothing left to do.
      project.start(["run", "--yes", "--executor", "slurm"], {
        ...cluster.variables,
        RIG_HELD: `${CHAINS - 1}-${LINKS - 1}`,
      })

    it("records each key once, makes the undisturbed bytes, and repeats no more of a training than since it last saved", async () => {
      writeTrainings(project, CHAINS, LINKS, STEPS)
      const alone = await project.start(["run", "--yes", "--executor", "local"], {
        DAG_STORE: project.path("undisturbed"),
      })
        .ended
      assert.strictEqual(alone.code, 0, alone.stderr)
      const undisturbed = recordsIn("undisturbed")
      assert.isAbove(undisturbed.size, CHAINS * LINKS)
      project.executions()

      const random = randomBy(20_26)
      const first = new Map<string, string>()
      /** What is recorded stays. */
      const look = () => {
        for (const [key, outputs] of recordsIn("artifacts")) {
          assert.strictEqual(outputs, first.get(key) ?? outputs, `${key} was recorded again, and otherwise`)
          first.set(key, outputs)
        }
      }
      let killed = 0
      for (const event of events) {
        const coordinator = run()
        let hasEnded = false
        void coordinator.ended.then(() => (hasEnded = true))
        const before = project.words().length
        await eventually(
          "a training is at work",
          () => hasEnded || project.words().length > before || undefined,
        )
        await sleep(random() * 4000)
        if (coordinator.process.kill("SIGKILL")) killed++
        await coordinator.ended
        await happen(event, random)
        await resume()
        look()
      }
      process.stdout.write(
        `${killed} of ${KILLS} coordinators were killed, ${first.size} of ${undisturbed.size} recorded by then\n`,
      )
      project.open()
      const last = await run().ended
      assert.strictEqual(last.code, 0, `${last.stdout}\n${last.stderr}`)
      look()
      assert.strictEqual(killed, KILLS)
      assert.deepStrictEqual(recordsIn("artifacts"), undisturbed)
      assert.isEmpty(project.files("artifacts/conflicts"))
      await cluster.drained()

      const stretches = stretchesOf(project.words())
      assert.strictEqual(stretches.size, CHAINS * LINKS)
      let repeated = 0
      for (const [label, own] of stretches) {
        for (const [index, { first, last }] of own.entries()) {
          const reached = index === 0 ? 0 : own[index - 1]?.last ?? 0
          assert.isAtMost(first, reached + 1, `${label} left out steps`)
          assert.isAtMost(reached - (first - 1), SAVED, `${label} went back from ${reached} to ${first}`)
          repeated += reached - (first - 1)
          assert.isAtMost(last, STEPS)
        }
        assert.strictEqual(own.at(-1)?.last, STEPS)
      }
      process.stdout.write(
        `${
          [...stretches.values()].reduce((sum, own) => sum + own.length, 0)
        } processes for ${stretches.size} trainings, `
          + `${repeated} steps of ${CHAINS * LINKS * STEPS} taken again\n`,
      )
      const checked = await project.dag("verify")
      assert.strictEqual(checked.code, 0, checked.stdout)
    })

    /** Slurm sets a node aside that could not start a job, as while its daemon was killed, until somebody has looked. */
    const resume = async (): Promise<void> => {
      for (const node of cluster.nodes) {
        const { stdout } = await cluster.ask("scontrol", "show", "node", node)
        if (stdout.includes("DRAIN")) {
          await cluster.ask("scontrol", "update", `NodeName=${node}`, "State=RESUME")
        }
      }
    }

    const happen = async (event: Event, random: () => number): Promise<void> => {
      const some = <A>(all: ReadonlyArray<A>): A | undefined => all[Math.floor(random() * all.length)]
      const node = some(cluster.nodes) ?? ""
      switch (event) {
        case undefined:
          return
        case "controller":
          await cluster.controller.end()
          return cluster.answers()
        case "daemon":
          await cluster.node(node).end()
          cluster.node(node).start()
          return
        case "cancel": {
          const running = (await cluster.queue())?.filter(({ state }) => state === "RUNNING") ?? []
          const job = some(running)
          if (job === undefined) return
          await cluster.ask("scancel", job.id)
          // A coordinator that finds it while it ends tells who asks that somebody cancelled it, and ends by itself.
          while ((await cluster.queue())?.some(({ id }) => id === job.id) !== false) await sleep(100)
          return
        }
        case "down":
          await cluster.ask("scontrol", "update", `NodeName=${node}`, "State=DOWN", "Reason=test")
          await cluster.ask("scontrol", "update", `NodeName=${node}`, "State=RESUME")
      }
    }
  },
)

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
const randomBy = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
