import { Effect } from "effect"
import { join } from "node:path"
import { isDigest } from "../base/digest.ts"
import { Disk } from "./disk.ts"
import { ownerIn } from "./owner.ts"
import { Store } from "./store.ts"

/**
 * Removes what processes that no longer live left half done: temporary files, jobs, their logs and leases, and at last
 * their heartbeats. What an action left unfinished goes once the action is recorded with all that it made.
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
    const look = yield* store.processes.look
    for (const [path, owner] of found) if (yield* look.isDead(owner)) yield* disk.remove(path)
  }
  for (const key of yield* disk.list(unfinished.folder)) {
    if (!isDigest(key) || (yield* store.hit(key))._tag !== "Hit") continue
    // Somebody may be at it all the same: nobody clears what another works with.
    const taking = yield* store.leases.take(key, "")
    if (taking._tag === "Taken") yield* Effect.ensuring(store.unfinished(key).clear, taking.lease.release)
  }
})
