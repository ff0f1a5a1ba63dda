import { Effect, Stream } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"
import { reachedFrom } from "../gc/reachable.ts"
import type { Wanted } from "../gc/wanted.ts"
import { LONGEST } from "../heartbeat.ts"
import { holdingOf, objectsOf } from "../holding.ts"
import { engineOf } from "../owner.ts"
import { Store } from "../store.ts"
import type { Kind } from "../verify/finding.ts"
import { claimOf, MOST_OF_CLAIM } from "./claims.ts"
import type { Held } from "./contents.ts"
import { needFormat } from "./format.ts"
import { inventoryOf, keyIn, type RemoteInventory, remoteLedger } from "./inventory.ts"
import { names } from "./names.ts"
import { lotsOf, merged, type Packed, packOf } from "./pack.ts"
import type { RemoteStore } from "./remote-store.ts"
import { always, type Entry, type Remote } from "./remote.ts"
import { idOf, MOST_RECORD } from "./take-in.ts"

/** Something that a collection removes from a remote. */
export interface RemoteRemoval {
  readonly kind: Kind
  readonly name: string
  readonly bytes: number
  /** When it was written; undefined where it goes however young it is. */
  readonly written: number | undefined
  readonly node: string | undefined
  readonly why: string
}

/** What a collection of a remote would do. */
export interface RemotePlan {
  /** In the order in which they go: records before what they name. */
  readonly removals: ReadonlyArray<RemoteRemoval>
  /** What the packs are to hold then, and those that go for it; undefined where they stay as they are. */
  readonly packs: { readonly files: ReadonlyArray<Packed>; readonly old: ReadonlyArray<Entry> } | undefined
  /** What is remembered of the remote no more. */
  readonly forgotten: ReadonlyArray<{ readonly name: string; readonly id: Digest }>
  /** The names of records that stay, and whose objects do. */
  readonly seen: ReadonlySet<string>
  readonly kept: { readonly files: number; readonly bytes: number }
}

/** So many names are removed at the same time. */
const AT_ONCE = 16

/** Who pushes a record has so long from when its objects came, or became young, in milliseconds: those stay. */
const LEAST = 3_600_000

/**
 * Finds what nothing wants of a remote and what was written longer than `olderThan` milliseconds ago. Nothing is removed.
 *
 * Wanted is what the project here wants, and what is young. Others who share the remote may want more: what they want and
 * nobody wrote for so long goes too.
 */
export const planRemote = Effect.fnUntraced(function*(
  remote: RemoteStore,
  wanted: Wanted,
  olderThan: number,
  removes: boolean,
): Effect.fn.Return<RemotePlan, StoreError, Store> {
  const { files, owner, profiles, heads } = yield* Store
  const service = yield* remote.service
  yield* needFormat(service)
  const now = removes ? yield* timeOf(service, names.process(owner)) : Date.now()
  const ledger = remoteLedger()
  const found = yield* inventoryOf(service, ledger, () => Effect.void)
  const damaged = ledger.report().findings.filter(({ state }) => state === "damaged")
  const broken = damaged.find(({ kind }) => kind === "record" || kind === "conflict")
  if (broken !== undefined) {
    return yield* new StoreError({
      path: `${service.address}/${broken.path}`,
      message: `${broken.problem}, and nobody knows what it keeps`,
      help:
        "see what else is damaged with dag verify --remote, and push it again from a store that has it, or remove it",
    })
  }
  const isOld = ({ written }: Entry): boolean => written < now - Math.max(olderThan, LEAST)
  const roots = new Set<Digest>(wanted.keys)
  for (const name of yield* files.pins.names) {
    for (const key of Object.values((yield* files.pins.read(name))?.keys ?? {})) roots.add(key)
  }
  // A profile that cannot be declared now wants what it last had.
  for (const profile of yield* profiles) {
    if (wanted.known.has(profile)) continue
    for (const key of (yield* heads(profile)).values()) roots.add(key)
  }
  for (const { entry, record } of found.records.values()) if (!isOld(entry)) roots.add(record.key)
  for (const { record } of found.conflicts) roots.add(record.key)
  const holdings = new Map([...found.records].map(([key, { record }]) => [key, holdingOf(record)]))
  const reached = reachedFrom(holdings, roots, wanted.sources)

  const removals: Array<RemoteRemoval> = []
  const forgotten: Array<{ readonly name: string; readonly id: Digest }> = []
  for (const { entry: { name, size, written }, record } of found.records.values()) {
    if (reached.has(record.key)) continue
    removals.push({ kind: "record", name, bytes: size, written, node: record.node, why: "no node has it" })
    forgotten.push({ name, id: idOf(record) })
  }
  const kept = new Set([
    ...[...holdings.values()].filter(({ key }) => reached.has(key)),
    ...found.conflicts.map(({ record }) => holdingOf(record)),
  ].flatMap((holding) => objectsOf(holding).map(({ digest }) => digest)))
  const nodes = new Map(
    [...holdings.values()].flatMap((each) => objectsOf(each).map(({ digest }) => [digest, each.node])),
  )
  let [stay, bytes] = [0, 0]
  for (const [digest, entry] of found.objects) {
    if (!kept.has(digest) && isOld(entry)) {
      const { name, size, written } = entry
      removals.push({ kind: "object", name, bytes: size, written, node: nodes.get(digest), why: "no record names it" })
      forgotten.push({ name, id: digest })
    } else {
      stay++
      bytes += entry.size
    }
  }
  for (
    const { name, size, written } of yield* deadSigns(
      service,
      found.signs,
      now - Math.max(olderThan, 2 * LONGEST * 1000),
    )
  ) {
    const kind = name.startsWith(names.leases) ? "lease" : "process"
    removals.push({ kind, name, bytes: size, written, node: undefined, why: "nobody was heard of for long" })
  }
  for (const { path: name } of damaged.filter(({ kind }) => kind === "pack")) {
    const why = "it is damaged, and only saves requests"
    removals.push({ kind: "pack", name, bytes: 0, written: undefined, node: undefined, why })
  }
  return {
    removals,
    packs: packsWithout(found, reached, (text) => remote.contents.withdrawn.has(text)),
    forgotten,
    seen: new Set(
      [...found.records.values()].flatMap(({ entry, record }) => reached.has(record.key) ? [entry.name] : []),
    ),
    kept: { files: stay, bytes },
  }
})

/**
 * Signs of processes that were last heard of before a time on the clock of the remote. A claim is as old as the work that
 * it is for: its owner is what tells whether somebody still is at that.
 */
const deadSigns = Effect.fnUntraced(function*(
  service: Remote["Service"],
  signs: ReadonlyArray<Entry>,
  before: number,
): Effect.fn.Return<ReadonlyArray<Entry>, StoreError> {
  const isOld = ({ written }: Entry): boolean => written < before
  const living = new Set(signs.flatMap((sign) => (isOld(sign) ? [] : [sign.name])))
  return yield* Effect.filter(
    signs.filter(isOld),
    Effect.fnUntraced(function*({ name }) {
      if (!name.startsWith(names.leases)) return true
      const found = yield* service.read(name, MOST_OF_CLAIM)
      const claim = found === undefined ? undefined : claimOf(found.bytes)
      return claim === undefined || !living.has(names.process(engineOf(claim.owner)))
    }),
    { concurrency: AT_ONCE },
  )
})

/** The time on the clock of a remote: a file that is written says when it was. */
const timeOf = Effect.fnUntraced(function*(service: Remote["Service"], name: string) {
  yield* service.write(name, Buffer.from("{}\n"), always)
  const entries = yield* Stream.runCollect(service.list(name))
  yield* Effect.ignore(service.remove(name))
  return entries.find((entry) => entry.name === name)?.written ?? Date.now()
})

/** What packs hold but for records that go, and what belongs to those; undefined where that is all of them. */
const packsWithout = (
  { packs, records }: RemoteInventory,
  reached: ReadonlySet<Digest>,
  isWithdrawn: (text: Digest) => boolean,
): RemotePlan["packs"] => {
  const all = merged(packs.flatMap(({ files }) => files), isWithdrawn)
  const stays = all.filter(({ kind, name }) =>
    kind === "record" || kind === "released" ? isDigest(name) && reached.has(name) : true
  )
  const code = new Set<string>(
    [...reached].flatMap((key) => records.get(key)?.record.preImage.code ?? []),
  )
  const files = stays.filter(({ kind, name }) => kind !== "code" || code.has(name))
  return files.length === all.length ? undefined : { files, old: packs.map(({ entry }) => entry) }
}

/** Removes what was found, but for what records name that were written since. Gives what it removed. */
export const removeFromRemote = Effect.fnUntraced(function*(
  remote: RemoteStore,
  { removals, packs, forgotten, seen }: RemotePlan,
): Effect.fn.Return<ReadonlyArray<RemoteRemoval>, StoreError, Store> {
  const { files } = yield* Store
  const service = yield* remote.service
  const held: Array<Held> = []
  const old = [...(packs?.old ?? []), ...removals.filter(({ kind }) => kind === "pack")].map(({ name }) => name)
  // First, so that nobody takes in a record that goes.
  const added = new Set<string>()
  for (const lot of packs === undefined ? [] : lotsOf(packs.files)) {
    const bytes = yield* Effect.promise(() => packOf(lot))
    const name = names.pack(digestOf(bytes))
    yield* service.write(name, bytes, always)
    added.add(name)
  }
  for (const name of old) {
    if (added.has(name)) continue
    yield* service.remove(name)
    const id = name.slice(names.packs.length)
    if (isDigest(id)) held.push({ kind: "unpacked", id })
  }
  const [records, others] = [true, false].map((is) => removals.filter(({ kind }) => (kind === "record") === is))
  const removed = yield* removeOld(service, records ?? [])
  const young = new Set<string>()
  yield* Stream.runForEach(
    service.list(names.records),
    ({ name }) => {
      const key = keyIn(name)
      return seen.has(name) || key === undefined
        ? Effect.void
        : Effect.map(service.read(name, MOST_RECORD), (found) => {
          const read = found === undefined ? undefined : files.records.opened(key, found.bytes)
          if (read?._tag !== "Sound") return
          for (const { digest } of objectsOf(holdingOf(read.value))) young.add(names.object(digest))
        })
    },
  )
  const still = yield* removeOld(
    service,
    (others ?? []).filter(({ kind, name }) => kind !== "pack" && !young.has(name)),
  )
  const gone = new Set([...removed, ...still].map(({ name }) => name))
  held.push(...forgotten.flatMap(({ name, id }) => (gone.has(name) ? [{ kind: "gone" as const, id }] : [])))
  yield* remote.contents.note(held)
  return removals.filter(({ kind, name }) => kind === "pack" || gone.has(name))
})

/** Removes what is as old as it was, and gives that: somebody may have come to need the rest while a question stood. */
const removeOld = Effect.fnUntraced(function*(service: Remote["Service"], all: ReadonlyArray<RemoteRemoval>) {
  const folders = Map.groupBy(all, ({ name }) => name.slice(0, name.lastIndexOf("/") + 1))
  const removed: Array<RemoteRemoval> = []
  for (const [folder, within] of folders) {
    const entries = yield* Stream.runCollect(service.list(folder))
    const now = new Map(entries.map(({ name, written }) => [name, written]))
    const old = within.filter(({ name, written }) => now.get(name) === written)
    const went = yield* Effect.filter(old, ({ name, written }) => service.remove(name, written), {
      concurrency: AT_ONCE,
    })
    removed.push(...went)
  }
  return removed
})
