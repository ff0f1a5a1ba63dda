import { Effect, Semaphore } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk } from "../disk.ts"
import type { ActionRecord } from "../record.ts"
import { outputsDigest } from "../records.ts"
import { Store } from "../store.ts"
import type { Held } from "./contents.ts"
import { ensureFormat } from "./format.ts"
import { names } from "./names.ts"
import type { RemoteStore } from "./remote-store.ts"
import { always, type LargeFile, onlyNew, type Remote, replacing } from "./remote.ts"
import { packRecords, type ToPush } from "./repack.ts"
import { makeSender, type Send } from "./send.ts"
import { type Disagreement, idOf, MOST_RECORD, objectsOf } from "./take-in.ts"

/** What was pushed. */
export interface Pushed {
  readonly records: number
  readonly objects: number
  readonly bytes: number
  /** Records of which the remote has one with other outputs: both are kept, and the remote's counts there. */
  readonly disagreements: ReadonlyArray<Disagreement>
}

/** Pushes what actions made, each object once. */
export interface Pusher {
  /**
   * Pushes the objects of records, then the records. Gives those that were not pushed, since something of them is gone or
   * damaged here.
   */
  readonly push: (records: ReadonlyArray<ToPush>) => Effect.Effect<ReadonlyArray<ToPush>, StoreError>
  /**
   * Puts the records that are in no pack yet into one, with their code, so that others read them by few requests. Gives all
   * that was pushed so far.
   */
  readonly finish: Effect.Effect<Pushed, StoreError>
}

/** An object of a record; without a path where it is not here. */
type ToBring = Omit<LargeFile, "path"> & { readonly path: string | undefined }

/** So many records are on their way at the same time. */
const AT_ONCE = 32

/** A pusher to the remote behind the store; `progress` hears how many bytes of how many are there. */
export const makePusher = Effect.fnUntraced(function*(
  remote: RemoteStore,
  progress: (done: number, total: number) => void = () => undefined,
) {
  const store = yield* Store
  const disk = yield* Disk
  const { contents } = remote
  const opened = yield* Effect.cached(
    Effect.map(Effect.tap(remote.service, ensureFormat), (to) => ({ to, send: makeSender(disk, to) })),
  )
  const turns = new Map<Digest, Semaphore.Semaphore>()
  const pushed = new Map<Digest, ToPush>()
  const disagreements: Array<Disagreement> = []
  let [records, objects, bytes] = [0, 0, 0]
  let [done, total] = [0, 0]

  const advance = (by: number): void => {
    done += by
    progress(done, total)
  }

  /** What this process sent, or found there and made young: a collection of the remote leaves it. */
  const certain = new Set<Digest>()

  /** Brings an object there, or makes it young where it is there, unless that was done meanwhile for another record. */
  const brought = (to: Remote["Service"], send: Send, object: ToBring) =>
    Effect.suspend(() => {
      const { digest } = object
      const turn = turns.get(digest) ?? Semaphore.makeUnsafe(1)
      turns.set(digest, turn)
      return turn.withPermits(1)(
        Effect.suspend(() =>
          certain.has(digest) ? Effect.sync(() => advance(object.size)) : bringNow(to, send, object)
        ),
      )
    })

  const bringNow = Effect.fnUntraced(function*(to: Remote["Service"], send: Send, { digest, size, path }: ToBring) {
    if (path !== undefined) return yield* sendNow(send, { digest, size, path })
    advance(size)
    if (contents.sizeOf(digest) !== size) return
    if ((yield* to.renew(names.object(digest))) === size) certain.add(digest)
    else yield* contents.note([{ kind: "gone", id: digest }])
  })

  const sendNow = (send: Send, object: LargeFile) => {
    let before = 0
    return send(object, (now) => {
      advance(now - before)
      before = now
    }).pipe(
      Effect.flatMap((isNew) => {
        const { digest, size } = object
        advance(size - before)
        certain.add(digest)
        if (isNew && contents.sizeOf(digest) !== size) {
          objects++
          bytes += size
        }
        return contents.note([{ kind: "object", id: digest, size }])
      }),
      // The others are no worse for it.
      Effect.catchIf(
        ({ damaged }) => damaged === object.digest,
        () => store.suspects.add(object.digest),
      ),
    )
  }

  /** Pushes a record; whether it is the one that counts in the remote. */
  const pushRecord = Effect.fnUntraced(function*(to: Remote["Service"], record: ActionRecord) {
    const { key, node } = record
    const id = idOf(record)
    if (contents.has("record", id)) return true
    const text = yield* disk.readBytes(store.files.records.path(key))
    if (text === undefined) return false
    if ((yield* to.write(names.record(key), text, onlyNew)) !== undefined) records++
    else {
      const found = yield* to.read(names.record(key), MOST_RECORD)
      const there = found === undefined ? undefined : store.files.records.opened(key, found.bytes)
      if (there?._tag === "Sound" && outputsDigest(there.value) !== outputsDigest(record)) {
        yield* to.write(names.conflict(key, outputsDigest(record)), text, always)
        disagreements.push({ key, node })
        return false
      }
      // Others may find that nobody wants what is old.
      if (there?._tag === "Sound") yield* to.renew(names.record(key))
      else if (found !== undefined) {
        // What proves nothing is of use to nobody.
        if ((yield* to.write(names.record(key), text, replacing(found.version))) !== undefined) records++
      }
    }
    yield* contents.note([{ kind: "record", id }])
    return true
  })

  const push = Effect.fnUntraced(function*(all: ReadonlyArray<ToPush>) {
    const { to, send } = yield* opened
    const wanted = new Map<Digest, ToBring>()
    const released = new Set<Digest>()
    for (const { record } of all) {
      for (const { digest } of (yield* store.files.released.readIntact(record.key))?.objects ?? []) released.add(digest)
      // A record that is there keeps its objects there.
      const isKnown = contents.has("record", idOf(record))
      for (const { id, size = 0 } of objectsOf(record)) {
        if (isKnown ? contents.sizeOf(id) === size : certain.has(id)) continue
        const path = store.objectPath(id)
        wanted.set(id, { digest: id, size, path: (yield* disk.size(path)) === size ? path : undefined })
      }
    }
    for (const { size } of wanted.values()) total += size
    yield* Effect.forEach(
      wanted.values(),
      (object) => brought(to, send, object),
      { concurrency: "unbounded", discard: true },
    )
    const isThere = ({ id, size }: Held): boolean => contents.sizeOf(id) === size || released.has(id)
    // What it printed is not needed.
    const isWhole = ({ record }: ToPush): boolean => objectsOf({ ...record, log: null }).every(isThere)
    const whole = all.filter(isWhole)
    const isPacked = yield* Effect.forEach(
      whole,
      (each) =>
        Effect.tap(pushRecord(to, each.record), (counts) => Effect.sync(() => counts && pushed.set(each.key, each))),
      { concurrency: AT_ONCE },
    )
    // What is damaged here may be repaired, and is due until then.
    const left = all.filter((each) => !isWhole(each))
    // Another push would find the same.
    const never = whole.filter((_, index) => isPacked[index] === false)
    yield* contents.due.remove(never.map(({ record: { key } }) => key))
    return left
  })

  const oneByOne = Semaphore.makeUnsafe(1)

  const pack = Effect.gen(function*() {
    const all = new Map(pushed)
    if (all.size === 0) return
    const { to } = yield* opened
    yield* packRecords(remote, to, [...all.values()]).pipe(
      Effect.provideService(Store, store),
      Effect.provideService(Disk, disk),
    )
    // What came meanwhile is for the next one.
    for (const [key, each] of all) if (pushed.get(key) === each) pushed.delete(key)
  })

  const finish = Effect.map(oneByOne.withPermits(1)(pack), () => ({ records, objects, bytes, disagreements }))
  return { push, finish } satisfies Pusher
})
