import { RE2JS } from "re2js"
import { translate } from "./translate.ts"

/** A stretch of a text, in UTF-16 units. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/**
 * All matches of a regular expression of JavaScript (flag u) in a text, from its start, in a time that is proportional
 * to the length of the text. Throws `PatternError` where there is no such expression, or it may match nothing.
 */
export const finder = (source: string): (text: string) => ReadonlyArray<Stretch> => {
  const pattern = RE2JS.compile(translate(source).re2)
  return (text) => {
    const found: Array<Stretch> = []
    const matcher = pattern.matcher(text)
    while (matcher.find()) found.push({ start: matcher.start(), end: matcher.end() })
    return found
  }
}

/** Whether a regular expression matches all of a text. Throws `PatternError`. */
export const wholeMatcher = (source: string): (text: string) => boolean => {
  const pattern = RE2JS.compile(translate(source).re2)
  return (text) => pattern.testExact(text)
}

/** A part of an expression of which what it matches is wanted, or words as they are. */
export type Piece =
  | { readonly _tag: "Words"; readonly text: string }
  | { readonly _tag: "Sought"; readonly pattern: string }

/**
 * What the sought pieces match where the pieces, one after the other, match a text first; undefined where they do not.
 * Throws `PatternError`.
 */
export const searcher = (pieces: ReadonlyArray<Piece>): (text: string) => ReadonlyArray<string> | undefined => {
  const sought = pieces.filter(({ _tag }) => _tag === "Sought").length
  const pattern = RE2JS.compile(
    pieces.map((piece) => piece._tag === "Words" ? RE2JS.quote(piece.text) : `(${translate(piece.pattern).re2})`).join(
      "",
    ),
  )
  return (text) => {
    const matcher = pattern.matcher(text)
    if (!matcher.find()) return undefined
    return Array.from({ length: sought }, (_, index) => matcher.group(index + 1) ?? "")
  }
}
