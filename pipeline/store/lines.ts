import { Effect } from "effect"
import { attempt } from "../base/attempt.ts"
import type { StoreError } from "../base/errors.ts"
import { type Line, makeLineReader } from "./chain.ts"
import { Disk, storeError } from "./disk.ts"

/** How large the pieces are in which a log is read, in bytes. */
const PIECE = 1 << 20

/** Gives each line of the log of this name to `take`, however large the log is; whether there is one. */
export const eachLine = (
  name: string,
  path: string,
  take: (line: Line) => void,
): Effect.Effect<boolean, StoreError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.acquireUseRelease(
      disk.source(path),
      Effect.fnUntraced(function*(source) {
        if (source === undefined) return false
        const reader = makeLineReader(name)
        for (let at = 0; at < source.size; at += PIECE) {
          const end = Math.min(source.size, at + PIECE)
          const piece = yield* attempt(() => source.read(at, end), (thrown) => storeError(path, "read", thrown))
          for (const line of reader.take(piece)) take(line)
          yield* Effect.yieldNow
        }
        for (const line of reader.end()) take(line)
        return true
      }),
      (source) => Effect.sync(() => source?.close()),
    ))
