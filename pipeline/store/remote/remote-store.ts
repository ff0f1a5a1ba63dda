import { Effect, Scope, Semaphore } from "effect"
import type { BlobRef } from "../../base/blob-ref.ts"
import { type Digest, digestOf } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { makeGroup } from "../group.ts"
import type { Layout } from "../layout.ts"
import type { Leases } from "../leases.ts"
import { objectError, type RemoteObjects } from "../objects.ts"
import type { Processes } from "../processes.ts"
import type { Writer } from "../writer.ts"
import { shownAddress } from "./address.ts"
import { type Contents, makeContents } from "./contents.ts"
import { checkPresence, ensureFormat } from "./format.ts"
import { names } from "./names.ts"
import { openRemote } from "./open.ts"
import { makePartials } from "./partials.ts"
import type { Remote } from "./remote.ts"

/**
 * The remote that stands behind a store: what is there counts as being in the store, and its bytes come when somebody
 * reads them.
 */
export interface RemoteStore extends RemoteObjects {
  /** As the user gave it. */
  readonly address: string
  readonly contents: Contents
  /** The remote itself, which is opened when it is first used. */
  readonly service: Effect.Effect<Remote["Service"], StoreError>
  /**
   * The remote for what a run writes there. Where something is known of it and nothing of it is there, as where a drive is
   * not mounted, this fails; one that nobody has written to says of which version it is then.
   */
  readonly written: Effect.Effect<Remote["Service"], StoreError>
  /** Whether an object is still there, which is asked of the remote; where it cannot be asked, it is taken to be. */
  readonly isThere: (digest: Digest) => Effect.Effect<boolean>
  /** Whether this process has asked for an object. */
  readonly isSeen: (digest: Digest) => boolean
  /** Has somebody hear of bytes that came, as they come; fewer than none where they have to come once more. */
  readonly hear: (came: (bytes: number) => void) => void
  /** Notes that an object is not there any more, so that it counts as gone: what made it is executed again. */
  readonly forget: (digest: Digest) => Effect.Effect<void>
}

/** What of a store the bytes of a remote come into. */
interface Into {
  readonly disk: Disk["Service"]
  readonly layout: Layout
  readonly writer: Writer
  readonly leases: Leases
  readonly processes: Processes
  readonly owner: string
}

/** Up to so many bytes an object comes at once; of a larger one, what came stays where the rest does not. */
const SMALL = 8 << 20

/** So many small objects, and large ones, are on their way at a time. */
const AT_ONCE = 32
const LARGE_AT_ONCE = 4

/** So many bytes of small ones are in memory at a time, counted by units of so many. */
const MEMORY = 32 << 20
const UNIT = 1 << 16

/** How long to wait for another process that fetches the same object until the next look, in milliseconds. */
const PAUSE = 200

/** The remote of an address behind a store; nothing is asked of it before something of it is needed. */
export const makeRemoteStore = Effect.fnUntraced(function*(
  address: string,
  { disk, layout, writer, leases, processes, owner }: Into,
): Effect.fn.Return<RemoteStore, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const contents = makeContents(disk, layout, address)
  const service = yield* Effect.cached(
    openRemote(address).pipe(
      Effect.provideService(Scope.Scope, scope),
      Effect.catchTag(
        "InputError",
        ({ field = "", message, help }) =>
          new StoreError({ path: shownAddress(address), message: `${field} ${message}`.trim(), help }),
      ),
    ),
  )
  const written = yield* Effect.cached(
    Effect.tap(
      service,
      (remote) => Effect.andThen(contents.isKnown() ? checkPresence(remote) : Effect.void, ensureFormat(remote)),
    ),
  )
  const partials = makePartials(disk, layout, processes, owner)
  const forget = (digest: Digest) => contents.note([{ kind: "gone", id: digest }])
  /** Forgets what a remote has not any more, unless nothing of the remote is there now. */
  const forgetOf = (remote: Remote["Service"], digest: Digest) => Effect.andThen(checkPresence(remote), forget(digest))
  /** By object, so that two who want it at the same time fetch it once. */
  const turns = new Map<Digest, Semaphore.Semaphore>()

  let heard: (bytes: number) => void = () => undefined

  const seen = new Set<Digest>()
  const isThere = (digest: Digest) =>
    service.pipe(
      Effect.flatMap((remote) => Effect.map(remote.size(names.object(digest)), (size) => ({ remote, size }))),
      Effect.flatMap(({ remote, size }) => {
        seen.add(digest)
        const is = size === contents.sizeOf(digest)
        return Effect.as(is ? Effect.void : forgetOf(remote, digest), is)
      }),
      Effect.orElseSucceed(() => true),
    )

  /** Whoever needs its bytes has them made again. */
  const lost = (remote: Remote["Service"], digest: Digest, problem: string) =>
    Effect.andThen(forgetOf(remote, digest), objectError(`${remote.address}/${names.object(digest)}`, digest, problem))

  /** Those that come at the same time are forced to the disk together: alone, each takes longer for that than to come. */
  const group = makeGroup(disk)
  const requests = Semaphore.makeUnsafe(AT_ONCE)
  const memory = Semaphore.makeUnsafe(MEMORY / UNIT)
  const large = Semaphore.makeUnsafe(LARGE_AT_ONCE)
  let coming = 0
  group.expect(() => coming > 0)

  const readSmall = (remote: Remote["Service"], digest: Digest, size: number) =>
    Effect.acquireUseRelease(
      Effect.sync(() => coming++),
      () => requests.withPermits(1)(remote.read(names.object(digest), size)),
      () => Effect.sync(() => coming--),
    )

  const fetchSmall = Effect.fnUntraced(function*(remote: Remote["Service"], digest: Digest, size: number) {
    // What it takes in memory is what its record says: one that is larger is another.
    const found = yield* Effect.catchIf(
      readSmall(remote, digest, size),
      ({ code }) => code === "damaged",
      () => lost(remote, digest, "is damaged in the remote"),
    )
    if (found === undefined) return yield* lost(remote, digest, "is gone from the remote")
    heard(found.bytes.length)
    const actual = digestOf(found.bytes)
    if (actual !== digest) {
      return yield* lost(remote, digest, `is damaged in the remote: its content has sha256 ${actual}`)
    }
    const path = layout.object(digest)
    // What is damaged there is replaced.
    if ((yield* disk.stat(path)) !== undefined) return yield* writer.publish(path, found.bytes)
    yield* group.publish({ first: [], last: yield* writer.prepare(path, found.bytes) })
  })

  const fetchLarge = Effect.fnUntraced(function*(remote: Remote["Service"], ref: BlobRef) {
    const { digest, size } = ref
    const there = yield* remote.size(names.object(digest))
    if (there !== size) {
      return yield* lost(remote, digest, there === undefined ? "is gone from the remote" : "is damaged in the remote")
    }
    let before = 0
    const progress = (here: number): void => {
      heard(here - before)
      before = here
    }
    yield* Effect.catchIf(
      partials.fetch(remote, ref, progress),
      ({ damaged }) => damaged === digest,
      (error) => Effect.andThen(forget(digest), error),
    )
  })

  /** Other processes of this store may want the same: one of them fetches it, whose stage waits for it alone. */
  const fetchAlone = Effect.fnUntraced(function*(
    remote: Remote["Service"],
    ref: BlobRef,
    isHere: Effect.Effect<boolean, StoreError>,
  ) {
    for (;;) {
      // It is of no node: people see the one that waits for it.
      const taking = yield* leases.take(ref.digest, "")
      const fetchIt = Effect.flatMap(isHere, (is) => (is ? Effect.void : fetchLarge(remote, ref)))
      if (taking._tag === "Taken") return yield* Effect.ensuring(fetchIt, taking.lease.release)
      if (yield* isHere) return
      yield* Effect.sleep(PAUSE)
    }
  })

  const fetch = Effect.fnUntraced(function*(digest: Digest, isHere: Effect.Effect<boolean, StoreError>) {
    const size = contents.sizeOf(digest) ?? 0
    const remote = yield* service
    yield* size <= SMALL
      ? memory.withPermits(Math.max(1, Math.ceil(size / UNIT)))(fetchSmall(remote, digest, size))
      : large.withPermits(1)(fetchAlone(remote, { digest, size }, isHere))
  })

  return {
    address,
    contents,
    service,
    written,
    forget,
    isThere,
    isSeen: (digest) => seen.has(digest),
    hear: (came) => {
      heard = came
    },
    has: (digest, size) => {
      const known = contents.sizeOf(digest)
      return known !== undefined && (size === undefined || size === known)
    },
    fetch: (digest, isHere) =>
      Effect.suspend(() => {
        const turn = turns.get(digest) ?? Semaphore.makeUnsafe(1)
        turns.set(digest, turn)
        return turn.withPermits(1)(Effect.flatMap(isHere, (is) => (is ? Effect.void : fetch(digest, isHere))))
      }),
  }
})
