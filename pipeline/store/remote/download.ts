import { Effect, Stream } from "effect"
import { attempt } from "../../base/attempt.ts"
import type { BlobRef } from "../../base/blob-ref.ts"
import { digester } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { type Disk, storeError } from "../disk.ts"
import { objectError } from "../objects.ts"
import { names } from "./names.ts"
import type { Remote } from "./remote.ts"

/** How many bytes of a file are read at once to take their digest. */
const PIECE = 1 << 20

/**
 * Brings an object from a remote into a file, behind what an earlier attempt left there, and sees that it is the object
 * that its name says.
 *
 * What is there counts as far as the digest of all comes out right; where it does not, all is brought once more, since
 * nobody knows which bytes were wrong. A download that stops leaves its file. Memory does not grow with the object.
 */
export const download = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  remote: Remote["Service"],
  ref: BlobRef,
  path: string,
  /** Hears how many bytes are here. */
  progress: (here: number) => void,
): Effect.fn.Return<void, StoreError> {
  for (let tries = 1;; tries++) {
    const found = yield* extend(disk, remote, ref, path, progress)
    if (found === "whole") return
    yield* disk.remove(path)
    // The bytes may have been damaged on their way, or here by an earlier attempt.
    if (tries === 2) {
      const place = `${remote.address}/${names.object(ref.digest)}`
      return yield* objectError(place, ref.digest, "has other bytes at the remote than its name says")
    }
  }
})

const extend = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  remote: Remote["Service"],
  ref: BlobRef,
  path: string,
  progress: (here: number) => void,
): Effect.fn.Return<"whole" | "damaged", StoreError> {
  const sha256 = digester()
  let here = 0
  const left = yield* disk.source(path)
  if (left !== undefined) {
    if (left.size > ref.size) {
      left.close()
      return "damaged"
    }
    yield* Effect.ensuring(
      Effect.gen(function*() {
        const piece = new Uint8Array(PIECE)
        for (; here < left.size; here = Math.min(left.size, here + PIECE)) {
          const bytes = yield* onFile(path, "read", () => left.read(here, Math.min(left.size, here + PIECE), piece))
          sha256.update(bytes)
          // A process that hashes gigabytes beats meanwhile.
          yield* Effect.yieldNow
        }
      }),
      Effect.sync(left.close),
    )
  }
  progress(here)
  if (here < ref.size) {
    const sink = yield* disk.extend(path)
    yield* Effect.ensuring(
      remote.readFrom(names.object(ref.digest), here).pipe(
        Stream.takeWhile(() => here <= ref.size),
        Stream.runForEach((bytes) =>
          onFile(path, "written", () => {
            sink.write(bytes)
            sha256.update(bytes)
            here += bytes.length
            progress(here)
          })
        ),
      ),
      Effect.sync(sink.close),
    )
  }
  return here === ref.size && sha256.digest() === ref.digest ? "whole" : "damaged"
})

const onFile = <A>(path: string, verb: string, call: () => A): Effect.Effect<A, StoreError> =>
  attempt(call, (thrown) => storeError(path, verb, thrown))
