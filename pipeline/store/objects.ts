import { Effect } from "effect"
import type { BlobRef } from "../base/blob-ref.ts"
import { type Digest, digestOfPieces } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import { type Content, type Disk, piecesOf } from "./disk.ts"
import type { Layout } from "./layout.ts"
import type { Writer } from "./writer.ts"

/** The bytes of a store, each under the sha256 of its content. */
export interface Objects {
  readonly objectPath: (digest: Digest) => string
  readonly putBlob: (content: Content) => Effect.Effect<BlobRef, StoreError>
  /** Keeps a copy of a file. */
  readonly putFile: (path: string) => Effect.Effect<BlobRef, StoreError>
  /** The path of a blob's bytes, once they are found to be those of its name. */
  readonly blobPath: (ref: BlobRef) => Effect.Effect<string, StoreError>
  /** Keeps a file that `fill` writes, and gives what `fill` gave besides. */
  readonly putWritten: <A, E>(
    fill: (path: string) => Effect.Effect<A, E>,
  ) => Effect.Effect<BlobRef & { readonly filled: A }, E | StoreError>
  /** Fails where an object is not there or does not have the content that its name says. */
  readonly verify: (digest: Digest) => Effect.Effect<void, StoreError>
  /** Whether an object is there at its size; its content is not read. */
  readonly isThere: (ref: BlobRef) => Effect.Effect<boolean, StoreError>
}

/** The objects of a store. What this process has once verified or written, it does not read again to verify. */
export const makeObjects = (disk: Disk["Service"], { object }: Layout, { temporary, publish }: Writer): Objects => {
  const verified = new Set<Digest>()

  const isThere = ({ digest, size }: BlobRef) => Effect.map(disk.size(object(digest)), (found) => found === size)

  /** Whether the store has an object, and has it whole: one that is damaged is written again. */
  const has = Effect.fnUntraced(function*(ref: BlobRef) {
    const { digest } = ref
    if (!(yield* isThere(ref))) return false
    if (!verified.has(digest) && (yield* disk.digest(object(digest))) !== digest) return false
    verified.add(digest)
    return true
  })

  /** Bytes that are not those of their name are worth nothing, and in their place the right ones can be made. */
  const discard = (digest: Digest, actual: Digest) =>
    disk.remove(object(digest)).pipe(
      Effect.match({
        onSuccess: () => `was corrupt and is removed: its content had sha256 ${actual}`,
        onFailure: () => `is corrupt: its content has sha256 ${actual}`,
      }),
      Effect.flatMap((problem) => objectError(object(digest), digest, problem)),
    )

  const verify = Effect.fnUntraced(function*(digest: Digest) {
    if (verified.has(digest)) return
    const path = object(digest)
    if ((yield* disk.size(path)) === undefined) return yield* objectError(path, digest, "is not in the store")
    const actual = yield* disk.digest(path)
    if (actual !== digest) return yield* discard(digest, actual)
    verified.add(digest)
  })

  const putWritten = Effect.fnUntraced(function*<A, E>(fill: (path: string) => Effect.Effect<A, E>) {
    const file = yield* temporary
    return yield* Effect.gen(function*() {
      const filled = yield* fill(file)
      const ref = { digest: yield* disk.digest(file), size: (yield* disk.size(file)) ?? 0 }
      if (yield* has(ref)) yield* disk.remove(file)
      else yield* disk.publish(file, object(ref.digest))
      return { ...ref, filled }
    }).pipe(Effect.onError(() => Effect.ignore(disk.remove(file))))
  })

  return {
    objectPath: object,
    isThere,
    verify,
    putWritten,
    putBlob: Effect.fnUntraced(function*(content) {
      const ref = digestOfPieces(piecesOf(content))
      if (!(yield* has(ref))) yield* publish(object(ref.digest), content)
      return ref
    }),
    putFile: (path) =>
      Effect.map(putWritten((file) => disk.copy(path, file)), ({ digest, size }) => ({ digest, size })),
    blobPath: ({ digest }) => Effect.as(verify(digest), object(digest)),
  }
}

/** The error of an object that is not there or is not what it should be. */
export const objectError = (path: string, digest: Digest, problem: string): StoreError =>
  new StoreError({ path, message: `object ${digest} ${problem}`, help: "run again; it is then made again" })
