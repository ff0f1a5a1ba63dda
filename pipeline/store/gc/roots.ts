import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { profileOfHeads } from "../heads.ts"
import { Store } from "../store.ts"
import { makeLedger } from "../verify/ledger.ts"
import { type Entry, namedFiles } from "../verify/walk.ts"
import type { Inventory } from "./inventory.ts"
import { keysOfRuns } from "./logs.ts"
import type { Wanted } from "./wanted.ts"

/**
 * The keys of all actions that stay, with what they were made from: those of declared profiles, of pins, of conflicts, of
 * what is in work, of what is young, and of what a young or living run found or made.
 */
export const keysOfRoots = Effect.fnUntraced(function*(
  { living, records, conflicts, pins, accepted }: Inventory,
  wanted: Wanted,
  isOld: (entry: Entry) => boolean,
): Effect.fn.Return<ReadonlySet<Digest>, StoreError, Store | Disk> {
  const { layout, files } = yield* Store
  const ledger = makeLedger(layout.folder)
  const roots = new Set<Digest>([...wanted.keys, ...living.keys])
  const add = (keys: Iterable<Digest>): void => {
    for (const key of keys) roots.add(key)
  }
  for (const [key, record] of records) if (!isOld(record)) roots.add(key)
  for (const { value } of conflicts) roots.add(value.key)
  for (const { value } of pins) add(Object.values(value.keys))
  for (const file of accepted) if (!isOld(file)) roots.add(file.value.as)
  for (const file of yield* namedFiles(layout.runs, "run log", ledger)) {
    if (isOld(file) && !living.runs.has(file.name)) continue
    add(yield* keysOfRuns([file.name]))
  }
  for (const file of yield* namedFiles(layout.heads, "heads", ledger)) {
    const profile = profileOfHeads(file.name) ?? ""
    if (wanted.known.has(profile) || (isOld(file) && !wanted.profiles.has(profile))) continue
    add(Object.values((yield* files.heads.read(file.name)) ?? {}))
  }
  return roots
})
