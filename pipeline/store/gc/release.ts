import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { type Holding, objectsOf } from "../holding.ts"
import type { Released } from "../released.ts"
import { runNames } from "../runs.ts"
import { Store } from "../store.ts"
import type { Inventory } from "./inventory.ts"
import { keysOfRuns, soundLog } from "./logs.ts"
import type { Wanted } from "./wanted.ts"

/**
 * The bytes of kept actions that are released: those that are no tables, of actions that the store alone can make again
 * and that nothing wants.
 *
 * `kept` are the holdings of all records that stay, and `pinned` the keys that pins keep.
 */
export const releasesOf = Effect.fnUntraced(function*(
  { now, living, objects, conflicts }: Pick<Inventory, "now" | "living" | "objects" | "conflicts">,
  kept: ReadonlyArray<Holding>,
  pinned: ReadonlySet<Digest>,
  { checkpoints }: Wanted,
): Effect.fn.Return<ReadonlyArray<Released>, StoreError, Store | Disk> {
  if (checkpoints === "all") return []
  const last = checkpoints.last ? yield* lastMade : new Set<Digest>()
  // What a run that goes on has made or found, its next nodes may need.
  const going = yield* keysOfRuns(living.runs)
  const isLetGo = ({ key, inputs, readsFiles, blobs }: Holding): boolean =>
    blobs.length > 0 && inputs.length > 0 && !readsFiles
    && !checkpoints.of.has(key) && !last.has(key) && !pinned.has(key)
    && !living.keys.has(key) && !going.has(key)
  const wanted = new Set<Digest>(
    conflicts.flatMap(({ value }) => [...Object.values(value.outputs), ...value.blobs].map(({ digest }) => digest)),
  )
  for (const holding of kept) {
    for (const { digest } of isLetGo(holding) ? holding.outputs : objectsOf(holding)) wanted.add(digest)
  }
  const floor = living.since ?? now
  const when = new Date(now).toISOString()
  return kept.filter(isLetGo).flatMap(({ key, blobs }) => {
    const free = blobs.filter(({ digest }) => !wanted.has(digest) && isOld(objects.get(digest), floor))
    return free.length === 0 ? [] : [{ key, when, objects: free }]
  })
})

const isOld = (found: { readonly stat: { readonly changed: number } } | undefined, floor: number): boolean =>
  found === undefined || found.stat.changed < floor

/** The keys of the actions that the last run which executed any made. */
const lastMade = Effect.gen(function*() {
  for (const name of (yield* runNames).toReversed()) {
    const log = yield* soundLog(name)
    if (log === undefined || log.made.size === 0) continue
    return new Set([...log.made.keys()].flatMap((node) => log.keys.get(node) ?? []))
  }
  return new Set<Digest>()
})
