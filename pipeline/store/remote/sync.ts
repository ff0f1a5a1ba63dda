import { Effect, Stream } from "effect"
import { type Digest, digestOf, isDigest } from "../../base/digest.ts"
import type { Accepted } from "../accepted.ts"
import { Disk } from "../disk.ts"
import { Store } from "../store.ts"
import type { Held } from "./contents.ts"
import { checkFormat } from "./format.ts"
import { names } from "./names.ts"
import { filesOf, MOST_PACK } from "./pack.ts"
import type { RemoteStore } from "./remote-store.ts"
import type { Remote } from "./remote.ts"
import { MOST_RECORD, takeIn, type TakenIn } from "./take-in.ts"

/** So many packs, or records, are on their way at the same time. */
const AT_ONCE = 16

/** Packs may be put together while they are listed: so often a listing is taken again. */
const MOST_LISTINGS = 4

const nothing: TakenIn = { records: 0, disagreements: [], accepted: [], withdrawn: [], refused: 0 }

const both = (one: TakenIn, other: TakenIn): TakenIn => ({
  records: one.records + other.records,
  disagreements: [...one.disagreements, ...other.disagreements],
  accepted: [...one.accepted, ...other.accepted],
  withdrawn: [...one.withdrawn, ...other.withdrawn],
  refused: one.refused + other.refused,
})

/** Takes in the packs of the remote that were not seen yet: one listing tells which. Nothing else is looked through. */
export const syncRemote = Effect.gen(function*() {
  const { remote } = yield* Store
  if (remote === undefined) return nothing
  const service = yield* remote.service
  // It may be of a later version by now: what is new is read only where the format is known.
  const check = yield* Effect.cached(checkFormat(service))
  if (!remote.contents.isKnown()) yield* check
  let all = nothing
  for (let listing = 1; listing <= MOST_LISTINGS; listing++) {
    const listed = yield* packsIn(service)
    const unseen = listed.filter((id) => !remote.contents.has("pack", id))
    if (unseen.length === 0) break
    yield* check
    const taken = yield* Effect.forEach(unseen, (id) => takePack(remote, service, id), { concurrency: 4 })
    for (const each of taken) if (each !== undefined) all = both(all, each)
    if (taken.every((each) => each !== undefined)) break
  }
  const withdrawn = yield* takeBack(remote.contents)
  const [came, went] = [all.accepted, withdrawn].map((told) => new Set(told.map(({ key }) => key)))
  // What came and went at once is nobody's concern.
  return {
    ...all,
    accepted: all.accepted.filter(({ key }) => went?.has(key) !== true),
    withdrawn: withdrawn.filter(({ key }) => came?.has(key) !== true),
  }
})

/** Takes back here what was accepted and others took back, in whatever order packs said so. Gives what that was. */
const takeBack = Effect.fnUntraced(function*(contents: RemoteStore["contents"]) {
  const { files: { accepted } } = yield* Store
  const disk = yield* Disk
  const withdrawn = new Set(contents.withdrawn.all())
  const found: Array<Accepted> = []
  for (const name of withdrawn.size === 0 ? [] : yield* accepted.names) {
    const bytes = yield* disk.readBytes(accepted.path(name))
    if (bytes === undefined || !withdrawn.has(digestOf(bytes))) continue
    const read = accepted.opened(name, bytes)
    yield* accepted.drop(name)
    if (read._tag === "Sound") found.push(read.value)
  }
  return found
})

/** The digests of the packs of a remote. */
export const packsIn = (service: Remote["Service"]) =>
  Effect.map(
    Stream.runCollect(service.list(names.packs)),
    (entries) => entries.map(({ name }) => name.slice(names.packs.length)).filter(isDigest),
  )

/** Takes a pack in; undefined where it is gone, since others put it together with more. */
const takePack = Effect.fnUntraced(function*(
  remote: RemoteStore,
  service: Remote["Service"],
  id: Digest,
) {
  const found = yield* service.read(names.pack(id), MOST_PACK)
  if (found === undefined) return undefined
  const seen: Held = { kind: "pack", id }
  const isWhole = digestOf(found.bytes) === id
  const files = isWhole ? yield* Effect.promise(() => filesOf(found.bytes)) : undefined
  if (files === undefined) {
    // It only saves requests: what is in it is found record by record.
    yield* remote.contents.note(isWhole ? [seen] : [seen, { kind: "bad", id }])
    return { ...nothing, refused: 1 }
  }
  const { held, ...taken } = yield* takeIn(files, remote.contents)
  // What stands in actions/ itself is another question: a pack proves nothing of it.
  const packed = held.map((each): Held => each.kind === "record" ? { ...each, kind: "packed" } : each)
  yield* remote.contents.note([...packed, seen])
  return taken
})

/**
 * Takes in the records of these keys that the remote has, one request for each: for what is about to be executed, and in
 * no pack that was seen.
 */
export const fetchRecords = Effect.fnUntraced(function*(keys: ReadonlyArray<Digest>) {
  const store = yield* Store
  const { remote } = store
  if (remote === undefined || keys.length === 0) return nothing
  const service = yield* remote.service
  const found = yield* Effect.forEach(
    keys,
    (key) => Effect.map(service.read(names.record(key), MOST_RECORD), (each) => ({ key, each })),
    { concurrency: AT_ONCE },
  )
  const files = found.flatMap(({ key, each }) =>
    each === undefined ? [] : [{ kind: "record" as const, name: key, text: each.bytes.toString() }]
  )
  if (files.length === 0) return nothing
  // A pack says what was released of a record; alone it does not.
  const areThere = (objects: ReadonlyArray<Held>) =>
    Effect.filter(objects, ({ id, size }) => Effect.map(service.size(names.object(id)), (is) => is === size), {
      concurrency: AT_ONCE,
    })
  const { held, ...taken } = yield* takeIn(files, remote.contents, areThere)
  yield* remote.contents.note(held)
  return taken
})
