import { Effect } from "effect"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "./disk.ts"
import { ownerIn } from "./owner.ts"
import type { Look } from "./processes.ts"
import { Store } from "./store.ts"

/** What living processes are at in the store, as far as anybody can tell: who may live counts as living. */
export interface Living {
  /** Engines; a worker lives as long as its engine. */
  readonly owners: ReadonlySet<string>
  /** The runs that are going on. */
  readonly runs: ReadonlySet<string>
  /** The keys that are in work. */
  readonly keys: ReadonlySet<Digest>
  /**
   * When the oldest work that is going on began, on the store's clock, in milliseconds; undefined where none is.
   *
   * Each execution takes a lease before it writes anything: whatever it has written is not older.
   */
  readonly since: number | undefined
  /** Whether an owner has died. */
  readonly isDead: Look["isDead"]
}

/** Looks at who lives. Nothing is written where all processes are of this machine. */
export const livingIn = Effect.gen(function*(): Effect.fn.Return<Living, StoreError, Store | Disk> {
  const disk = yield* Disk
  const { layout, processes, owner: self } = yield* Store
  const look = yield* processes.look
  const owners = new Set<string>()
  const runs = new Set<string>()
  for (const name of yield* disk.list(layout.processes.folder)) {
    const owner = ownerIn(name)
    if (owner === undefined || owner === self || (yield* look.isDead(owner))) continue
    owners.add(owner)
    const run = (yield* processes.heartbeat(owner))?.run ?? null
    if (run !== null) runs.add(run)
  }
  const keys = new Set<Digest>()
  let since: number | undefined
  for (const name of yield* disk.list(layout.leases.folder)) {
    const key = name.slice(0, 64)
    const owner = ownerIn(name)
    if (!isDigest(key) || owner === undefined || owner === self || (yield* look.isDead(owner))) continue
    keys.add(key)
    const began = (yield* disk.stat(layout.leases.path(name)))?.mtime
    if (began !== undefined) since = Math.min(since ?? began, began)
  }
  return { owners, runs, keys, since, isDead: look.isDead }
})
