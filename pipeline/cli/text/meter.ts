import { Effect } from "effect"
import { bytes } from "../../base/text.ts"
import { forErrors } from "../../report/terminal.ts"

/** A line on a terminal that is written over. */
export interface Line {
  /** Writes it again, where the last time is some while ago; lets others have their turn. */
  readonly show: (text: () => string) => Effect.Effect<void>
  /** The same at once, and nobody else has a turn. */
  readonly showNow: (text: () => string) => void
  /** Takes it away. */
  readonly close: Effect.Effect<void>
}

/** Shows on a terminal how far a long check, or a long transfer, is. */
export interface Meter {
  /** Takes how many bytes are done, of how many; lets others have their turn. */
  readonly advanced: (done: number, total: number) => Effect.Effect<void>
  /** The same at once, and nobody else has a turn. */
  readonly advancedNow: (done: number, total: number) => void
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
  const showNow = (text: () => string): void => {
    const now = performance.now()
    if (!process.stderr.isTTY || now - last <= INTERVAL) return
    last = now
    isShown = true
    write(text())
  }
  return {
    show: (text) =>
      Effect.suspend(() => {
        showNow(text)
        return Effect.yieldNow
      }),
    showNow,
    close: Effect.sync(() => {
      if (isShown) write("")
      isShown = false
    }),
  }
}

/** A line that says how many bytes of how many are done. */
export const makeMeter = (verb: string): Meter => {
  const { show, showNow, close } = makeLine()
  const text = (done: number, total: number) => () => `${verb} ${bytes(done)} of ${bytes(total)}`
  return {
    advanced: (done, total) => show(text(done, total)),
    advancedNow: (done, total) => showNow(text(done, total)),
    close,
  }
}
