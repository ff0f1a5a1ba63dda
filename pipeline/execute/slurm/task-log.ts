import { Effect } from "effect"
import { attempt } from "../../base/attempt.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk, storeError } from "../../store/disk.ts"
import { type Said, saidIn, saidLine } from "./said.ts"

/** So much is read of a log at once, in bytes, or as much more as one line takes. */
const PIECE = 1 << 20

/** What a worker said since this was last asked, in whole lines; the log may not be there yet. */
export const makeTail = Effect.fnUntraced(function*(
  path: string,
): Effect.fn.Return<Effect.Effect<ReadonlyArray<Said>, StoreError>, never, Disk> {
  const disk = yield* Disk
  let at = 0
  const read = Effect.acquireUseRelease(
    // To open it has a network's file system ask what it is now.
    disk.source(path),
    (source) =>
      attempt(() => {
        const said: Array<Said> = []
        if (source === undefined) return said
        for (let most = PIECE; at < source.size;) {
          const piece = Buffer.from(source.read(at, Math.min(source.size, at + most)))
          const end = piece.lastIndexOf(0x0a) + 1
          if (end === 0) {
            if (at + most >= source.size) break
            most *= 2
            continue
          }
          at += end
          most = PIECE
          for (const line of piece.toString("utf8", 0, end).split("\n")) {
            const each = line === "" ? undefined : saidIn(line)
            if (each !== undefined) said.push(each)
          }
        }
        return said
      }, (thrown) => storeError(path, "read", thrown)),
    (source) => Effect.sync(() => source?.close()),
  )
  return read
})

/** The pause between two writes of a log, in milliseconds: to open a file may take a while where the store is. */
const PAUSE = 200

/** Says things in the log of a task, a little later, and in any case before the scope ends. */
export const makeSay = Effect.fnUntraced(function*(path: string) {
  const disk = yield* Disk
  // Who wrote here before may have been ended in the middle of a line.
  let lines = "\n"
  const flush = Effect.suspend(() => {
    if (lines === "") return Effect.void
    const text = lines
    lines = ""
    return Effect.onError(disk.append(path, text), () => Effect.sync(() => (lines = text + lines)))
  })
  yield* Effect.addFinalizer(() => Effect.ignore(flush))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(PAUSE), Effect.ignore(flush))))
  return {
    say: (said: Said) => Effect.sync(() => void (lines += saidLine(said))),
    flush,
  }
})
