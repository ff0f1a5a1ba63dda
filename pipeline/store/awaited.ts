import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "./disk.ts"
import type { ActionRecord } from "./record.ts"
import { Store } from "./store.ts"

/**
 * For how long what another machine wrote may stay unseen here, in milliseconds: a network's file system asks its server
 * again after a minute at the latest, unless somebody set it to more.
 */
export const UNSEEN = 120_000

/** The first pause between two looks, and the longest, in milliseconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 2000]

/**
 * The record of an action that another machine says it wrote, once it and all that it names can be seen here; undefined
 * where that takes longer than `patience`, in milliseconds.
 *
 * After the first look each folder is listed before the next: a file that is asked for by its name may be remembered as
 * absent. Only the pauses count, so that a machine that slept does not give up when it wakes.
 */
export const awaitedRecord = Effect.fnUntraced(function*(
  key: Digest,
  patience = UNSEEN,
): Effect.fn.Return<ActionRecord | undefined, StoreError, Store | Disk> {
  const store = yield* Store
  const disk = yield* Disk
  let pause = FIRST_PAUSE
  for (let waited = 0;; waited += pause, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const hit = yield* store.hit(key)
    if (hit._tag === "Hit" && hit.accepted === undefined) return hit.record
    if (waited >= patience) return undefined
    yield* Effect.sleep(pause)
    yield* disk.list(store.layout.records.folder)
  }
})
