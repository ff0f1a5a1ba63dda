import { Effect } from "effect"
import { join } from "node:path"
import { isDigest } from "../base/digest.ts"
import { Disk } from "./disk.ts"
import { isLeftOver } from "./owner.ts"
import { Store } from "./store.ts"

/**
 * Removes what processes of this machine that no longer live left half done: temporary files, jobs and their logs. What
 * an action left unfinished goes once the action is recorded with all that it made.
 */
export const removeStaleTemporaries = Effect.gen(function*() {
  const disk = yield* Disk
  const store = yield* Store
  const { layout: { left, unfinished }, owner } = store
  for (const folder of left) {
    for (const name of yield* disk.list(folder)) {
      if (isLeftOver(name, owner)) yield* disk.remove(join(folder, name))
    }
  }
  for (const key of yield* disk.list(unfinished.folder)) {
    if (isDigest(key) && (yield* store.hit(key))._tag === "Hit") yield* store.unfinished(key).clear
  }
})
