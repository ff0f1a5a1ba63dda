import { Effect, Stream } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import { Disk } from "../disk.ts"
import type { JsonFiles } from "../json.ts"
import type { ActionRecord } from "../record.ts"
import { Store } from "../store.ts"
import type { Held } from "./contents.ts"
import { names } from "./names.ts"
import { filesOf, lotsOf, merged, MOST_PACK, type Packed, type PackedKind, packOf } from "./pack.ts"
import type { RemoteStore } from "./remote-store.ts"
import { always, type Remote } from "./remote.ts"
import { heldOfWithdrawn, idOf } from "./take-in.ts"

/** A record that is to be pushed, and the key that it stands for: its own, or one that it was accepted for. */
export interface ToPush {
  readonly key: Digest
  readonly record: ActionRecord
}

/** So many packs are read as fast as one; more of those that are small are put together. */
const MANY = 12
const SMALL = 4 << 20

/**
 * Puts records that are in no pack yet into one, with their code, with what was accepted for and released of them, and with
 * what was accepted and is taken back. Where there are many small packs by now, they become one with it.
 */
export const packRecords = Effect.fnUntraced(function*(
  remote: RemoteStore,
  service: Remote["Service"],
  records: ReadonlyArray<ToPush>,
) {
  const store = yield* Store
  const disk = yield* Disk
  const { contents } = remote
  const files: Array<Packed> = []
  const held: Array<Held> = []
  /** Adds a file unless a pack has it. */
  const take = Effect.fnUntraced(function*<A>(kind: PackedKind, { path }: JsonFiles<A>, name: Digest, known?: Held) {
    if (known !== undefined && contents.has(known.kind, known.id)) return
    const text = (yield* disk.readBytes(path(name)))?.toString()
    if (text === undefined) return
    // What a user says of a key may be another thing the next time.
    const as = known ?? { kind: "text" as const, id: digestOf(text) }
    if (contents.has(as.kind, as.id) || contents.withdrawn.has(as.id)) return
    files.push({ kind, name, text })
    held.push(as)
  })
  for (const { key, record } of records) {
    const { code } = record.preImage
    yield* take("record", store.files.records, record.key, { kind: "packed", id: idOf(record) })
    yield* take("code", store.files.code, code, { kind: "code", id: code })
    yield* take("accepted", store.files.accepted, key)
    yield* take("released", store.files.released, record.key)
  }
  for (const id of contents.withdrawn.all()) {
    const as = heldOfWithdrawn(id)
    if (contents.has(as.kind, as.id)) continue
    files.push({ kind: "withdrawn", name: id, text: "" })
    held.push(as)
  }
  const paid = contents.due.remove(records.map(({ record }) => record.key))
  if (files.length === 0) return yield* paid
  const others = yield* smallPacks(service)
  const old: Array<Digest> = []
  for (const id of others.length < MANY ? [] : others) {
    const found = yield* service.read(names.pack(id), MOST_PACK)
    if (found === undefined || digestOf(found.bytes) !== id) continue
    files.push(...(yield* Effect.promise(() => filesOf(found.bytes))) ?? [])
    old.push(id)
  }
  for (const lot of lotsOf(merged(files, (text) => contents.withdrawn.has(text)))) {
    const bytes = yield* Effect.promise(() => packOf(lot))
    const id = digestOf(bytes)
    yield* service.write(names.pack(id), bytes, always)
    held.push({ kind: "pack", id })
  }
  // Who listed them before finds them gone, and lists again.
  for (const id of old) {
    yield* service.remove(names.pack(id))
    held.push({ kind: "gone", id })
  }
  yield* contents.note(held)
  yield* paid
})

const smallPacks = (service: Remote["Service"]) =>
  Effect.map(Stream.runCollect(service.list(names.packs)), (entries) =>
    entries.flatMap(({ name, size }) => {
      const id = name.slice(names.packs.length)
      return size <= SMALL && isDigest(id) ? [id] : []
    }))
