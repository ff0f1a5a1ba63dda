import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Digest, digestOf } from "../../../pipeline/base/digest.ts"
import type { Batch } from "../../../pipeline/store/batch.ts"
import { beginCollection } from "../../../pipeline/store/gc/inventory.ts"
import { planCollection } from "../../../pipeline/store/gc/plan.ts"
import { removeAll } from "../../../pipeline/store/gc/remove.ts"
import type { Wanted } from "../../../pipeline/store/gc/wanted.ts"
import { newOwner } from "../../../pipeline/store/owner.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, recordOf } from "./support.ts"

/** A process of this machine that has ended: its id had another start time. */
const dead = newOwner().replace(/-(\d+)-([0-9a-f]{8})$/u, "-1-$2")
const living = newOwner()

const record = recordOf(1, {})
const batchOf = (id: string, submitter: string, keys: ReadonlyArray<Digest>, again = false): Batch => ({
  id,
  submitter,
  run: "r",
  began: new Date().toISOString(),
  class: "c",
  memory: 100,
  seconds: null,
  warning: 120,
  together: 1,
  tasks: keys.map((key) => ({
    jobs: [{
      job: {
        key,
        preImage: record.preImage,
        node: record.node,
        files: [],
        resources: record.resources,
        environment: { commit: null, dirty: false },
      },
      isolation: "inline",
      timeout: null,
      again,
    }],
  })),
})

describe("dag gc of what was handed to a batch system", () => {
  const wanted: Wanted = {
    profiles: new Set(),
    known: new Set(),
    keys: new Set([record.key]),
    sources: new Map(),
    code: new Set(),
    quarantine: false,
    checkpoints: "all",
  }
  const collect = (outOfQueue: ReadonlyArray<string> | undefined, olderThan: number, later = 0) =>
    Effect.gen(function*() {
      const { now, living } = yield* beginCollection(true)
      const { removals } = yield* planCollection(
        { now: now + later, living },
        outOfQueue === undefined ? wanted : { ...wanted, outOfQueue: new Set(outOfQueue) },
        olderThan,
      )
      const removed = yield* removeAll([], removals)
      return removed.map(({ path }) => path).filter((path) => /^(?:batches|tasks)/u.test(path)).toSorted()
    })

  it("leaves what a job may wait for, as long as it may, and removes what none can need", () =>
    inFolder(async (folder) => {
      const other = digestOf("not recorded")
      await onStore(
        folder,
        Effect.gen(function*() {
          const store = yield* Store
          yield* store.publishRecord(record)
          const batches = [
            batchOf("b1", dead, [record.key, other]),
            batchOf("b2", dead, [record.key]),
            batchOf("b3", dead, [record.key], true),
            batchOf("b4", living, [record.key]),
          ]
          for (const batch of batches) yield* store.files.batches.publish(batch.id, batch)
        }),
      )
      mkdirSync(join(folder, "tasks"), { recursive: true })
      for (const task of ["b1.0", "b1.queue", "b2.0", "b4.0", "b9.0"]) {
        writeFileSync(join(folder, "tasks", `${task}.ndjson`), "\n")
      }
      const day = 86_400_000
      // A job of what is recorded may wait too, and is cancelled by its batch.
      assert.deepStrictEqual(await onStore(folder, collect(undefined, 30 * day)), ["tasks/b9.0.ndjson"])
      assert.deepStrictEqual(await onStore(folder, collect(["b2"], 30 * day)), ["batches/b2.json", "tasks/b2.0.ndjson"])
      // A queue may be asked too early, or not show all: what is young and not recorded stays whatever it shows.
      assert.deepStrictEqual(await onStore(folder, collect(["b1", "b4"], 30 * day)), [])
      assert.deepStrictEqual(await onStore(folder, collect(undefined, 30 * day, 89 * day)), [])
      assert.deepStrictEqual(await onStore(folder, collect(["b1", "b4"], 30 * day, 31 * day)), [
        "batches/b1.json",
        "tasks/b1.0.ndjson",
        "tasks/b1.queue.ndjson",
      ])
      assert.deepStrictEqual(await onStore(folder, collect(undefined, 30 * day, 91 * day)), ["batches/b3.json"])
    }))
})
