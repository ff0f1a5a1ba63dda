import { Effect } from "effect"
import { basename, join } from "node:path"
import { type Digest, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { counted } from "../../base/text.ts"
import { Disk } from "../disk.ts"
import { profileOfHeads } from "../heads.ts"
import { type Holding, holdingOf } from "../holding.ts"
import { isPartialName } from "../partial-name.ts"
import { isPinName } from "../pins.ts"
import { rememberedIn } from "../remote/contents.ts"
import { isMarkName } from "../remote/marks.ts"
import { isSignatureName } from "../signatures.ts"
import { Store } from "../store.ts"
import { type Around, checkComplete, statedSizes } from "./complete.ts"
import type { Report } from "./finding.ts"
import { checkJson } from "./json.ts"
import { type Ledger, makeLedger } from "./ledger.ts"
import { checkObjects, type Doubtful, listObjects } from "./objects.ts"
import { checkRunLogs } from "./run-logs.ts"
import { checkUnfinished } from "./unfinished.ts"
import { orUnreadable } from "./unreadable.ts"
import { entriesIn, namedFiles, notFile } from "./walk.ts"

/** What a check of a store found, and what else it came to know of the store. */
export interface Verified extends Report {
  /** By key, what each sound record holds. */
  readonly holdings: ReadonlyMap<Digest, Holding>
  /** Objects whose bytes are not those of their names. */
  readonly badObjects: ReadonlySet<Digest>
  /** Objects that are not here but in a remote, as far as is known, which is not behind the store now. */
  readonly elsewhere: { readonly addresses: ReadonlySet<string>; readonly objects: ReadonlySet<Digest> }
}

/**
 * Checks every file of the store and writes nothing. What is damaged, or what the disk does not give, is a finding; it
 * fails where the machine cannot read now, which says nothing of the store.
 *
 * `advanced` is told how many bytes of objects are done, of how many. `isDeclared` says whether a profile has a node: what
 * only other nodes had may lack what it made.
 */
export const verifyStore = Effect.fnUntraced(function*(
  advanced: (done: number, total: number) => Effect.Effect<void> = () => Effect.void,
  isDeclared: (profile: string, node: string) => boolean = () => true,
): Effect.fn.Return<Verified, StoreError, Store | Disk> {
  const { layout, files, remote } = yield* Store
  const ledger = makeLedger(layout.folder)
  yield* checkFolder(ledger)

  // Before the records: what is made meanwhile is then there for every record that is found.
  const holdings = new Map<Digest, { readonly path: string; readonly holding: Holding }>()
  yield* checkJson(layout.records, "record", files.records, ledger, isDigest, ({ path, value }) => {
    holdings.set(value.key, { path, holding: holdingOf(value) })
  })
  const conflicts: Array<{ readonly path: string; readonly holding: Holding }> = []
  yield* checkJson(layout.conflicts, "conflict", files.conflicts, ledger, undefined, ({ path, value }) => {
    ledger.find("note", "conflict", path, `says that ${value.node} made other bytes another time`)
    conflicts.push({ path, holding: holdingOf(value) })
  })
  const released = new Map<Digest, ReadonlySet<Digest>>()
  yield* checkJson(layout.released, "release", files.released, ledger, isDigest, ({ value }) => {
    released.set(value.key, new Set(value.objects.map(({ digest }) => digest)))
  })

  const objects = yield* listObjects(layout, ledger)
  const wanted = yield* checkRoots(ledger, isDeclared)
  const elsewhere = { addresses: new Set<string>(), objects: new Set<Digest>() }
  const remembered = remote === undefined ? yield* rememberedIn(yield* Disk, layout) : []
  const isElsewhere = (digest: Digest): boolean => {
    const found = remembered.find(({ contents }) => contents.has("object", digest))
    if (found === undefined) return false
    elsewhere.addresses.add(found.address)
    elsewhere.objects.add(digest)
    return true
  }
  const around: Around = {
    found: objects,
    // What a remote has comes when it is needed.
    isReleased: (key, digest) =>
      released.get(key)?.has(digest) === true || remote?.has(digest) === true || isElsewhere(digest),
    isWanted: (key) => wanted.has(key),
    ledger,
  }
  for (const { path, holding } of holdings.values()) checkComplete("record", path, holding, around)
  for (const { path, holding } of conflicts) checkComplete("conflict", path, holding, around)

  const sizes = statedSizes([...holdings.values(), ...conflicts].map(({ holding }) => holding))
  const total = [...objects.values()].reduce((sum, { stat }) => sum + stat.size, 0)
  let done = 0
  const { bad: badObjects, unread } = yield* checkObjects(objects, sizes, ledger, (bytes) => {
    done += bytes
    return advanced(Math.min(done, total), total)
  })

  yield* checkJson(layout.signatures, "signature", files.signatures, ledger, isSignatureName)
  yield* checkJson(layout.code, "code", files.code, ledger, isDigest)
  yield* checkJson(layout.jobs, "job", files.jobs, ledger)
  yield* checkJson(layout.batches, "batch", files.batches, ledger)
  yield* checkJson(layout.replies, "reply", files.replies, ledger, isDigest)
  yield* checkRunLogs(layout.runs, ledger)
  yield* checkUnfinished(layout.unfinished, ledger, () => Effect.yieldNow)
  yield* checkSuspects({ bad: badObjects, unread }, ledger)
  yield* checkPlain(ledger)
  return {
    ...ledger.report(),
    holdings: new Map([...holdings].map(([key, { holding }]) => [key, holding])),
    badObjects,
    elsewhere,
  }
})

/** Checks what says which actions are wanted, and gives their keys: those of nodes that are declared, and of pins. */
const checkRoots = Effect.fnUntraced(function*(
  ledger: Ledger,
  isDeclared: (profile: string, node: string) => boolean,
): Effect.fn.Return<ReadonlySet<Digest>, StoreError, Store | Disk> {
  const { layout, files, heads, profiles } = yield* Store
  const wanted = new Set<Digest>()
  yield* checkJson(layout.heads, "heads", files.heads, ledger, (name) => profileOfHeads(name) !== undefined)
  for (const profile of yield* profiles) {
    const found = yield* orUnreadable(heads(profile))
    if ("_tag" in found) continue
    for (const [node, key] of found) if (isDeclared(profile, node)) wanted.add(key)
  }
  yield* checkJson(layout.accepted, "accepted change", files.accepted, ledger, isDigest, ({ value }) => {
    wanted.add(value.as)
  })
  yield* checkJson(layout.pins, "pin", files.pins, ledger, isPinName, ({ value }) => {
    for (const key of Object.values(value.keys)) wanted.add(key)
  })
  return wanted
})

/** Files beside a store's folders that say what it is. */
const beside: ReadonlySet<string> = new Set(["README.md", ".gitignore"])

/** Finds what is in the folder of the store itself that is none of its own. */
const checkFolder = Effect.fnUntraced(function*(ledger: Ledger) {
  const { layout } = yield* Store
  const own = new Set(layout.folders.map((folder) => basename(folder)))
  for (const entry of yield* entriesIn(layout.folder, "store", ledger)) {
    const { file, path, stat } = entry
    if (own.has(file)) {
      if (stat.kind !== "folder") {
        ledger.find("foreign", "store", path, "is no folder, and a store has one of that name")
      }
    } else if (!beside.has(file) || notFile(entry) !== undefined) {
      ledger.find("foreign", "store", path, "is nothing that a store has")
    }
  }
})

/** Says which suspects are out of date: objects that are not damaged now. */
const checkSuspects = Effect.fnUntraced(function*({ bad, unread }: Doubtful, ledger: Ledger) {
  const { layout } = yield* Store
  const doubtful: ReadonlySet<string> = bad.union(unread)
  for (const { name, path, stat } of yield* namedFiles(layout.suspects, "suspect", ledger, isDigest)) {
    ledger.count("suspect", stat.size)
    if (!doubtful.has(name)) {
      ledger.find("note", "suspect", path, "says that an object was found damaged, which it is not now")
    }
  }
})

/** Counts the files that prove nothing, and are read by nobody but people and the processes that wrote them. */
const checkPlain = Effect.fnUntraced(function*(ledger: Ledger) {
  const { layout } = yield* Store
  const plain = [
    [layout.tasks, "task log"],
    [layout.logs, "printed log"],
    [layout.leases, "lease"],
    [layout.processes, "process"],
    [layout.index, "index"],
  ] as const
  for (const [folder, kind] of plain) {
    for (const { stat } of yield* namedFiles(folder, kind, ledger)) ledger.count(kind, stat.size)
  }
  for (const { stat } of yield* namedFiles(layout.remotes, "remote mark", ledger, isMarkName)) {
    ledger.count("remote mark", stat.size)
  }
  for (const { stat } of yield* namedFiles(layout.partial, "partial object", ledger, isPartialName)) {
    ledger.count("partial object", stat.size)
  }
  for (const [folder, kind] of [[layout.temporaries, "temporary file"], [layout.quarantine, "quarantine"]] as const) {
    for (const { path } of yield* entriesIn(folder, kind, ledger)) {
      for (const size of yield* sizesBelow(path)) ledger.count(kind, size)
    }
  }
  const quarantined = ledger.report().checked.get("quarantine")?.files ?? 0
  if (quarantined > 0) {
    ledger.find("note", "quarantine", layout.quarantine, `holds ${counted(quarantined, "file")} that dag repair moved`)
  }
})

/** The sizes in bytes of all files at or below a path. */
export const sizesBelow = Effect.fnUntraced(function*(
  path: string,
): Effect.fn.Return<ReadonlyArray<number>, StoreError, Disk> {
  const disk = yield* Disk
  const sizes: Array<number> = []
  const queue = [path]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const found = yield* disk.stat(at)
    if (found?.kind === "folder") { for (const name of yield* disk.list(at)) queue.push(join(at, name)) }
    else if (found !== undefined) sizes.push(found.size)
  }
  return sizes
})
