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

/**
 * The lines of the log of this name.
 *
 * A last line that was not written to its end is none: its process was killed, or the disk was full.
 */
export const linesOf = (name: string, log: Buffer): ReadonlyArray<Line> => {
  let before = name
  return piecesOf(log).map((piece, index): Line => {
    const number = index + 1
    const text = textOf(piece)
    const [, body, chain] = linked.exec(text ?? "") ?? []
    if (body === undefined || chain === undefined) {
      return text !== undefined && isJson(text) ? { _tag: "Foreign", number } : { _tag: "Damaged", number }
    }
    const json = `${body}}`
    const isNext = chain === next(before, json)
    before = chain
    return isNext ? { _tag: "Sound", number, json } : { _tag: "Damaged", number }
  })
}

const piecesOf = (log: Buffer): ReadonlyArray<Buffer> => {
  const pieces: Array<Buffer> = []
  let start = 0
  for (let end = log.indexOf(10); end >= 0; end = log.indexOf(10, start)) {
    pieces.push(log.subarray(start, end))
    start = end + 1
  }
  const rest = log.subarray(start)
  // A line that is whole has its end; where something else stands in the place of that, it was changed.
  if (linked.test(rest.toString()) || linked.test(rest.subarray(0, -1).toString())) pieces.push(rest)
  return pieces
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
