import { bytes } from "../../base/text.ts"
import { forErrors } from "../../report/terminal.ts"
import { printNoteNow } from "./output.ts"

/** Less than so many bytes are hashed in a moment, and without a word. */
const MUCH = 256 << 20

/** So often is the line on a terminal written again, and one added elsewhere, in milliseconds. */
const INTERVALS = { terminal: 200, elsewhere: 10_000 }

/**
 * Says on standard error how far the hashing of much is, which happens once for each state of a file: on a terminal in
 * one line that is written over, elsewhere in a line now and then. A command that prints for machines says nothing.
 */
export const hashingNotes = (words: ReadonlyArray<string>) => {
  if (words.some((word) => word.startsWith("--json"))) return () => {}
  const { isTTY } = process.stderr
  /** Bytes of sets that are done. */
  let before = 0
  let last = -Infinity
  let isShown = false
  const wipe = () => {
    if (isShown) process.stderr.write("\r\u001B[K")
    isShown = false
  }
  return (title: string, done: number, total: number): void => {
    if (done >= total) {
      before += total
      last = -Infinity
      wipe()
      return
    }
    const now = performance.now()
    if (before + total < MUCH || now - last < (isTTY ? INTERVALS.terminal : INTERVALS.elsewhere)) return
    const text = `hashing ${title} (${bytes(total)}): ${bytes(done)} done`
    last = now
    if (!isTTY) return printNoteNow(text)
    // Ctrl-C, or a file that cannot be read, leaves nothing behind.
    if (!isShown) process.once("exit", wipe)
    isShown = true
    process.stderr.write(`\r\u001B[K${forErrors(text)}`)
  }
}
