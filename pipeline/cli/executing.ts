import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { InQueueNow } from "../execute/executor.ts"
import type { NodeSnapshot } from "../status/snapshot.ts"
import { workersKey } from "../store/batch.ts"
import { Disk } from "../store/disk.ts"
import type { Holder } from "../store/leases.ts"
import { Store } from "../store/store.ts"

/** What is executed now, and by whom: in this run's words where these nodes have the action, in the holder's elsewhere. */
export interface Executing extends Holder {
  readonly key: string
  /** Whether the node is one of these. */
  readonly isInGraph: boolean
  /** How it stands in the queue that it was handed to, if any. */
  readonly queued?: InQueueNow
}

/** Looks at actions that were handed to a queue; loads what reads that only where something was. */
export const makeLookAtQueued = () => {
  let look:
    | ((keys: Iterable<Digest>) => Effect.Effect<ReadonlyMap<Digest, InQueueNow>, never, Store | Disk>)
    | undefined
  return Effect.fnUntraced(function*(keys: Iterable<Digest>) {
    const { layout } = yield* Store
    const disk = yield* Disk
    const names = yield* Effect.orElseSucceed(disk.list(layout.batches.folder), () => [])
    if (names.length === 0) return new Map<Digest, InQueueNow>()
    look ??= (yield* Effect.promise(() => import("../execute/slurm/look-at-queued.ts"))).makeLookAtQueued()
    return yield* look(keys)
  })
}

/** Whether anybody who lives is at work on the action of a key, or waits for its job. */
export const isHeld = (key: Digest) =>
  Effect.flatMap(Store, ({ leases }) => Effect.map(leases.holders, (holders) => holders.has(key)))

/** What is in a queue, and nobody waits for. */
export interface Left {
  readonly node: string
  readonly key: string
  readonly queued: InQueueNow
}

/** What is at work in a store, in the order of the nodes' names. */
export interface AtWork {
  readonly executing: ReadonlyArray<Executing>
  /** What runs that ended left in a queue, of these nodes. */
  readonly left: ReadonlyArray<Left>
}

/** All that is executed in the store now. */
export const executingNow = (nodes: Iterable<NodeSnapshot>) =>
  Effect.map(atWorkNow(nodes), ({ executing }) => executing)

/** The same, and what was left in a queue. */
export const atWorkNow = Effect.fnUntraced(function*(nodes: Iterable<NodeSnapshot>) {
  const store = yield* Store
  const names = new Map<Digest, string>()
  for (const { node, status } of nodes) {
    if (status._tag === "WillRun" && status.action !== undefined) names.set(status.action.key, node.name)
  }
  const held = new Map(yield* store.leases.holders)
  const queued = yield* makeLookAtQueued()(new Set([...held.keys(), ...names.keys()]))
  // Who works on an action in a job holds a second lease.
  for (const key of new Set([...held.keys(), ...queued.keys()])) {
    const workers = workersKey(key)
    const worker = held.get(workers)
    if (worker === undefined) continue
    held.delete(workers)
    if (!held.has(key)) held.set(key, worker)
  }
  const executing = [...held]
    .map(([key, holder]): Executing => {
      const own = queued.get(key)
      return {
        ...holder,
        key,
        node: names.get(key) ?? holder.node,
        isInGraph: names.has(key),
        ...(own === undefined ? {} : { queued: own }),
      }
    })
    .toSorted(byNode)
  const left = [...queued]
    .flatMap(([key, own]): ReadonlyArray<Left> => {
      const node = names.get(key)
      return held.has(key) || node === undefined ? [] : [{ node, key, queued: own }]
    })
    .toSorted(byNode)
  return { executing, left } satisfies AtWork
})

const byNode = (one: { readonly node: string }, other: { readonly node: string }): number =>
  one.node < other.node ? -1 : one.node > other.node ? 1 : 0
