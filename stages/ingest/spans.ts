import { excerpt, type Place, wrong } from "./checks.ts"
import * as messages from "./messages.ts"

/** A stretch of text, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Turns an offset of the corpus into one of a JavaScript string. */
export type OffsetMap = (offset: number) => number

/**
 * The corpora count Unicode code points, a JavaScript string UTF-16 code units; the two differ after the first
 * character outside the basic plane.
 */
export const codePointOffsets = (text: string): OffsetMap => {
  // The code points that take two units, each by its offset in code points; ascending.
  const wide: Array<number> = []
  for (const { index } of text.matchAll(/[\u{10000}-\u{10FFFF}]/gu)) wide.push(index - wide.length)
  if (wide.length === 0) return (offset) => offset
  // An offset past the end stays past the end, so that the check of the span reports it.
  return (offset) => offset > text.length - wide.length ? text.length + offset : offset + countBelow(wide, offset)
}

/** How many Unicode code points a text has. */
export const codePoints = (text: string): number => {
  let count = text.length
  for (const _ of text.matchAll(/[\u{10000}-\u{10FFFF}]/gu)) count--
  return count
}

/** How many numbers of an ascending list are below a number. */
const countBelow = (numbers: ReadonlyArray<number>, limit: number): number => {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? limit) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** The text that spans cover, the parts of a discontinuous mention joined by one space. */
export const covered = (text: string, spans: ReadonlyArray<Span>): string =>
  spans.map((span) => text.slice(span.start, span.end)).join(" ")

const squeeze = (text: string): string => text.replace(/\s+/gu, "")

/**
 * Gives an error unless the spans lie in the text and cover the mention's string.
 *
 * In a discontinuous mention white space does not count: the corpora join "alpha-" and "blockers" without a space.
 */
export const checkSpans = (text: string, spans: ReadonlyArray<Span>, mention: string, place: Place): void => {
  for (const { start, end } of spans) {
    if (start >= end || end > text.length) {
      const { message, help } = messages.spanOutside
      throw wrong(place, message(start, end, text.length), help)
    }
  }
  const found = covered(text, spans)
  const same = spans.length > 1 ? squeeze(found) === squeeze(mention) : found === mention
  if (!same) {
    const { message, help } = messages.spanElsewhere
    throw wrong(place, message(excerpt(found), excerpt(mention)), help)
  }
}
