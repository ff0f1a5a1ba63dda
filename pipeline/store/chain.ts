import { isUtf8 } from "node:buffer"
import { digestOf } from "../base/digest.ts"

/**
 * How the lines of a log prove that none was changed or taken away: each ends with a digest of itself and of the digest
 * of the line before it. That of the first line is of the log's name besides.
 */
export interface Chain {
  /** A line of JSON, an object, as it stands in the log. */
  readonly link: (json: string) => string
}

const next = (before: string, json: string): string => digestOf(`${before}\n${json}`).slice(0, 16)

/** The chain of the log of this name, of which nothing is written yet. */
export const makeChain = (name: string): Chain => {
  let last = name
  return {
    link: (json) => {
      last = next(last, json)
      return `${json.slice(0, -1)},"chain":"${last}"}\n`
    },
  }
}

/** A line of a log, by its number from 1. */
export type Line =
  | { readonly _tag: "Sound"; readonly number: number; readonly json: string }
  /** It is not what was written, or what stood before it is gone. */
  | { readonly _tag: "Damaged"; readonly number: number }
  /** It is of no such log: it never had a digest. */
  | { readonly _tag: "Foreign"; readonly number: number }

const linked = /^(\{.*),"chain":"([0-9a-f]{16})"\}$/su

/** No line of a log has more bytes; what is longer was not written by a run. */
const LONGEST_LINE = 1 << 24

/** Reads the lines of a log that is given in pieces, from its beginning. */
export interface LineReader {
  /** The lines that end in this piece. */
  readonly take: (piece: Uint8Array) => ReadonlyArray<Line>
  /**
   * What is left once all pieces are taken. A last line that was not written to its end is none: its process was killed,
   * or the disk was full. A line that is whole has its end; where something else stands in the place of that, it was
   * changed.
   */
  readonly end: () => ReadonlyArray<Line>
}

/** A reader of the log of this name. */
export const makeLineReader = (name: string): LineReader => {
  let before = name
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  const read = (piece: Buffer): Line => {
    number++
    const text = textOf(piece)
    const [, body, chain] = linked.exec(text ?? "") ?? []
    if (body === undefined || chain === undefined) {
      return text !== undefined && isJson(text) ? { _tag: "Foreign", number } : { _tag: "Damaged", number }
    }
    const json = `${body}}`
    const isNext = chain === next(before, json)
    before = chain
    return isNext ? { _tag: "Sound", number, json } : { _tag: "Damaged", number }
  }
  return {
    take: (piece) => {
      const lines: Array<Line> = []
      const bytes = rest.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([rest, piece])
      let start = 0
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        lines.push(read(bytes.subarray(start, end)))
        start = end + 1
      }
      rest = bytes.subarray(start)
      if (rest.length > LONGEST_LINE) {
        lines.push({ _tag: "Damaged", number: ++number })
        rest = Buffer.alloc(0)
      }
      return lines
    },
    end: () => linked.test(rest.toString()) || linked.test(rest.subarray(0, -1).toString()) ? [read(rest)] : [],
  }
}

/** The lines of the log of this name. */
export const linesOf = (name: string, log: Buffer): ReadonlyArray<Line> => {
  const reader = makeLineReader(name)
  return [...reader.take(log), ...reader.end()]
}

/** The text of bytes; undefined where they are no UTF-8, which all bytes are that are written. */
const textOf = (bytes: Buffer): string | undefined => (isUtf8(bytes) ? bytes.toString() : undefined)

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
