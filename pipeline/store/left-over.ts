import { Effect } from "effect"
import { join } from "node:path"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "./disk.ts"
import { ownerIn } from "./owner.ts"
import { Store } from "./store.ts"

/**
 * Removes what processes that no longer live left half done: temporary files, jobs, their logs and leases, and at last
 * their heartbeats. What an action saved before it was recorded goes too: its execution was stopped before it removed that.
 */
export const removeStaleTemporaries = Effect.gen(function*() {
  const disk = yield* Disk
  const store = yield* Store
  const { layout: { left, leases, processes, unfinished } } = store
  const found: Array<readonly [path: string, owner: string]> = []
  for (const folder of [...left, leases.folder, processes.folder]) {
    for (const name of yield* disk.list(folder)) {
      const owner = ownerIn(name)
      if (owner !== undefined) found.push([join(folder, name), owner])
    }
  }
  if (found.length > 0) {
    const dead = yield* store.processes.deadAmong(found.map(([, owner]) => owner))
    for (const [path, owner] of found) if (dead.has(owner)) yield* disk.remove(path)
  }
  for (const key of yield* disk.list(unfinished.folder)) {
    if (!isDigest(key) || !(yield* isRecordedSince(key))) continue
    // Somebody may work on it all the same: nobody clears what another works with.
    const taking = yield* store.leases.take(key, "")
    if (taking._tag !== "Taken") continue
    // It may have saved more meanwhile.
    yield* Effect.flatMap(isRecordedSince(key), (isStill) => (isStill ? store.unfinished(key).clear : Effect.void))
      .pipe(
        Effect.ensuring(taking.lease.release),
      )
  }
})

/**
 * Whether an action was recorded, with all that it made, after it saved the last of what is unfinished of it.
 *
 * What it saved later is of another execution, which the user asked for or which makes again what is gone: the next one
 * goes on from it, however well the action stands.
 */
const isRecordedSince = Effect.fnUntraced(function*(
  key: Digest,
): Effect.fn.Return<boolean, StoreError, Disk | Store> {
  const disk = yield* Disk
  const { hit, files, layout } = yield* Store
  const found = yield* hit(key)
  if (found._tag !== "Hit" || found.released !== undefined || found.accepted !== undefined) return false
  const recorded = (yield* disk.stat(files.records.path(key)))?.mtime
  if (recorded === undefined) return false
  const folder = layout.unfinished.path(key)
  for (const name of yield* disk.list(folder)) {
    const saved = (yield* disk.stat(join(folder, name)))?.mtime
    if (saved !== undefined && saved > recorded) return false
  }
  return true
})
