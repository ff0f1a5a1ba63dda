import { Effect } from "effect"
import { bytes } from "../../base/text.ts"

/** Shows on a terminal how far a long check is. */
export interface Meter {
  /** Takes how many bytes are done, of how many; lets others have their turn. */
  readonly advanced: (done: number, total: number) => Effect.Effect<void>
  readonly close: Effect.Effect<void>
}

/** So often at most is the line written again, in milliseconds. */
const INTERVAL = 200

/** A line on standard error that is written over, where that is a terminal. */
export const makeMeter = (verb: string): Meter => {
  let last = performance.now()
  let isShown = false
  const write = (text: string) => {
    process.stderr.write(`\r\u001B[K${text}`)
  }
  return {
    advanced: (done, total) =>
      Effect.suspend(() => {
        const now = performance.now()
        if (process.stderr.isTTY && now - last > INTERVAL) {
          last = now
          isShown = true
          write(`${verb} ${bytes(done)} of ${bytes(total)}`)
        }
        return Effect.yieldNow
      }),
    close: Effect.sync(() => {
      if (isShown) write("")
    }),
  }
}
