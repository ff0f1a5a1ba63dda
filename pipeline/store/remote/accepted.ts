import { Effect } from "effect"
import { type Digest, digestOf } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Accepted } from "../accepted.ts"
import type { Disk } from "../disk.ts"
import { Store } from "../store.ts"
import { names } from "./names.ts"
import { filesOf, lotsOf, MOST_PACK, type Packed, packOf } from "./pack.ts"
import type { RemoteStore } from "./remote-store.ts"
import { always } from "./remote.ts"
import { packRecords } from "./repack.ts"
import { packsIn } from "./sync.ts"
import { idOf } from "./take-in.ts"

/** Brings to a remote what was accepted, where it has the record that it stands for; gives what it did not bring. */
export const pushAccepted = Effect.fnUntraced(function*(
  remote: RemoteStore,
  noted: ReadonlyArray<Accepted>,
): Effect.fn.Return<ReadonlyArray<Accepted>, StoreError, Store | Disk> {
  const store = yield* Store
  const found = yield* Effect.forEach(
    noted,
    (each) => Effect.map(store.files.records.readIntact(each.as), (record) => ({ each, record })),
  )
  const there = found.flatMap(({ each: { key }, record }) =>
    record !== undefined && (["record", "packed"] as const).some((kind) => remote.contents.has(kind, idOf(record)))
      ? [{ key, record }]
      : []
  )
  if (there.length > 0) {
    const service = yield* remote.written
    yield* packRecords(remote, service, there)
  }
  const brought = new Set(there.map(({ key }) => key))
  return noted.filter(({ key }) => !brought.has(key))
})

/** Something accepted that is taken back: its key, and its text as it stood here, where that could be read. */
export interface TakenBack {
  readonly key: Digest
  readonly text: Uint8Array | undefined
}

/**
 * Takes what was accepted for these keys out of the packs of a remote, and has all who read there take it back too. That it
 * is taken back stands in a pack of its own right: somebody who merges packs meanwhile may bring the text back, and it does
 * not count. Where the remote cannot be reached, it counts no more for this store, and a push brings that there.
 */
export const dropAccepted = Effect.fnUntraced(function*(
  remote: RemoteStore,
  dropped: ReadonlyArray<TakenBack>,
): Effect.fn.Return<void, StoreError, Store | Disk> {
  const { contents } = remote
  const withdraw = (texts: ReadonlyArray<string | Uint8Array>) => contents.withdrawn.add(texts.map(digestOf))
  yield* withdraw(dropped.flatMap(({ text }) => text ?? []))
  const keys: ReadonlySet<string> = new Set(dropped.map(({ key }) => key))
  const goes = ({ kind, name }: Packed): boolean => kind === "accepted" && keys.has(name)
  const service = yield* remote.written
  const old = new Map<Digest, ReadonlyArray<Packed>>()
  for (const id of yield* packsIn(service)) {
    const found = yield* service.read(names.pack(id), MOST_PACK)
    if (found === undefined || digestOf(found.bytes) !== id) continue
    const files = (yield* Effect.promise(() => filesOf(found.bytes))) ?? []
    if (!files.some(goes)) continue
    yield* withdraw(files.filter(goes).map(({ text }) => text))
    old.set(id, files.filter((file) => !goes(file)))
  }
  yield* packRecords(remote, service, [])
  const left = new Set(yield* packsIn(service))
  for (const [id, stays] of old) {
    // A merge put it together with more, without what is taken back.
    if (!left.has(id)) continue
    for (const lot of lotsOf(stays)) {
      const bytes = yield* Effect.promise(() => packOf(lot))
      const other = digestOf(bytes)
      yield* service.write(names.pack(other), bytes, always)
      yield* contents.note([{ kind: "pack", id: other }])
    }
    yield* service.remove(names.pack(id))
    yield* contents.note([{ kind: "gone", id }])
  }
})
