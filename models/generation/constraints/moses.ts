// What Moses' detokenizer writes of a word depends on the words beside it: it puts blanks, quotes and hyphens back. So
// constrained outputs of such a tokenizer are followed word by word, as its own tokenizer splits an allowed text: words with a
// blank behind each, which is what the tokens spell. Only what is written as that text counts.
import { InvalidOption } from "../../ir/options.ts"
import { mosesDetokenize, mosesTokenize } from "../../tokenizers/moses.ts"
import { END, type Grammar, type Segment } from "./grammar.ts"
import { notOfWords } from "./messages.ts"
import type { NameGroup, NameSource, Words } from "./names.ts"

/** Names in words, as `NameGroup` has them in the text. */
export interface WordGroup {
  readonly starts: readonly number[]
  readonly limit: number
  /** 1 for each place among the words where a name may end. */
  readonly over: Uint8Array
}

/** Words as text has them, whatever stands between. */
const plainOf = (word: string): string => word === "@-@" ? "-" : mosesDetokenize([word])

const HYPHEN = "@-@"
/** Signs that open where none is open and else close: what is written depends on all that came before. */
const QUOTE = /^['"„“”`]+$/u
const BLANKS = /^\s*/u

/** The words of a text, line by line, and where names of them may begin and end. */
export const wordsOf = (text: string): Words => {
  const starts = new Map<number, number>()
  const placeOf = new Map<number, number>()
  const limits = new Map<number, number>()
  const follows = remembered(isWrittenAs)
  let units = ""
  let begin = 0
  for (const line of text.split(/[\n\r\u2028\u2029]/u)) {
    let at = begin
    let run: number[] = []
    let before: { readonly word: string; readonly end: number } | undefined
    /** No name goes on: those of the run reach to here at most. */
    const cut = (): void => {
      for (const start of run) limits.set(start, units.length - 1)
      run = []
      before = undefined
    }
    for (const word of mosesTokenize(line)) {
      const plain = plainOf(word)
      const start = at + (BLANKS.exec(text.slice(at))?.[0].length ?? 0)
      // What was left out of the words, such as a control character, is in no name.
      if (!text.startsWith(plain, start)) break
      at = start + plain.length
      const isQuote = QUOTE.test(plain)
      if (isQuote || (before !== undefined && !follows(before.word, word, text.slice(before.end, start)))) cut()
      if (!isQuote) {
        if (word !== HYPHEN && follows("x", word, " ")) {
          starts.set(start, units.length)
          run.push(units.length)
        }
        if (word !== HYPHEN && follows(word, "x", " ")) placeOf.set(units.length + word.length, at)
        before = { word, end: at }
      }
      units += `${word} `
    }
    cut()
    begin += line.length + 1
  }
  const ends = new Uint8Array(units.length + 1)
  for (const end of placeOf.keys()) ends[end] = 1
  return { units, starts, ends, placeOf, limits }
}

/** Whether a word behind another is written with this between them. */
const isWrittenAs = (one: string, other: string, between: string): boolean => {
  if (one === HYPHEN || other === HYPHEN) return between === ""
  const before = mosesDetokenize(["x", one])
  return mosesDetokenize(["x", one, other]) === `${before}${between}${plainOf(other)}`
}

const remembered = (of: typeof isWrittenAs): typeof isWrittenAs => {
  const known = new Map<string, boolean>()
  return (one, other, between) => {
    const key = `${one} ${other}\n${between}`
    const found = known.get(key) ?? of(one, other, between)
    known.set(key, found)
    return found
  }
}

/** The names of a group that are runs of words. */
export const wordGroups = (
  { starts, limit, blocked }: NameGroup,
  { ends: may }: Pick<NameSource, "ends">,
  words: Words,
): readonly WordGroup[] => {
  const over = words.ends.slice()
  for (const [at, end] of words.placeOf) if (end > limit || may[end] !== 1 || blocked.has(end)) over[at] = 0
  const found = starts.flatMap((start) => words.starts.get(start) ?? [])
  return [...Map.groupBy(found, (start) => words.limits.get(start) ?? start)]
    .map(([reach, own]) => ({ starts: own, limit: reach, over }))
}

/**
 * A grammar in words: a blank stands behind each, also behind a name. Words that Moses does not write as they are, such as
 * "and/or", are left out with the texts that have them: no output decodes to them, be it constrained or not. Throws
 * `InvalidOption` where no text is left, or where words beside each other are not written as they are.
 */
export const inWords = ({ segments, starts }: Grammar): Grammar => {
  const closing = segments.length
  const lost = lostIn(segments)
  const left = (next: readonly number[]): readonly number[] => next.filter((each) => !lost.has(each))
  if (left(starts).length === 0) throw new InvalidOption("constraint", notOfWords(lost.values().next().value ?? ""))
  const behindNames = new Set(segments.flatMap((segment) => segment._tag === "Name" ? segment.next : []))
  const written = segments.map((segment, index): Segment => {
    const next = lost.has(index) ? [] : left(segment.next)
    if (segment._tag === "Name") return { ...segment, next: next.map((each) => (each === END ? closing : each)) }
    const words = mosesTokenize(segment.text).map((word) => `${word} `).join("")
    return { ...segment, text: behindNames.has(index) ? ` ${words}` : words, next }
  })
  requireWritten(segments, written)
  return { starts: left(starts), segments: [...written, { _tag: "Words", text: " ", next: [END] }] }
}

/** The segments that no text may have, with the words why. */
const lostIn = (segments: readonly Segment[]): ReadonlyMap<number, string> => {
  const lost = new Map<number, string>()
  for (const [index, segment] of segments.entries()) {
    if (segment._tag === "Words" && !isWritten(mosesTokenize(segment.text), segment.text)) lost.set(index, segment.text)
  }
  for (let before = -1; before < lost.size;) {
    before = lost.size
    for (const [index, { next }] of segments.entries()) {
      const [first] = next
      const isDead = next.length > 0 && next.every((each) => lost.has(each))
      if (first !== undefined && isDead && !lost.has(index)) lost.set(index, lost.get(first) ?? "")
    }
  }
  return lost
}

const isWritten = (words: readonly string[], text: string): boolean =>
  mosesDetokenize(words) === text.trim() && !words.some((word) => QUOTE.test(plainOf(word)))

/** Throws where words beside each other, and beside a name, are not written as the grammar has them. */
const requireWritten = (segments: readonly Segment[], written: readonly Segment[]): void => {
  const textOf = (of: readonly Segment[], index: number): string => {
    const segment = of[index]
    return segment === undefined ? "" : segment._tag === "Words" ? segment.text : "x"
  }
  written.forEach(({ _tag, next }, index) => {
    for (const behind of _tag === "Words" ? next : []) {
      const before = [...written.keys()].filter((one) => written[one]?.next.includes(index))
      for (const first of before.length === 0 ? [-1] : before) {
        const path = [first, index, behind]
        const meant = path.map((each) => textOf(segments, each)).join("")
        const words = path.map((each) => textOf(written, each)).join("").split(" ").filter((word) => word !== "")
        if (!isWritten(words, meant)) throw new InvalidOption("constraint", notOfWords(meant.trim()))
      }
    }
  })
}
