import { Effect } from "effect"
import type { BlobRef } from "../../base/blob-ref.ts"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { bytes, counted } from "../../base/text.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"

/** What is being brought is said after so long, in milliseconds, and then each time after so long. */
const FIRST = 3000
const AGAIN = 30_000

/**
 * Brings what jobs are to read from the remote behind the store before they are submitted: a compute node needs no network
 * then, and no credentials. How many objects come at a time is the remote's to say.
 */
export const makeBring = Effect.fnUntraced(function*(note: (text: string) => Effect.Effect<void>) {
  const store = yield* Store
  const disk = yield* Disk
  const { remote } = store
  if (remote === undefined) return (): Effect.Effect<void, StoreError> => Effect.void
  const here = new Set<Digest>()
  const coming = new Map<Digest, number>()
  let came = 0
  remote.hear((some) => void (came += some))
  yield* Effect.forkScoped(Effect.gen(function*() {
    for (let quiet = 0;;) {
      yield* Effect.sleep(FIRST)
      if (coming.size === 0) {
        quiet = 0
        continue
      }
      if (quiet % AGAIN === 0) {
        const all = bytes(coming.values().reduce((sum, size) => sum + size, 0))
        yield* note(
          `jobs wait for ${counted(coming.size, "object")} (${all}) from ${remote.address}; ${bytes(came)} came so far`,
        )
      }
      quiet += FIRST
    }
  }))
  const bringOne = (ref: BlobRef) =>
    Effect.suspend(() => {
      coming.set(ref.digest, ref.size)
      return store.blobPath(ref)
    }).pipe(
      Effect.tap(() => Effect.sync(() => here.add(ref.digest))),
      Effect.ensuring(Effect.sync(() => coming.delete(ref.digest))),
      Effect.asVoid,
    )
  return (reads: ReadonlyArray<BlobRef>): Effect.Effect<void, StoreError> =>
    Effect.forEach(reads, (ref) =>
      here.has(ref.digest) || !remote.has(ref.digest, ref.size)
        ? Effect.void
        : Effect.flatMap(disk.size(store.objectPath(ref.digest)), (size) => {
          if (size !== ref.size) return bringOne(ref)
          here.add(ref.digest)
          return Effect.void
        }), { concurrency: "unbounded", discard: true })
})
