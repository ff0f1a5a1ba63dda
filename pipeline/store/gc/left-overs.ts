import { Effect } from "effect"
import { type Digest, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { profileOfHeads } from "../heads.ts"
import { ownerIn } from "../owner.ts"
import { digestInPartial, isPartialName } from "../partial-name.ts"
import { Store } from "../store.ts"
import type { Kind } from "../verify/finding.ts"
import { type Ledger, makeLedger } from "../verify/ledger.ts"
import { sizesBelow } from "../verify/verify.ts"
import { entriesIn, type Entry, namedFiles } from "../verify/walk.ts"
import { batchesOver } from "./batches.ts"
import type { Inventory } from "./inventory.ts"
import type { Wanted } from "./wanted.ts"

/** A file, or a folder with all that is in it, that nothing wants any more. */
export interface LeftOver extends Entry {
  readonly kind: Kind
  readonly why: string
  readonly node?: string
  readonly bytes: number
}

/** What goes besides records, objects and code: by its age, or since what it is about is gone or its process has ended. */
export const leftOvers = Effect.fnUntraced(function*(
  { now, living, accepted, objects, records }: Inventory,
  wanted: Wanted,
  reached: ReadonlySet<Digest>,
  isOld: (entry: Entry) => boolean,
): Effect.fn.Return<ReadonlyArray<LeftOver>, StoreError, Store | Disk> {
  const { layout, processes } = yield* Store
  const ledger = makeLedger(layout.folder)
  const found: Array<LeftOver> = []
  const add = Effect.fnUntraced(function*(kind: Kind, entry: Entry, why: string, node?: string) {
    const bytes = (yield* sizesBelow(entry.path)).reduce((sum, size) => sum + size, 0)
    found.push({ ...entry, kind, why, bytes, ...(node === undefined ? {} : { node }) })
  })

  for (const file of yield* namedFiles(layout.runs, "run log", ledger)) {
    if (isOld(file) && !living.runs.has(file.name)) yield* add("run log", file, "old")
  }
  // A run may have taken over what another left.
  if (living.runs.size === 0) {
    const over = yield* batchesOver(wanted.outOfQueue ?? new Set(), now, (key) => records.has(key), isOld, ledger)
    for (const file of over.batches) yield* add("batch", file, "no job needs it")
    for (const file of over.tasks) yield* add("task log", file, "no job needs it")
  }
  for (const file of yield* namedFiles(layout.logs, "printed log", ledger)) {
    if (ownerIn(file.file) === undefined && isOld(file)) yield* add("printed log", file, "old")
  }
  for (const file of yield* namedFiles(layout.heads, "heads", ledger)) {
    const isDeclared = wanted.profiles.has(profileOfHeads(file.name) ?? "")
    if (!isDeclared && isOld(file)) yield* add("heads", file, "no profile has that name")
  }
  for (const file of accepted) {
    const { key, node } = file.value
    if (!wanted.keys.has(key) && isOld(file)) yield* add("accepted change", file, "no node has it", node)
  }
  for (const file of yield* namedFiles(layout.released, "release", ledger, isDigest)) {
    if (isDigest(file.name) && !reached.has(file.name)) yield* add("release", file, "no node has it")
  }
  for (const entry of yield* entriesIn(layout.unfinished.folder, "unfinished work", ledger)) {
    const key = entry.file
    if (!isDigest(key) || living.keys.has(key) || entry.stat.kind !== "folder") continue
    if (!wanted.keys.has(key) && isOld(entry)) yield* add("unfinished work", entry, "no node has it")
  }
  const parts = yield* namedFiles(layout.partial, "partial object", ledger, isPartialName)
  const deadOfParts = yield* processes.deadAmong(parts.flatMap(({ file }) => ownerIn(file) ?? []))
  for (const part of parts) {
    const owner = ownerIn(part.file)
    if (owner !== undefined && !deadOfParts.has(owner)) continue
    const digest = digestInPartial(part.file)
    if (digest !== undefined && objects.has(digest)) yield* add("partial object", part, "the whole object is here")
    else if (isOld(part)) yield* add("partial object", part, "nobody goes on with it")
  }
  for (const entry of yield* entriesIn(layout.quarantine, "quarantine", ledger)) {
    if (wanted.quarantine && isOld(entry)) yield* add("quarantine", entry, "old")
  }
  for (const { kind, entry } of yield* leftByTheDead(ledger)) yield* add(kind, entry, "its process has ended")
  return found
})

/** What processes left that have ended: first what there is, and then who lives, since one may begin in between. */
const leftByTheDead = Effect.fnUntraced(function*(ledger: Ledger) {
  const { layout, processes } = yield* Store
  const ofProcesses = [
    [layout.logs.folder, "printed log"],
    [layout.temporaries, "temporary file"],
    [layout.jobs.folder, "job"],
    [layout.leases.folder, "lease"],
    [layout.processes.folder, "process"],
  ] as const
  const seen: Array<{ readonly kind: Kind; readonly entry: Entry; readonly owner: string }> = []
  for (const [folder, kind] of ofProcesses) {
    for (const entry of yield* entriesIn(folder, kind, ledger)) {
      const owner = ownerIn(entry.file)
      if (owner !== undefined) seen.push({ kind, entry, owner })
    }
  }
  const dead = yield* processes.deadAmong(seen.map(({ owner }) => owner))
  return seen.filter(({ owner }) => dead.has(owner))
})
