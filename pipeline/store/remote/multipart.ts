import { Effect, Stream } from "effect"
import { hash } from "node:crypto"
import type { StoreError } from "../../base/errors.ts"
import type { Source } from "../disk.ts"
import { damagedHere, partsAtOnce, partsOf, reader } from "./large.ts"
import type { Multiparts, Part, Upload } from "./multipart-calls.ts"
import type { LargeFile } from "./remote.ts"

/** So often an upload begins again that somebody else gave up, or a part that did not arrive as it was sent. */
const MOST_TRIES = 4

/** What became of an upload: the object is there, or the server no longer knows the upload. */
type Outcome = { readonly _tag: "Whole"; readonly proved: boolean } | { readonly _tag: "GivenUp" }

/**
 * Uploads a file in parts, and goes on with the parts that the server has of an earlier attempt.
 *
 * Which parts are there, only the server says: the upload may go on from another machine. A part counts where its ETag is
 * the MD5 of the bytes that are here. Whether the ETags of the server are such proofs of all of the file; where they are
 * not, as with some encryption, the caller reads back what was written. An upload that is interrupted leaves its parts.
 */
export const uploadInParts = Effect.fnUntraced(function*(
  calls: Multiparts,
  name: string,
  file: LargeFile,
  source: Source,
  progress: (there: number) => void,
): Effect.fn.Return<{ readonly proved: boolean }, StoreError> {
  for (let tries = 1;; tries++) {
    const outcome = yield* attemptOf(calls, name, file, source, progress)
    if (outcome._tag === "Whole") {
      yield* removeOthers(calls, name)
      return { proved: outcome.proved }
    }
    // Another machine may have finished it, and removed the others of its name.
    if ((yield* calls.size(name)) === file.size) return { proved: false }
    if (tries === MOST_TRIES) {
      return yield* calls.failed(name, "the server forgets the parts of an upload again and again")
    }
  }
})

const attemptOf = Effect.fnUntraced(function*(
  calls: Multiparts,
  name: string,
  file: LargeFile,
  source: Source,
  progress: (there: number) => void,
): Effect.fn.Return<Outcome, StoreError> {
  const { upload, parts: known } = yield* furthest(calls, name, file)
  const { bytes, giveBack, digest } = reader(source)
  const done: Array<Part> = []
  let areProofs = true
  let isGivenUp = false
  let there = 0
  const count = (bytes: number) => {
    there += bytes
    progress(there)
  }
  // What is read is hashed in its order; what is sent may overtake.
  yield* Stream.fromIterable(partsOf(file.size)).pipe(
    Stream.rechunk(1),
    Stream.map(({ number, start, end }) => ({ number, bytes: bytes(start, end) })),
    Stream.mapEffect(({ number, bytes }) =>
      Effect.ensuring(
        Effect.gen(function*() {
          if (isGivenUp) return
          const md5 = hash("md5", bytes)
          let part = known.get(number)
          for (let tries = 1; part?.etag !== md5 || part.size !== bytes.length; tries++) {
            const etag = yield* calls.put(upload, number, bytes, md5)
            if (etag === undefined) {
              isGivenUp = true
              return
            }
            part = { number, etag, size: bytes.length }
            if (etag !== md5 && tries === MOST_TRIES) areProofs = false
            // What no ETag proves is read back at the end.
            if (!areProofs) break
          }
          done.push(part)
          count(bytes.length)
        }),
        Effect.sync(() => giveBack(bytes)),
      ), { concurrency: partsAtOnce(file.size), unordered: true }),
    Stream.runDrain,
  )
  if (isGivenUp) return { _tag: "GivenUp" }
  if (digest() !== file.digest) {
    yield* calls.abort(upload)
    return yield* damagedHere(file)
  }
  const parts = done.toSorted((one, other) => one.number - other.number)
  const etag = yield* calls.complete(upload, parts)
  if (etag === undefined) return { _tag: "GivenUp" }
  return { _tag: "Whole", proved: areProofs && etag === etagOf(parts) }
})

/** The upload of a file that has most of it, and the parts that it has; a new one where there is none. */
const furthest = Effect.fnUntraced(function*(calls: Multiparts, name: string, { size }: LargeFile) {
  let best: { readonly upload: Upload; readonly parts: ReadonlyMap<number, Part>; readonly bytes: number } | undefined
  for (const upload of yield* calls.uploads(name)) {
    if (upload.name !== name) continue
    const parts = yield* calls.parts(upload)
    // Somebody gave it up meanwhile.
    if (parts === undefined) continue
    const bytes = parts.reduce((sum, part) => sum + part.size, 0)
    // One of other contents, or of a version that cut files otherwise, is of no use.
    if (bytes <= size && bytes > (best?.bytes ?? -1)) {
      best = { upload, bytes, parts: new Map(parts.map((part) => [part.number, part])) }
    }
  }
  return best ?? { upload: yield* calls.create(name), parts: new Map<number, Part>() }
})

/** Gives up the uploads of a name that stands now: those who are at work on one find it. */
const removeOthers = Effect.fnUntraced(function*(calls: Multiparts, name: string) {
  for (const upload of yield* calls.uploads(name)) if (upload.name === name) yield* calls.abort(upload)
})

/**
 * Gives up the uploads below a prefix whose last part is older than `age`, in milliseconds, by the clock of the server.
 * Nobody else does: their parts cost as whole objects do, and no listing shows them. Gives how many there were.
 */
export const abortOld = Effect.fnUntraced(function*(calls: Multiparts, prefix: string, age: number) {
  const now = yield* calls.now
  let count = 0
  for (const upload of yield* calls.uploads(prefix)) {
    if (now - upload.began <= age) continue
    const parts = (yield* calls.parts(upload)) ?? []
    const last = parts.reduce((last, part) => Math.max(last, part.written ?? 0), upload.began)
    if (now - last <= age) continue
    yield* calls.abort(upload)
    count++
  }
  return count
})

/** What the ETag of an object in parts is, where ETags are MD5s. */
const etagOf = (parts: ReadonlyArray<Part>): string =>
  `${hash("md5", Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex"))))}-${parts.length}`
