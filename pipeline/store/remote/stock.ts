import { Effect, Stream } from "effect"
import { type Digest, digestOf } from "../../base/digest.ts"
import { outputsDigest } from "../records.ts"
import { Store } from "../store.ts"
import type { Held } from "./contents.ts"
import { checkFormat } from "./format.ts"
import { names } from "./names.ts"
import { MOST_PACK } from "./pack.ts"
import type { RemoteStore } from "./remote-store.ts"
import type { Remote } from "./remote.ts"
import type { ToPush } from "./repack.ts"
import { packsIn, syncRemote } from "./sync.ts"
import { idOf, MOST_RECORD, objectsOf } from "./take-in.ts"

/** Up to so many objects each is asked for; of more a listing costs less. */
const ASKED = 320

/** So many requests are under way at the same time. */
const AT_ONCE = 32

/**
 * Compares what is known of a remote with what it has of these records: others remove from it, and may replace what it
 * has. What is not as it was is forgotten, so that a push brings it again. Gives what came with packs that are new.
 */
export const takeStock = Effect.fnUntraced(function*(remote: RemoteStore, all: ReadonlyArray<ToPush>) {
  const store = yield* Store
  const { contents } = remote
  const service = yield* remote.service
  yield* checkFormat(service)
  const packs = new Set(yield* packsIn(service))
  const lost = contents.all("pack").find((id) => !packs.has(id))
  if (lost !== undefined) yield* contents.note([{ kind: "unpacked", id: lost }])
  const taken = yield* syncRemote
  // Nobody can use them, and what they held is packed again.
  for (const id of contents.all("bad")) {
    const found = yield* service.read(names.pack(id), MOST_PACK)
    if (found !== undefined && digestOf(found.bytes) !== id) yield* service.remove(names.pack(id))
    yield* contents.note([{ kind: "gone", id }])
  }
  const listed = new Set<string>()
  yield* Stream.runForEach(service.list(names.records), ({ name }) => Effect.sync(() => listed.add(name)))
  const held: Array<Held> = []
  yield* Effect.forEach(
    all,
    Effect.fnUntraced(function*({ record }) {
      const [name, id] = [names.record(record.key), idOf(record)]
      if (!listed.has(name)) {
        held.push({ kind: "gone", id })
        return
      }
      if (contents.has("record", id)) return
      const found = yield* service.read(name, MOST_RECORD)
      const there = found === undefined ? undefined : store.files.records.opened(record.key, found.bytes)
      if (there?._tag === "Sound" && outputsDigest(there.value) === outputsDigest(record)) {
        held.push({ kind: "record", id })
      }
    }),
    { concurrency: AT_ONCE, discard: true },
  )
  const wanted = new Map<Digest, number>()
  for (const { record } of all) {
    for (const { id } of objectsOf(record)) {
      const size = contents.sizeOf(id)
      if (size !== undefined) wanted.set(id, size)
    }
  }
  const there = yield* wanted.size <= ASKED ? asked(service, wanted) : listing(service)
  for (const [id, size] of wanted) if (there.get(names.object(id)) !== size) held.push({ kind: "gone", id })
  yield* contents.note(held)
  return taken
})

const asked = (service: Remote["Service"], wanted: ReadonlyMap<Digest, number>) =>
  Effect.map(
    Effect.forEach(
      [...wanted.keys()].map((id) => names.object(id)),
      (name) => Effect.map(service.size(name), (size) => [name, size] as const),
      { concurrency: AT_ONCE },
    ),
    (sizes) => new Map(sizes),
  )

const listing = (service: Remote["Service"]) =>
  Effect.map(
    Stream.runCollect(service.list(names.objects)),
    (entries) => new Map(entries.map(({ name, size }) => [name, size] as const)),
  )
