import { Effect } from "effect"
import { bytes } from "../../base/text.ts"
import { forErrors } from "../../report/terminal.ts"

/** A line on a terminal that is written over. */
export interface Line {
  /** Writes it again, where the last time is some while ago; lets others have their turn. */
  readonly show: (text: () => string) => Effect.Effect<void>
  /** Takes it away. */
  readonly close: Effect.Effect<void>
}

/** Shows on a terminal how far a long check is. */
export interface Meter {
  /** Takes how many bytes are done, of how many; lets others have their turn. */
  readonly advanced: (done: number, total: number) => Effect.Effect<void>
  readonly close: Effect.Effect<void>
}

/** So often at most is the line written again, in milliseconds. */
const INTERVAL = 200

/** A line on standard error; where that is no terminal, nothing. */
export const makeLine = (): Line => {
  let last = performance.now()
  let isShown = false
  const write = (text: string) => {
    process.stderr.write(`\r\u001B[K${forErrors(text)}`)
  }
  return {
    show: (text) =>
      Effect.suspend(() => {
        const now = performance.now()
        if (process.stderr.isTTY && now - last > INTERVAL) {
          last = now
          isShown = true
          write(text())
        }
        return Effect.yieldNow
      }),
    close: Effect.sync(() => {
      if (isShown) write("")
      isShown = false
    }),
  }
}

/** A line that says how many bytes of how many are done. */
export const makeMeter = (verb: string): Meter => {
  const { show, close } = makeLine()
  return { advanced: (done, total) => show(() => `${verb} ${bytes(done)} of ${bytes(total)}`), close }
}
