import { Effect } from "effect"
import type { StoreError } from "../../base/errors.ts"
import { makeChain } from "../chain.ts"
import { Disk } from "../disk.ts"
import { eachLine } from "../lines.ts"
import { Store } from "../store.ts"

/**
 * Writes the log of a run again with the sound lines of the damaged one, which stands elsewhere by now; whether there was
 * anything to write: without its first line nobody knows what run it is of.
 */
export const restoreLog = Effect.fnUntraced(function*(
  run: string,
  damaged: string,
): Effect.fn.Return<boolean, StoreError, Store | Disk> {
  const disk = yield* Disk
  const { layout, temporary } = yield* Store
  const chain = makeChain(run)
  const lines: Array<Buffer> = []
  yield* eachLine(run, damaged, (line) => {
    const isFirst = lines.length === 0
    if (line._tag === "Sound" && (!isFirst || line.number === 1)) lines.push(Buffer.from(chain.link(line.json)))
  })
  if (lines.length === 0) return false
  const file = yield* temporary
  yield* disk.write(file, lines)
  return yield* disk.publishNew(file, layout.runs.path(run))
})
