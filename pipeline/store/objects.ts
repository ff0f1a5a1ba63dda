import { Effect } from "effect"
import type { BlobRef } from "../base/blob-ref.ts"
import { type Digest, digestOf, digestOfPieces } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import { type Content, type Disk, piecesOf } from "./disk.ts"
import type { Layout } from "./layout.ts"
import type { Suspects } from "./suspects.ts"
import type { Move } from "./together.ts"
import type { Writer } from "./writer.ts"

/** The bytes of a store, each under the sha256 of its content. Reading never removes one, whatever it holds. */
export interface Objects {
  readonly objectPath: (digest: Digest) => string
  readonly putBlob: (content: Content) => Effect.Effect<BlobRef, StoreError>
  /** Keeps a copy of a file. */
  readonly putFile: (path: string) => Effect.Effect<BlobRef, StoreError>
  /** The path of a blob's bytes, once they are found to be those of its name. */
  readonly blobPath: (ref: BlobRef) => Effect.Effect<string, StoreError>
  /**
   * Keeps bytes that are not large with the record that is to name them: unless the store has them, they are a file that
   * is to be published before the record.
   */
  readonly prepare: (bytes: Uint8Array) => Effect.Effect<Prepared, StoreError>
  /** Publishes what was prepared by itself. */
  readonly publishPrepared: (prepared: Prepared) => Effect.Effect<void, StoreError>
  /** Notes that what was prepared has its name now. */
  readonly published: (prepared: Prepared) => Effect.Effect<void>
  /** Keeps a file that `fill` writes, and gives what `fill` gave besides. */
  readonly putWritten: <A, E>(
    fill: (path: string) => Effect.Effect<A, E>,
  ) => Effect.Effect<BlobRef & { readonly filled: A }, E | StoreError>
  /** Fails where an object is not there or does not have the content that its name says. */
  readonly verify: (digest: Digest) => Effect.Effect<void, StoreError>
  /** The bytes of an object that is not large, which are those of its name; undefined where it is larger than `most`. */
  readonly bytes: (digest: Digest, most: number) => Effect.Effect<Buffer | undefined, StoreError>
  /** How an object is there at its size; its content is read only where it was found damaged before. */
  readonly presence: (ref: BlobRef) => Effect.Effect<Presence, StoreError>
}

/** An object, and the file of it that is to be published; none where the store has it. */
export interface Prepared {
  readonly ref: BlobRef
  readonly file: Move | undefined
}

/** The objects of a remote that stands behind the store: they count as being here, and come when they are read. */
export interface RemoteObjects {
  /** Whether the remote is known to have an object, of this size where one is given. */
  readonly has: (digest: Digest, size?: number) => boolean
  /** Brings an object here, verified and published, unless it `isHere` once it is its turn. */
  readonly fetch: (digest: Digest, isHere: Effect.Effect<boolean, StoreError>) => Effect.Effect<void, StoreError>
}

/** How an object stands in the store. */
export type Presence = "whole" | "gone" | "damaged"

/** The objects of a store. What this process has verified or written, it does not read again to verify while it stays as it is. */
export const makeObjects = (
  disk: Disk["Service"],
  { object }: Layout,
  { temporary, prepare, publish }: Writer,
  suspects: Suspects,
  remote?: RemoteObjects,
): Objects => {
  /** By digest, the version of the file that was found to be right. */
  const verified = new Map<Digest, string>()

  const isThere = (path: string) => Effect.map(disk.stat(path), (found) => found !== undefined)

  const note = Effect.fnUntraced(function*(digest: Digest) {
    const found = yield* disk.stat(object(digest))
    if (found !== undefined) verified.set(digest, found.version)
  })

  const damagedError = (digest: Digest, actual: Digest) =>
    Effect.andThen(
      suspects.add(digest),
      objectError(object(digest), digest, `is damaged: its content has sha256 ${actual}`),
    )

  const presenceHere = Effect.fnUntraced(function*({ digest, size }: BlobRef): Effect.fn.Return<Presence, StoreError> {
    const path = object(digest)
    const found = yield* disk.stat(path)
    if (found === undefined) return "gone"
    if (found.kind !== "file" || found.size !== size) return "damaged"
    if (!(yield* suspects.has(digest))) return "whole"
    const actual = yield* disk.digest(path)
    if (actual !== digest) return actual === undefined ? "gone" : "damaged"
    yield* suspects.remove(digest)
    return "whole"
  })

  /** What the remote has is brought where it is read, also in the place of what is damaged here. */
  const presence = remote === undefined
    ? presenceHere
    : (ref: BlobRef) => Effect.map(presenceHere(ref), (here) => (remote.has(ref.digest, ref.size) ? "whole" : here))

  /** Whether the store has an object, and has it whole: one that is damaged is written again. */
  const has = Effect.fnUntraced(function*({ digest, size }: BlobRef) {
    const path = object(digest)
    const found = yield* disk.stat(path)
    if (found?.kind !== "file" || found.size !== size) return false
    if (verified.get(digest) !== found.version && (yield* disk.digest(path)) !== digest) return false
    // Last of all, so that what is still there then is not removed before the record that will name it: see gc/remove.ts.
    if (!(yield* disk.touch(path))) return false
    yield* note(digest)
    return true
  })

  /** What is written in the place of bytes that were damaged is right again. */
  const written = Effect.fnUntraced(function*(digest: Digest) {
    yield* note(digest)
    if (yield* suspects.has(digest)) yield* suspects.remove(digest)
  })

  /** Brings an object from the remote; whether that has it. */
  const fetched = (digest: Digest, isHere: Effect.Effect<boolean, StoreError>) =>
    remote === undefined || !remote.has(digest)
      ? Effect.succeed(false)
      : Effect.as(Effect.andThen(remote.fetch(digest, isHere), written(digest)), true)

  /** The file of an object, whatever its bytes are. */
  const fileOf = Effect.fnUntraced(function*(digest: Digest) {
    const path = object(digest)
    let found = yield* disk.stat(path)
    if (found === undefined && (yield* fetched(digest, isThere(path)))) found = yield* disk.stat(path)
    if (found === undefined) return yield* objectError(path, digest, "is not in the store")
    if (found.kind === "file") return found
    yield* suspects.add(digest)
    return yield* objectError(path, digest, "is damaged: in its place is no file")
  })

  /** Brings a sound copy of what is damaged; fails where there is none. */
  const mended = Effect.fnUntraced(function*(digest: Digest, actual: Digest) {
    const isSound = Effect.map(disk.digest(object(digest)), (now) => now === digest)
    if (!(yield* fetched(digest, isSound))) return yield* damagedError(digest, actual)
  })

  const verify = Effect.fnUntraced(function*(digest: Digest) {
    const { version } = yield* fileOf(digest)
    if (verified.get(digest) === version) return
    const actual = yield* disk.digest(object(digest))
    // It was removed since.
    if (actual === undefined) return yield* objectError(object(digest), digest, "is not in the store")
    if (actual === digest) verified.set(digest, version)
    else yield* mended(digest, actual)
  })

  const bytes = Effect.fnUntraced(function*(digest: Digest, most: number) {
    const path = object(digest)
    if ((yield* fileOf(digest)).size > most) return undefined
    for (let tries = 1;; tries++) {
      const content = yield* disk.readBytes(path)
      if (content === undefined) return yield* objectError(path, digest, "is not in the store")
      const actual = digestOf(content)
      if (actual === digest) return content
      yield* tries === 1 ? mended(digest, actual) : damagedError(digest, actual)
    }
  })

  const published = ({ ref: { digest }, file }: Prepared) =>
    // Where another file was there, it was damaged.
    file === undefined
      ? Effect.void
      : Effect.flatMap(
        Effect.orElseSucceed(suspects.has(digest), () => true),
        (is) => (is ? suspects.remove(digest) : Effect.void),
      )

  const putWritten = Effect.fnUntraced(function*<A, E>(fill: (path: string) => Effect.Effect<A, E>) {
    const file = yield* temporary
    return yield* Effect.gen(function*() {
      const filled = yield* fill(file)
      const digest = yield* disk.digest(file)
      if (digest === undefined) {
        return yield* new StoreError({ path: file, message: "was removed while it was in use", help: "run again" })
      }
      const ref = { digest, size: (yield* disk.size(file)) ?? 0 }
      if (yield* has(ref)) yield* disk.remove(file)
      else {
        yield* disk.publish(file, object(ref.digest))
        yield* written(ref.digest)
      }
      return { ...ref, filled }
    }).pipe(Effect.onError(() => Effect.ignore(disk.remove(file))))
  })

  return {
    objectPath: object,
    presence,
    verify,
    bytes,
    putWritten,
    prepare: Effect.fnUntraced(function*(bytes) {
      const ref = { digest: digestOf(bytes), size: bytes.length }
      return { ref, file: (yield* has(ref)) ? undefined : yield* prepare(object(ref.digest), bytes) }
    }),
    published,
    publishPrepared: (prepared) => {
      const { file } = prepared
      if (file === undefined) return Effect.void
      const { temporary, path, bytes } = file
      const publishing = bytes === undefined
        ? Effect.onError(disk.publish(temporary, path), () => Effect.ignore(disk.remove(temporary)))
        : publish(path, bytes)
      return Effect.andThen(publishing, published(prepared))
    },
    putBlob: Effect.fnUntraced(function*(content) {
      const ref = digestOfPieces(piecesOf(content))
      if (yield* has(ref)) return ref
      yield* publish(object(ref.digest), content)
      yield* written(ref.digest)
      return ref
    }),
    putFile: (path) =>
      Effect.map(putWritten((file) => disk.copy(path, file)), ({ digest, size }) => ({ digest, size })),
    blobPath: ({ digest }) => Effect.as(verify(digest), object(digest)),
  }
}

/** The error of an object that is not there or is not what it should be. */
export const objectError = (path: string, digest: Digest, problem: string): StoreError =>
  new StoreError({
    path,
    message: `object ${digest} ${problem}`,
    help: "run again: what made it is executed again",
    damaged: digest,
  })
