import { missingSlot, repeatedSlot, unknownSlotKind } from "./messages.ts"
import { type SlotKinds, slotKinds } from "./names.ts"

/** A relation that a pattern states: its label and the slots that take part, in the corpus's own order. */
export interface PatternRelation {
  readonly label: string
  readonly slots: readonly string[]
}

/** A sentence with slots (`{c}`, `{d2}`: a kind's letter and, from the second on, a number) and what it states. */
export interface Pattern {
  readonly text: string
  readonly relations: readonly PatternRelation[]
}

/** The sentence patterns of one corpus. Those at the head of `stating` are used most often. */
export interface PatternBook {
  /** Titles, with or without relations; a corpus without titles has none. */
  readonly titles: readonly Pattern[]
  /** Sentences with at least one relation. */
  readonly stating: readonly Pattern[]
  /** Sentences that name entities and state no relation: negations, treatments, comparisons. */
  readonly distracting: readonly Pattern[]
  /** Words that open a sentence of clauses (DCE), or whole sentences without entities (the others). */
  readonly framing: readonly string[]
}

const slotPattern = /\{([a-z]\d?)\}/g

/** The names of the slots of a pattern, in the order of the text. */
export const slotsOf = (text: string): readonly string[] =>
  [...text.matchAll(slotPattern)].map((match) => match[1] ?? "")

/** A pattern's text cut at its slots: texts at even places, slot names at odd ones. */
export const piecesOf = (text: string): readonly string[] => text.split(slotPattern)

/** Reads one pattern: `Two patients developed {d} after {c}. => CID c d; CID c2 d`. */
export const parsePattern = (line: string, kinds: SlotKinds = slotKinds): Pattern => {
  const [text = "", stated] = line.split(" => ")
  const slots = slotsOf(text)
  for (const slot of slots) {
    if (kinds[slot.slice(0, 1)] === undefined) {
      throw new Error(unknownSlotKind(slot, line))
    }
  }
  if (new Set(slots).size !== slots.length) throw new Error(repeatedSlot(line))
  const relations = (stated === undefined ? [] : stated.split("; ")).map((part) => {
    const [label = "", ...named] = part.split(" ")
    const missing = named.find((slot) => !slots.includes(slot))
    if (missing !== undefined) throw new Error(missingSlot(missing, line))
    return { label, slots: named }
  })
  return { text, relations }
}

const parseLines = (lines: string, kinds: SlotKinds): readonly Pattern[] =>
  lines.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => parsePattern(line, kinds))

/** A book from its four lists, one pattern a line. */
export const patternBook = (lists: {
  readonly titles?: string
  readonly stating: string
  readonly distracting: string
  readonly framing: string
}, kinds: SlotKinds = slotKinds): PatternBook => ({
  titles: parseLines(lists.titles ?? "", kinds),
  stating: parseLines(lists.stating, kinds),
  distracting: parseLines(lists.distracting, kinds),
  framing: lists.framing.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
})

/** Every text of a book. */
export const textsOf = (book: PatternBook): readonly string[] => [
  ...[...book.titles, ...book.stating, ...book.distracting].map((pattern) => pattern.text),
  ...book.framing,
]
