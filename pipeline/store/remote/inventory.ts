import { Effect, Stream } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { holdingOf, objectsOf } from "../holding.ts"
import type { JsonFiles, Read } from "../json.ts"
import type { ActionRecord } from "../record.ts"
import { Store } from "../store.ts"
import type { Finding, Kind } from "../verify/finding.ts"
import { type Ledger, makeLedger } from "../verify/ledger.ts"
import { turnOf } from "./claims.ts"
import { checkFormat } from "./format.ts"
import { isName, names } from "./names.ts"
import { filesOf, MOST_PACK, type Packed } from "./pack.ts"
import type { Entry, Remote } from "./remote.ts"
import { MOST_RECORD } from "./take-in.ts"

/** A record of a remote that proves itself. */
export interface RemoteRecord {
  readonly entry: Entry
  readonly record: ActionRecord
}

/** What a remote has, as far as it proves itself. */
export interface RemoteInventory {
  readonly records: ReadonlyMap<Digest, RemoteRecord>
  readonly conflicts: ReadonlyArray<RemoteRecord>
  readonly objects: ReadonlyMap<Digest, Entry>
  readonly packs: ReadonlyArray<{ readonly entry: Entry; readonly files: ReadonlyArray<Packed> }>
  /** By key, the objects that were released when its record was pushed: they are missed by nobody. */
  readonly released: ReadonlyMap<Digest, ReadonlySet<Digest>>
  /** Leases, and what processes say of themselves. */
  readonly signs: ReadonlyArray<Entry>
  /** The keys of records that do not prove what they are. */
  readonly unsound: ReadonlyArray<Digest>
}

/** So many files are on their way at the same time. */
const AT_ONCE = 16

const states = { Damaged: "damaged", Foreign: "foreign" } as const satisfies Readonly<Record<string, Finding["state"]>>

/** An empty ledger of a remote, whose paths are names. */
export const remoteLedger = (): Ledger => {
  const ledger = makeLedger("/")
  return { ...ledger, find: (state, kind, name, problem) => ledger.find(state, kind, `/${name}`, problem) }
}

/**
 * Lists all of a remote, and reads its records and packs. What does not prove itself is found in the ledger, and left out.
 * Of objects only the names and sizes are looked at.
 */
export const inventoryOf = Effect.fnUntraced(function*(
  service: Remote["Service"],
  ledger: Ledger,
  advanced: (done: number, total: number) => Effect.Effect<void>,
): Effect.fn.Return<RemoteInventory, StoreError, Store> {
  const { files } = yield* Store
  yield* checkFormat(service)
  const objects = new Map<Digest, Entry>()
  const listed: Record<"records" | "conflicts" | "packs" | "signs", Array<Entry>> = {
    records: [],
    conflicts: [],
    packs: [],
    signs: [],
  }
  const take = (kind: Kind, list: "records" | "conflicts" | "packs", entry: Entry, isRight: boolean): void => {
    if (isRight) listed[list].push(entry)
    else ledger.find("foreign", kind, entry.name, `has a name that no ${kind} of a remote has`)
  }
  yield* Stream.runForEach(service.list(""), (entry) =>
    Effect.sync(() => {
      const { name, size } = entry
      if (!isName(name)) ledger.find("foreign", "store", name, "has a name that nothing in a remote has")
      else if (name.startsWith(names.objects)) {
        const digest = name.slice(names.objects.length).replace("/", "")
        if (!isDigest(digest) || names.object(digest) !== name) {
          ledger.find("foreign", "object", name, "has a name that no object of a store has")
          return
        }
        ledger.count("object", size)
        objects.set(digest, entry)
      } else if (name.startsWith(names.records)) take("record", "records", entry, keyIn(name) !== undefined)
      else if (name.startsWith(names.conflicts)) take("conflict", "conflicts", entry, isConflict(name))
      else if (name.startsWith(names.packs)) take("pack", "packs", entry, isDigest(name.slice(names.packs.length)))
      else if (name.startsWith(names.leases) || name.startsWith(names.processes)) {
        const kind = name.startsWith(names.leases) ? "lease" : "process"
        if (kind === "lease" && turnOf(name) === undefined) {
          ledger.find("foreign", kind, name, "has a name that no lease of a store has")
          return
        }
        ledger.count(kind, size)
        listed.signs.push(entry)
      } else if (name !== names.format) ledger.find("foreign", "store", name, "is nothing that a store has")
    }))

  const total = listed.records.length + listed.conflicts.length + listed.packs.length
  let done = 0
  /** Reads files, and gives what each holds; nothing of one that went away meanwhile. */
  const readAll = <A>(
    kind: Kind,
    entries: ReadonlyArray<Entry>,
    most: number,
    opened: (name: string, bytes: Buffer) => Effect.Effect<Read<A>>,
  ) =>
    Effect.forEach(
      entries,
      Effect.fnUntraced(function*(entry) {
        const found = yield* service.read(entry.name, most)
        yield* advanced(++done, total)
        if (found === undefined) return []
        ledger.count(kind, entry.size)
        const read = yield* opened(entry.name, found.bytes)
        if (read._tag === "Sound") return [{ entry, value: read.value }]
        if (read._tag !== "Absent") ledger.find(states[read._tag], kind, entry.name, read.problem)
        return []
      }),
      { concurrency: AT_ONCE },
    ).pipe(Effect.map((all) => all.flat()))

  const ofRecord = (kind: JsonFiles<ActionRecord>, prefix: string) => (name: string, bytes: Buffer) =>
    Effect.sync(() => kind.opened(name.slice(prefix.length, -".json".length), bytes))
  const records = yield* readAll("record", listed.records, MOST_RECORD, ofRecord(files.records, names.records))
  const conflicts = yield* readAll(
    "conflict",
    listed.conflicts,
    MOST_RECORD,
    ofRecord(files.conflicts, names.conflicts),
  )
  const packs = yield* readAll(
    "pack",
    listed.packs,
    MOST_PACK,
    (name, bytes) => Effect.promise(() => openedPack(name.slice(names.packs.length), bytes)),
  )
  const released = new Map<Digest, ReadonlySet<Digest>>()
  for (const { value } of packs) {
    for (const { kind, name, text } of value) {
      const list = kind === "released" ? files.released.opened(name, Buffer.from(text)) : undefined
      if (list?._tag === "Sound") released.set(list.value.key, new Set(list.value.objects.map(({ digest }) => digest)))
    }
  }
  const sound = new Map(records.map(({ entry, value }) => [value.key, { entry, record: value }]))
  return {
    records: sound,
    conflicts: conflicts.map(({ entry, value }) => ({ entry, record: value })),
    objects,
    packs: packs.map(({ entry, value }) => ({ entry, files: value })),
    released,
    signs: listed.signs,
    unsound: listed.records.flatMap(({ name }) => keyIn(name) ?? []).filter((key) => !sound.has(key)),
  }
})

const openedPack = async (id: string, bytes: Buffer): Promise<Read<ReadonlyArray<Packed>>> => {
  const actual = digestOf(bytes)
  if (actual !== id) return { _tag: "Damaged", problem: `holds other bytes: their sha256 is ${actual}` }
  const value = await filesOf(bytes)
  return value === undefined
    ? { _tag: "Foreign", problem: "does not hold what such a file holds" }
    : { _tag: "Sound", value }
}

/** The key that the name of a record stands for; undefined where it is the name of none. */
export const keyIn = (name: string): Digest | undefined => {
  const key = name.slice(names.records.length, -".json".length)
  return isDigest(key) && name === names.record(key) ? key : undefined
}

const isConflict = (name: string): boolean => /^conflicts\/[0-9a-f]{64}\.[0-9a-f]{64}\.json$/u.test(name)

/** Finds what records name that a remote has not, or with another size, and gives those objects. */
export const checkObjectsOf = (
  { records, conflicts, objects, released }: RemoteInventory,
  ledger: Ledger,
): ReadonlyArray<Digest> => {
  const lacking: Array<Digest> = []
  for (const [kind, all] of [["record", [...records.values()]], ["conflict", conflicts]] as const) {
    for (const { entry: { name }, record } of all) {
      for (const { digest, size } of objectsOf(holdingOf(record))) {
        const object = objects.get(digest)
        const isNamed = `of ${record.node} names object ${digest}`
        if (object?.size === size) continue
        lacking.push(digest)
        if (object !== undefined) {
          ledger.find("incomplete", kind, name, `${isNamed} with another size than it has`)
        } else if (digest !== record.log?.digest && released.get(record.key)?.has(digest) !== true) {
          ledger.find("incomplete", kind, name, `${isNamed}, which is not there`)
        }
      }
    }
  }
  return lacking
}
