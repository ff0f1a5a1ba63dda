import { Effect } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Accepted } from "../accepted.ts"
import type { JsonFiles } from "../json.ts"
import type { ActionRecord } from "../record.ts"
import { outputsDigest } from "../records.ts"
import { Store } from "../store.ts"
import type { Contents, Held } from "./contents.ts"
import type { Packed } from "./pack.ts"

/** A record of a remote that names other outputs than the one that counts here. */
export interface Disagreement {
  readonly key: Digest
  readonly node: string
}

/** What is told of something accepted. */
export type Told = Pick<Accepted, "key" | "node" | "reason">

/** What came of files that a remote gave. */
export interface TakenIn {
  /** How many records are new here. */
  readonly records: number
  readonly disagreements: ReadonlyArray<Disagreement>
  /** What others accepted, which counts here from now on. */
  readonly accepted: ReadonlyArray<Told>
  /** What counted here, and others took back. */
  readonly withdrawn: ReadonlyArray<Told>
  /** How many files do not prove what they are; nothing of them counts. */
  readonly refused: number
}

/** A record has no more bytes. */
export const MOST_RECORD = 1 << 28

/** So many records are published together. */
const AT_ONCE = 128

/** The objects of a record, as they are noted of a remote that has it: it was written there after them. */
export const objectsOf = ({ outputs, blobs, log }: ActionRecord): ReadonlyArray<Held> =>
  [...Object.values(outputs), ...blobs, ...(log === null ? [] : [log])].map(({ digest, size }) => ({
    kind: "object",
    id: digest,
    size,
  }))

/**
 * Takes files of a remote into the store, as far as each proves itself; what the store has stays. Gives what is to be noted
 * of the remote besides.
 *
 * A record that names other outputs than the one here becomes a conflict beside it.
 */
export const takeIn = Effect.fnUntraced(function*(
  files: ReadonlyArray<Packed>,
  contents: Contents,
  /** Which of the objects that records name are there; all, where whoever wrote them said which are not. */
  areThere: (objects: ReadonlyArray<Held>) => Effect.Effect<ReadonlyArray<Held>, StoreError> = Effect.succeed,
): Effect.fn.Return<TakenIn & { readonly held: ReadonlyArray<Held> }, StoreError, Store> {
  const store = yield* Store
  const held: Array<Held> = []
  let refused = 0
  const soundOf = <A>(of: JsonFiles<A>, { name, text }: Packed): A | undefined => {
    const found = of.opened(name, Buffer.from(text))
    if (found._tag === "Sound") return found.value
    refused++
    return undefined
  }

  // Code first: a record is of use only with it.
  for (const file of files) {
    if (file.kind !== "code" || !isDigest(file.name)) continue
    const code = soundOf(store.files.code, file)
    if (code === undefined) continue
    yield* store.publishCode(file.name, () => code)
    held.push({ kind: "code", id: file.name })
  }
  const records = files.flatMap((file) => {
    const record = file.kind === "record" ? soundOf(store.files.records, file) : undefined
    return record === undefined ? [] : [record]
  })
  // A record counts here only where its objects do. What was released when it was pushed never came there.
  const lists = files.flatMap((file) => {
    const list = file.kind === "released" ? soundOf(store.files.released, file) : undefined
    return list === undefined ? [] : [list]
  })
  const released = new Set(lists.flatMap(({ objects }) => objects.map(({ digest }) => digest)))
  const objects = records.flatMap(objectsOf).filter(({ id }) => !released.has(id))
  yield* contents.note(yield* areThere(objects))
  const there = new Set(yield* store.keys)
  const disagreements: Array<Disagreement> = []
  let count = 0
  const publish = Effect.fnUntraced(function*(record: ActionRecord) {
    const known = there.has(record.key) ? yield* store.files.records.readIntact(record.key) : undefined
    if (known !== undefined && outputsDigest(known) === outputsDigest(record)) return
    const published = yield* store.publishRecord(record)
    if (published._tag === "Recorded") count++
    if (published._tag === "Conflict") disagreements.push({ key: record.key, node: record.node })
  })
  yield* Effect.forEach(records, publish, { concurrency: AT_ONCE, discard: true })
  for (const record of records) held.push({ kind: "record", id: idOf(record) })

  const withdrawn = new Set(
    files.flatMap(({ kind, name }) => (kind === "withdrawn" && isDigest(name) ? [name] : [])),
  )
  yield* contents.withdrawn.add([...withdrawn])
  for (const id of withdrawn) held.push(heldOfWithdrawn(id))
  const others: Array<Accepted> = []
  for (const list of lists) yield* addNew(store.files.released, list.key, list)
  for (const file of files) {
    if (file.kind === "accepted" || file.kind === "released") held.push({ kind: "text", id: digestOf(file.text) })
    const accepted = file.kind === "accepted" && !contents.withdrawn.has(digestOf(file.text))
      ? soundOf(store.files.accepted, file)
      : undefined
    if (accepted !== undefined && (yield* addNew(store.files.accepted, accepted.key, accepted))) others.push(accepted)
  }
  return { records: count, disagreements, accepted: others, withdrawn: [], refused, held }
})

/** What stands for a record among what a remote has: its key and what it names. */
export const idOf = (record: ActionRecord): Digest => digestOf(`${record.key} ${outputsDigest(record)}`)

/** What stands for it among what packs hold that something accepted was taken back. */
export const heldOfWithdrawn = (id: Digest): Held => ({ kind: "text", id: digestOf(`withdrawn ${id}`) })

/** Writes a file where there is none, and gives whether it did: what a user said here stays. */
const addNew = <A>(files: JsonFiles<A>, name: string, value: A) =>
  Effect.flatMap(
    files.isThere(name),
    (is) => (is ? Effect.succeed(false) : Effect.as(files.publishNew(name, value), true)),
  )
