import { Effect } from "effect"
import { StringDecoder } from "node:string_decoder"
import { attempt } from "../base/attempt.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk, storeError } from "../store/disk.ts"

/** How large the pieces are in which a file is read, in bytes. */
const PIECE = 1 << 20

/** Reads a file that others write to its end. */
export interface Tail {
  /**
   * Gives what is new of a file to `take`: from its beginning where it is another file, unless that is the `same` under
   * another name, or where it is shorter than it was.
   */
  readonly next: (
    path: string,
    take: (text: string) => Effect.Effect<void>,
    same?: boolean,
  ) => Effect.Effect<void, StoreError, Disk>
}

/** A reader that begins `before` so many bytes before the end of the first file; at its beginning where that is left out. */
export const makeTail = (before = Infinity): Tail => {
  let path: string | undefined
  let at = 0
  let decoder = new StringDecoder("utf8")
  return {
    next: Effect.fnUntraced(function*(wanted, take, same = false) {
      const disk = yield* Disk
      yield* Effect.acquireUseRelease(
        disk.source(wanted),
        Effect.fnUntraced(function*(source) {
          if (source === undefined) return
          const { size } = source
          if (same && path !== undefined) path = wanted
          if (path !== wanted || size < at) {
            at = path === undefined ? Math.max(0, size - before) : 0
            path = wanted
            decoder = new StringDecoder("utf8")
          }
          while (at < size) {
            const end = Math.min(size, at + PIECE)
            const bytes = yield* attempt(() => source.read(at, end), (thrown) => storeError(wanted, "read", thrown))
            at = end
            yield* take(decoder.write(Buffer.from(bytes)))
          }
        }),
        (source) => Effect.sync(() => source?.close()),
      )
    }),
  }
}
