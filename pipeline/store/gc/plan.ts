import { Effect } from "effect"
import { relative } from "node:path"
import { type Digest, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { type Holding, objectsOf } from "../holding.ts"
import type { Released } from "../released.ts"
import { Store } from "../store.ts"
import type { Kind } from "../verify/finding.ts"
import { makeLedger } from "../verify/ledger.ts"
import { type Entry, namedFiles } from "../verify/walk.ts"
import { type Beginning, type Inventory, takeInventory } from "./inventory.ts"
import { leftOvers } from "./left-overs.ts"
import { reachedFrom } from "./reachable.ts"
import { releasesOf } from "./release.ts"
import type { Removal } from "./remove.ts"
import { keysOfRoots } from "./roots.ts"
import type { Wanted } from "./wanted.ts"

/** What a collection would do. */
export interface Plan {
  readonly releases: ReadonlyArray<Released>
  /** In the order in which they go. */
  readonly removals: ReadonlyArray<Removal>
  /** How much of the objects stays. */
  readonly kept: { readonly files: number; readonly bytes: number }
}

/**
 * Finds what nothing wants and what has not been used for `olderThan` milliseconds. Nothing is removed.
 *
 * `beginning` is from before what is wanted was found out.
 */
export const planCollection = Effect.fnUntraced(function*(
  beginning: Beginning,
  wanted: Wanted,
  olderThan: number,
): Effect.fn.Return<Plan, StoreError, Store | Disk> {
  const { layout } = yield* Store
  const inventory = yield* takeInventory(beginning)
  const { now, living, records, objects, conflicts, pins } = inventory
  // Nothing that a living process may be about to record is older than its oldest lease.
  const floor = Math.min(now - olderThan, living.since ?? now)
  const isOld = ({ stat }: Entry): boolean => stat.changed < floor
  const roots = yield* keysOfRoots(inventory, wanted, isOld)

  const holdings = new Map([...records].map(([key, { holding }]) => [key, holding]))
  const reached = reachedFrom(holdings, roots, wanted.sources)
  const kept = [...holdings.values()].filter(({ key }) => reached.has(key))
  const pinned = new Set(pins.flatMap(({ value }) => Object.values(value.keys)))
  const releases = yield* releasesOf(inventory, kept, pinned, wanted)

  const removals: Array<Removal> = []
  const remove = (kind: Kind, { path, stat }: Entry, why: string, node?: string, bytes = stat.size): void => {
    removals.push({ kind, path: relative(layout.folder, path), bytes, node, why, version: stat.version })
  }
  for (const record of records.values()) {
    const { key, node } = record.holding
    if (!reached.has(key)) remove("record", record, "no node has it", node)
  }
  const names = namesOfObjects(inventory, kept, releases)
  for (const object of objects.values()) {
    const { digest } = object
    if (object.stat.kind !== "file" || names.kept.has(digest)) continue
    const releasedBy = names.released.get(digest)
    if (releasedBy !== undefined) remove("object", object, "released", releasedBy)
    else if (isOld(object)) remove("object", object, "no record names it", names.lost.get(digest))
  }

  const code = new Set<string>([
    ...wanted.code,
    ...kept.map((holding) => holding.code),
    ...conflicts.map(({ value }) => value.preImage.code),
  ])
  const ledger = makeLedger(layout.folder)
  for (const file of yield* namedFiles(layout.code, "code", ledger, isDigest)) {
    if (!code.has(file.name) && isOld(file)) remove("code", file, "no record names it")
  }
  for (const file of yield* leftOvers(inventory, wanted, reached, isOld)) {
    remove(file.kind, file, file.why, file.node, file.bytes)
  }
  const gone = new Set(removals.filter(({ kind }) => kind === "object").map(({ path }) => path))
  const staying = [...objects.values()].filter(({ path }) => !gone.has(relative(layout.folder, path)))
  return {
    releases,
    removals,
    kept: { files: staying.length, bytes: staying.reduce((sum, { stat }) => sum + stat.size, 0) },
  }
})

/** Whose each object is: of what stays, of what is released, of what goes. */
const namesOfObjects = (
  { records, conflicts }: Inventory,
  kept: ReadonlyArray<Holding>,
  releases: ReadonlyArray<Released>,
) => {
  const nodes = new Map(kept.map(({ key, node }) => [key, node]))
  const released = new Map<Digest, string | undefined>(
    releases.flatMap(({ key, objects }) => objects.map(({ digest }) => [digest, nodes.get(key)] as const)),
  )
  const named = new Set(kept.flatMap((holding) => objectsOf(holding).map(({ digest }) => digest)))
  for (const { value } of conflicts) {
    for (const { digest } of [...Object.values(value.outputs), ...value.blobs]) named.add(digest)
  }
  const lost = new Map<Digest, string>()
  for (const { holding } of records.values()) {
    for (const { digest } of objectsOf(holding)) lost.set(digest, holding.node)
  }
  return { kept: new Set([...named].filter((digest) => !released.has(digest))), released, lost }
}
