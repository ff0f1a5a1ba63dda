import { InputError } from "redag"
import { END, type Grammar, type Guard, type Segment } from "../../models/generation/constraints/grammar.ts"
import { clauseParts, type ListJoins, slotNames } from "../shared/language/clause.ts"
import { extractor } from "../shared/language/extraction.ts"
import { clauseOf } from "../shared/language/rendering.ts"
import type { Extraction, InvertedTemplate } from "../shared/language/template.ts"
import * as messages from "./messages.ts"

/** How relations are written and read. */
export interface Written {
  readonly template: InvertedTemplate
  readonly extraction: Extraction
}

/**
 * The texts that a template writes of names that stand in a source, as far as extraction reads them back as they were
 * meant. Throws `InputError` for a template of which that cannot be said.
 */
export const grammarOf = (written: Written): Grammar => {
  const { template } = written
  requireReadable(written)
  const segments: Segment[] = []
  const add = (segment: Segment): number => segments.push(segment) - 1
  const words = (text: string, next: readonly number[]): readonly number[] =>
    text === "" ? next : [add({ _tag: "Words", text, next })]
  const name = (guards: readonly Guard[], next: readonly number[]): readonly number[] => [
    add({ _tag: "Name", guards, next }),
  ]
  const none = words(template.none, [END])
  const clauses: number[] = []
  const behind = [...words(template.end, [END]), ...words(template.separator, clauses)]
  const parts = clauseParts(template.clause)
  const first = parts.reduceRight<readonly number[]>((next, part, index) => {
    if (part._tag === "Words") return words(part.text, next)
    if (part.name === "label") return Object.values(template.labels).flatMap((phrase) => words(phrase, next))
    const around = aroundSlot(written, parts, index)
    return template.list === undefined
      ? name(nameGuards(around), next)
      : listOf(template.list, around, { words, name }, next)
  }, behind)
  clauses.push(...first)
  return { segments, starts: [...none, ...first] }
}

/** The words around a slot, and how it and the slot before it are read. */
interface Around {
  readonly left: string
  readonly right: string
  /** What clauses are cut at. */
  readonly separator: string
  /** Whether the slot reaches to the first of the words behind it. */
  readonly lazy: boolean
  /** Whether the slot before it reaches to the last of the words between the two. */
  readonly afterGreedy: boolean
}

const aroundSlot = (
  { template, extraction }: Written,
  parts: ReturnType<typeof clauseParts>,
  index: number,
): Around => {
  const wordsAt = (at: number): string => {
    const part = parts[at]
    return part?._tag === "Words" ? part.text : ""
  }
  const [part, before] = [parts[index], parts[index - 2]]
  const right = wordsAt(index + 1)
  return {
    left: wordsAt(index - 1),
    right: right === "" ? template.separator : right,
    separator: template.separator.trim() === "" ? template.separator : template.separator.trim(),
    lazy: right !== "" && part?._tag === "Slot" && isLazy(part.name, extraction),
    afterGreedy: before?._tag === "Slot" && !isLazy(before.name, extraction),
  }
}

const isLazy = (slot: string, { slots }: Extraction): boolean => {
  const pattern = slots[slot] ?? ""
  if ([".*?", "[^]*?"].includes(pattern)) return true
  if ([".*", "[^]*"].includes(pattern)) return false
  throw new InputError({ ...messages.unknownPattern(slot, pattern), field: "constraint.extraction.slots" })
}

/** What would have another name read than the one that was meant. */
const nameGuards = ({ left, right, separator, lazy, afterGreedy }: Around): readonly Guard[] => [
  { text: separator, left, right },
  // The slot would be over before.
  ...lazy ? [{ text: right, left: "", right }] : [],
  // The slot before would go on into this one: from the second character on, for the words between them are those meant.
  ...afterGreedy && left !== "" ? [{ text: left, left: left.slice(1), right: "" }] : [],
]

interface Adding {
  readonly words: (text: string, next: readonly number[]) => readonly number[]
  readonly name: (guards: readonly Guard[], next: readonly number[]) => readonly number[]
}

/** The segments of a list of one name, two, or more. */
const listOf = (
  joins: ListJoins,
  { left, right, separator, lazy }: Around,
  { words, name }: Adding,
  next: readonly number[],
): readonly number[] => {
  /** A name between two joins, or at an end of the list. */
  const item = (before: string | undefined, after: string | undefined, then: readonly number[]): readonly number[] =>
    name([
      { text: separator, left: before ?? left, right: after ?? right },
      ...lazy ? [{ text: right, left: before ?? "", right: after ?? right }] : [],
      ...[joins.pair, joins.between, joins.last].map((text) => ({
        text,
        // A longer join is looked for first: after ", " no name begins with "and ".
        left: before !== undefined && text.length > before.length && text.startsWith(before) ? before : "",
        right: after ?? "",
      })),
    ], then)
  const { pair, between, last } = joins
  const middle: number[] = []
  middle.push(
    ...item(between, last, words(last, item(last, undefined, next))),
    ...item(between, between, words(between, middle)),
  )
  return [
    ...item(undefined, undefined, next),
    ...item(undefined, pair, words(pair, item(pair, undefined, next))),
    ...item(undefined, between, words(between, middle)),
  ]
}

/** Throws `InputError` where a clause with plain names is not read back. */
const requireReadable = ({ template, extraction }: Written): void => {
  const extract = extractor({ template, extraction, reading: { search: "all words", blanks: "dropped" } })
  for (const slot of slotNames(template.clause)) isLazy(slot, extraction)
  for (const label of Object.keys(template.labels)) {
    const sets = template.list === undefined ? [["A", "B"]] : [["A"], ["A", "B"], ["A", "B", "C"]]
    for (const names of sets) {
      const answer = { label, arguments: names.map((name) => [name]) }
      const text = clauseOf(answer, { ...template, source: "{text}" }) + template.end
      const { relations, malformed } = extract(text)
      const meant = [{ label, arguments: names }]
      if (malformed.length === 0 && JSON.stringify(relations) === JSON.stringify(meant)) continue
      throw new InputError({ ...messages.notReadBack(label), field: "constraint.template" })
    }
  }
}
