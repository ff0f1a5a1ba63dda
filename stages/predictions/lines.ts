import { readFileSync } from "node:fs"
import { TextDecoder } from "node:util"
import type { SourceFile } from "redag"
import * as messages from "./messages.ts"
import type { Problems } from "./problems.ts"

/** A line of a file without its line break, counted from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/** No line has more bytes: a longer one is no text of a document, and may be longer than a string can be. */
const MOST = 256 << 20

/** The lines of a file that are not blank; a byte-order mark, CR LF and a missing last break are accepted. */
export const linesOf = ({ path }: SourceFile, problems: Problems, most = MOST): ReadonlyArray<Line> => {
  const content = readFileSync(path)
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
  const lines: Array<Line> = []
  let start = 0
  for (let number = 1; start < content.length; number++) {
    const found = content.indexOf(10, start)
    const end = found === -1 ? content.length : found
    if (end - start > most) {
      problems.add(number, { message: messages.longLine.message(most), help: messages.longLine.help })
      start = end + 1
      continue
    }
    try {
      const text = decoder.decode(content.subarray(start, end)).replace(number === 1 ? /^\uFEFF/u : /\r$/u, "")
      if (text.trim() !== "") lines.push({ number, text: text.replace(/\r$/u, "") })
    } catch {
      problems.add(number, messages.notUtf8)
    }
    start = end + 1
  }
  return lines
}
