import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { limitsIn } from "../../../../pipeline/execute/slurm/answers.ts"
import { Slurm } from "../../../../pipeline/execute/slurm/client.ts"
import { outOfQueue } from "../../../../pipeline/execute/slurm/out-of-queue.ts"
import type { Batch } from "../../../../pipeline/store/batch.ts"
import { Store } from "../../../../pipeline/store/store.ts"
import { inFolder, onStore } from "../../store/support.ts"

const user = process.getuid?.() ?? 0

const batchOf = (id: string, of: Partial<Batch>): Batch => ({
  id,
  submitter: "x",
  run: "r",
  began: new Date(0).toISOString(),
  class: "c",
  memory: 100,
  seconds: null,
  warning: 120,
  together: 1,
  tasks: [],
  ...of,
})

/** A cluster that has one job in its queue, as far as it is shown. */
const clusterWith = (present: string, asked: Array<string>, settings: string) => {
  const never = Effect.die("this is not asked")
  return Layer.succeed(Slurm, {
    version: never,
    limits: Effect.succeed(limitsIn(settings)),
    submit: () => never,
    queue: (names) =>
      Effect.sync(() => {
        asked.push(...names)
        return names.filter((name) => name === present).map((name) => ({
          job: "7",
          task: 0,
          state: "PENDING",
          reason: "Resources",
          name,
        }))
      }),
    idleCores: () => never,
    details: () => never,
    cancel: () => never,
    cancelNamed: () => never,
    requeue: () => never,
  })
}

describe("a batch that is not in the queue", () => {
  const batches = [
    batchOf("b1", { cluster: "here", user }),
    batchOf("b2", { cluster: "here", user }),
    batchOf("b3", { cluster: "there", user }),
    batchOf("b4", { cluster: "here", user: user + 1 }),
    batchOf("b5", {}),
  ]
  const look = (settings: string) =>
    inFolder(async (folder) => {
      const asked: Array<string> = []
      const found = await onStore(
        folder,
        Effect.gen(function*() {
          const { files } = yield* Store
          for (const batch of batches) yield* files.batches.publish(batch.id, batch)
          return yield* outOfQueue([...batches.map(({ id }) => id), "b6"], 0)
        }).pipe(Effect.provide(clusterWith("redag-b2", asked, settings))),
      )
      return { found, asked: [...new Set(asked)] }
    })

  it("is taken for over only where its jobs would be shown: not that of another user or cluster", async () => {
    assert.deepStrictEqual(await look("ClusterName             = here\n"), {
      found: ["b1"],
      asked: ["redag-b1", "redag-b2"],
    })
  })

  it("is not taken for over where the cluster does not say its name", async () => {
    assert.deepStrictEqual(await look(""), { found: [], asked: [] })
  })
})
