import { Effect, Semaphore } from "effect"
import { digestOf } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { absentHere, damagedHere, PART } from "./large.ts"
import { names } from "./names.ts"
import { always, type LargeFile, type Remote } from "./remote.ts"

/** So many small objects are on their way at a time: the answer to each takes longer than its bytes. */
const AT_ONCE = 32

/** So many MiB of them are held in memory at most. */
const MEMORY = 32

/** Up to so many bytes it costs less to send an object again than to ask whether it is there. */
const WORTH_ASKING = 1 << 16

/** Sends an object of the store, and gives whether it was sent: not where the remote has it. Sending it twice does no harm. */
export type Send = (object: LargeFile, progress?: (sent: number) => void) => Effect.Effect<boolean, StoreError>

/**
 * A sender to a remote, which may be asked for any number of objects at once: it holds a bounded number of bytes. A file
 * here that is not what its name says is not sent; it fails with the object as damaged.
 */
export const makeSender = (disk: Disk["Service"], remote: Remote["Service"]): Send => {
  const requests = Semaphore.makeUnsafe(AT_ONCE)
  const memory = Semaphore.makeUnsafe(MEMORY)
  // The parts of one keep a connection busy.
  const large = Semaphore.makeUnsafe(1)

  /** What is there becomes young: who collects what is old in the remote leaves what a record is about to name. */
  const isThere = ({ digest, size }: LargeFile) =>
    size <= WORTH_ASKING ? Effect.succeed(false) : Effect.map(remote.renew(names.object(digest)), (is) => is === size)

  const sendSmall = Effect.fnUntraced(function*(object: LargeFile, progress: (sent: number) => void) {
    const bytes = yield* disk.readBytes(object.path, PART)
    if (bytes === undefined) return yield* absentHere(object)
    if (digestOf(bytes) !== object.digest) return yield* damagedHere(object)
    yield* remote.write(names.object(object.digest), bytes, always)
    progress(bytes.length)
  })

  return Effect.fnUntraced(function*(object, progress = () => undefined) {
    const isSmall = object.size <= PART
    const limited = isSmall
      ? <A>(sending: Effect.Effect<A, StoreError>) =>
        requests.withPermits(1)(memory.withPermits(Math.max(1, Math.ceil(object.size / (1 << 20))))(sending))
      : large.withPermits(1)
    return yield* limited(Effect.gen(function*() {
      if (yield* isThere(object)) return false
      yield* isSmall ? sendSmall(object, progress) : remote.upload(names.object(object.digest), object, progress)
      return true
    }))
  })
}
