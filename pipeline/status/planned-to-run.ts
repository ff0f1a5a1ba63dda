import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { Asked } from "../graph/needed.ts"
import { type Graph, sources } from "../graph/node.ts"
import { Disk } from "../store/disk.ts"
import { Store } from "../store/store.ts"
import { plannedRun } from "./planned.ts"
import { type Snapshot, withStatus } from "./snapshot.ts"
import type { Overrides } from "./status.ts"

/** No more objects of a remote are asked for before a run, the largest first: what is small is soon made again. */
const MOST = 256

/** So many are asked for at the same time. */
const AT_ONCE = 16

/**
 * Finds out what a run would do, as {@link plannedRun}, and that the remote still has what it would read: what is gone from
 * there is to be made again, which the plan then shows. Gives how many objects are gone.
 */
export const plannedToRun = Effect.fnUntraced(function*(graph: Graph, asked: Asked, overrides?: Overrides) {
  let gone = 0
  for (;;) {
    const found = yield* plannedRun(graph, asked, overrides)
    const more = yield* goneFor(found.planned)
    gone += more
    // Those that make it may read what is gone too.
    if (more === 0) return { ...found, gone }
  }
})

/** How many objects that nodes will read are gone from the remote; they count as gone from then on. */
export const goneFor = Effect.fnUntraced(function*(planned: Snapshot) {
  const { remote, objectPath } = yield* Store
  if (remote === undefined) return 0
  const disk = yield* Disk
  const wanted = new Map<Digest, number>()
  for (const { node } of withStatus(planned, "WillRun", "MayRun")) {
    for (const name of sources(node)) {
      const status = planned.nodes.get(name)?.status
      if (status?._tag !== "Fresh") continue
      const { outputs, blobs } = status.record
      for (const { digest, size } of [...Object.values(outputs), ...blobs]) {
        if (remote.has(digest, size) && (yield* disk.size(objectPath(digest))) !== size) wanted.set(digest, size)
      }
    }
  }
  const largest = [...wanted].filter(([digest]) => !remote.isSeen(digest))
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, MOST)
  const there = yield* Effect.forEach(largest, ([digest]) => remote.isThere(digest), { concurrency: AT_ONCE })
  return there.filter((is) => !is).length
})
