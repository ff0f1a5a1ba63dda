import { Effect } from "effect"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "./disk.ts"
import { ownerIn } from "./owner.ts"
import { Store } from "./store.ts"

/** What living processes work on in the store, as far as anybody can tell: who may live counts as living. */
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
}

/** Looks at who lives. Nothing is written where all processes are of this machine. */
export const livingIn = Effect.gen(function*(): Effect.fn.Return<Living, StoreError, Store | Disk> {
  const disk = yield* Disk
  const { layout, processes, owner: self } = yield* Store
  const others = (names: ReadonlyArray<string>) =>
    names.flatMap((name) => {
      const owner = ownerIn(name)
      return owner === undefined || owner === self ? [] : [{ name, owner }]
    })
  const beating = others(yield* disk.list(layout.processes.folder))
  const leases = others(yield* disk.list(layout.leases.folder))
  const dead = yield* processes.deadAmong([...beating, ...leases].map(({ owner }) => owner))
  const owners = new Set<string>()
  const runs = new Set<string>()
  for (const { owner } of beating) {
    if (dead.has(owner)) continue
    owners.add(owner)
    const run = (yield* processes.heartbeat(owner))?.run ?? null
    if (run !== null) runs.add(run)
  }
  const keys = new Set<Digest>()
  let since: number | undefined
  for (const { name, owner } of leases) {
    const key = name.slice(0, 64)
    if (!isDigest(key) || dead.has(owner)) continue
    keys.add(key)
    const began = (yield* disk.stat(layout.leases.path(name)))?.mtime
    if (began !== undefined) since = Math.min(since ?? began, began)
  }
  return { owners, runs, keys, since }
})
