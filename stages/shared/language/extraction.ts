import { searcher, wholeMatcher } from "../../../models/patterns/linear.ts"
import type { Generation } from "../../../schemas/generations.ts"
import type { Extraction as ExtractionRow, PredictedRelation } from "../../../schemas/relations.ts"
import type { Prompt, Reading } from "../params/protocol.ts"
import { clauseParts, slotNames, splitList, withoutFirstWord, wordAfter } from "./clause.ts"
import type { Extraction, InvertedTemplate } from "./template.ts"

/** The relations of one text, and the pieces of it that were no relation. */
export type Extracted = Pick<ExtractionRow, "relations" | "malformed">

/** Names the label of a phrase; an unknown phrase keeps its words behind a mark that no label has. */
const labeller = (labels: InvertedTemplate["labels"], extraction: Extraction): (phrase: string) => string => {
  const byPhrase = new Map(Object.entries(labels).map(([label, phrase]) => [phrase, label] as const))
  const patterns = (extraction.labels ?? []).map(({ label, pattern }) => ({
    label,
    matches: wholeMatcher(pattern),
  }))
  return (phrase) => byPhrase.get(phrase) ?? patterns.find(({ matches }) => matches(phrase))?.label ?? `?${phrase}`
}

/**
 * Finds a clause in a text and gives what stands in its slots, by their names.
 *
 * Its words are taken as they are, and each slot by its own pattern: words that are edited in the clause change rendering
 * and extraction together.
 */
export const clauseFinder = (
  clause: string,
  slots: Extraction["slots"],
): (text: string) => Readonly<Record<string, string>> | undefined => {
  const names = slotNames(clause)
  const search = searcher(
    clauseParts(clause).map((part) =>
      part._tag === "Words" ? part : { _tag: "Sought", pattern: slots[part.name] ?? ".*" }
    ),
  )
  return (text) => {
    const found = search(text)
    return found === undefined ? undefined : Object.fromEntries(names.map((name, index) => [name, found[index] ?? ""]))
  }
}

const withoutEnd = (text: string, end: string): string =>
  end !== "" && text.endsWith(end) ? text.slice(0, text.length - end.length) : text

/** An expression whose "." stands for everything but a line feed: in JavaScript it leaves out three other characters. */
const withoutLineFeed = (pattern: string): string =>
  pattern.replaceAll(/\\[^]|\[(?:\\[^]|[^\\\]])*\]|\./gu, (part) => (part === "." ? "[^\\n]" : part))

/** How the relations of texts are written, and how they are found. */
export interface Inversion {
  readonly template: InvertedTemplate
  readonly extraction: Extraction
  readonly reading: Reading
}

/** What stands in the slots of the clause that a piece of text has; undefined where it has none. */
const pieceFinder = (
  { template: { clause, list }, extraction: { slots }, reading: { search } }: Inversion,
): (piece: string) => Readonly<Record<string, string>> | undefined => {
  const word = search === "core words" && list !== undefined ? wordAfter(clause, list.slot) : ""
  if (list !== undefined && word !== "") {
    return (piece) => {
      const [items, label, more] = piece.split(word)
      return items === undefined || label === undefined || more !== undefined
        ? undefined
        : { [list.slot]: items, label }
    }
  }
  if (search === "all words") return clauseFinder(clause, slots)
  const lines = Object.entries(slots).map(([slot, pattern]) => [slot, withoutLineFeed(pattern)] as const)
  return clauseFinder(withoutFirstWord(clause), Object.fromEntries(lines))
}

/**
 * Makes the inverse of a template: a function from generated text to relations.
 *
 * It drops one final `end`, cuts at the separator without its blanks, and searches each piece for the clause. A
 * predicate that is no label's phrase makes a relation labelled "?" and the predicate, which is a wrong prediction.
 */
export const extractor = (inversion: Inversion): (text: string) => Extracted => {
  const { template, extraction, reading: { blanks } } = inversion
  const find = pieceFinder(inversion)
  const toLabel = labeller(template.labels, extraction)
  const [onlyLabel = ""] = Object.keys(template.labels)
  const { list } = template
  const withLabel = slotNames(template.clause).includes("label")
  const separator = template.separator.trim() === "" ? template.separator : template.separator.trim()
  const none = withoutEnd(template.none, template.end).trim()
  const trimmed = (text: string): string => (blanks === "kept" ? text : text.trim())
  const rewrite = (text: string): string =>
    (extraction.rewrite ?? []).reduce((so, { from, to }) => so.replaceAll(from, to), trimmed(text))

  const relation = (piece: string): PredictedRelation | undefined => {
    const groups = find(piece)
    if (groups === undefined) return undefined
    const label = !withLabel || groups["label"] === undefined ? onlyLabel : toLabel(trimmed(groups["label"]))
    const strings = list === undefined
      ? [groups["head"] ?? "", groups["tail"] ?? ""]
      : splitList(groups[list.slot] ?? "", list, blanks)
    return { label, arguments: strings.map(rewrite) }
  }

  return (text) => {
    const relations = new Map<string, PredictedRelation>()
    const malformed: Array<string> = []
    for (const piece of withoutEnd(trimmed(text), template.end).split(separator).map(trimmed)) {
      const words = piece.trim()
      if (words === "" || words === none) continue
      const found = relation(piece)
      if (found === undefined) malformed.push(words)
      else relations.set(JSON.stringify(found), found)
    }
    return { relations: [...relations.values()], malformed }
  }
}

/** The text that relations are read out of. */
export const readable = ({ prompt: given, text }: Pick<Generation, "prompt" | "text">, prompt: Prompt): string =>
  prompt === "kept" ? `${given ?? ""}${text}` : text

/** Reads the relations out of each generation. */
export function* extractAll(
  generations: Iterable<Generation>,
  { prompt, ...inversion }: Inversion & { readonly prompt: Prompt },
): Generator<ExtractionRow> {
  const extract = extractor(inversion)
  for (const generation of generations) {
    const { document, finished, sourceTruncated } = generation
    yield { document, ...extract(readable(generation, prompt)), finished, sourceTruncated }
  }
}
