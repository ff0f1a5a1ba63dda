import type { Document, Mention } from "../../../../schemas/documents.ts"
import { sentenceStarts } from "../../language/sentences.ts"
import { type Trace, unknownLabel } from "./annotations.ts"

/** Finds the mentions that a string may stand for, in the order of the text. */
export type Namer = (name: string) => ReadonlyArray<Mention>

/** Where a mention begins. */
export const startOf = (mention: Mention): number => Math.min(...mention.spans.map(({ start }) => start))

/** Where a mention ends. */
const endOf = (mention: Mention): number => Math.max(...mention.spans.map(({ end }) => end))

/** The order of mentions in the text. */
export const comparePlaces = (a: Mention, b: Mention): number => startOf(a) - startOf(b) || endOf(a) - endOf(b)

/** A string without what tokenizers and templates change: the case of letters and white space. */
const folded = (text: string): string => text.replace(/\s+/gu, "").toLowerCase()

const index = (mentions: ReadonlyArray<Mention>, key: (text: string) => string): Namer => {
  const byKey = Map.groupBy(mentions, ({ text }) => key(text))
  return (name) => byKey.get(key(name)) ?? []
}

/**
 * Makes a finder of mentions: those written exactly so, or else those that differ in letter case and white space.
 *
 * Nothing looser, so that a string which is part of a name, or more than it, names nothing.
 */
export const namer = (mentions: ReadonlyArray<Mention>): Namer => {
  const inOrder = mentions.toSorted(comparePlaces)
  const exactly = index(inOrder, (text) => text)
  const nearly = index(inOrder, folded)
  return (name) => {
    const exact = exactly(name)
    return exact.length > 0 ? exact : nearly(name)
  }
}

/** An id that no annotation has, for a string that names nothing: it is counted, and wrong. */
export const nothing = (name: string): string => `?${name}`

/** The label of a prediction; predicates that are no label are one kind, as in the strict measure. */
export const tracedLabel = (label: string): string => (label.startsWith("?") ? unknownLabel : label)

/** The distinct concepts that mentions stand for; "-1" is none, "D001|D002" is two. */
const conceptsOf = (mentions: ReadonlyArray<Mention>): ReadonlyArray<string> => [
  ...new Set(mentions.flatMap(({ concepts }) => concepts)),
]

/**
 * Makes the tracer of a corpus that annotates pairs of concepts, from which mentions may be first and second arguments.
 *
 * A name of two concepts claims both, as an evaluator of ids would see it. A string that is no mention, or a mention
 * that the vocabulary has no id for, is one wrong prediction, for it could not be handed in as an id.
 */
export const conceptTracer = (isHead: (mention: Mention) => boolean, isTail: (mention: Mention) => boolean): Trace =>
(
  { mentions },
  relations,
) => {
  const heads = namer(mentions.filter(isHead))
  const tails = namer(mentions.filter(isTail))
  return relations.flatMap((relation) => {
    const [head = "", tail = "", ...more] = relation.arguments
    const label = tracedLabel(relation.label)
    const pairs = conceptsOf(heads(head)).flatMap((one) => conceptsOf(tails(tail)).map((other) => [one, other]))
    return pairs.length === 0 || more.length > 0
      ? [{ label, arguments: relation.arguments.map(nothing) }]
      : pairs.map((pair) => ({ label, arguments: pair }))
  })
}

/** Two mentions that a prediction relates. */
export type Pair = readonly [Mention, Mention]

/** How many characters lie between two mentions. */
const gap = ([a, b]: Pair): number => Math.max(startOf(a), startOf(b)) - Math.min(endOf(a), endOf(b))

/** The pair whose mentions are nearest to one another, the first in the text of equally near ones. */
const nearest = (pairs: ReadonlyArray<Pair>): ReadonlyArray<Pair> => {
  const [first, ...others] = pairs
  return first === undefined ? [] : [others.reduce((best, pair) => (gap(pair) < gap(best) ? pair : best), first)]
}

/** Finds the sentence that a mention begins in, reading the text only when first asked. */
const sentences = (document: Document): (mention: Mention) => number => {
  let starts: ReadonlyArray<number> | undefined
  return (mention) => {
    starts ??= sentenceStarts(document.text, document.mentions.flatMap(({ spans }) => spans))
    const at = startOf(mention)
    return starts.findLastIndex((start) => start <= at)
  }
}

/**
 * Makes the tracer of a corpus that annotates pairs of mentions.
 *
 * Two names stand for the two nearest mentions of each sentence that has both, because an annotator marks a relation
 * wherever a sentence states it, between the mentions that state it; where no sentence has both, for the nearest two
 * of the document. Names of nothing, and relations that are none of two arguments, make one wrong prediction.
 * Every pair of a sentence instead would miss nothing and be wrong more often: at best F1 84.1 in place of 86.4 on
 * ChemProt's training set, and 74.1 in place of 85.5 on DDI's.
 */
export const pairTracer = (
  candidates: (document: Document) => (head: string, tail: string) => ReadonlyArray<Pair>,
): Trace =>
(document, relations) => {
  if (relations.length === 0) return []
  const pairsOf = candidates(document)
  const sentenceOf = sentences(document)
  const traced = ([head = "", tail = "", ...more]: ReadonlyArray<string>): ReadonlyArray<Pair> => {
    const pairs = more.length > 0 ? [] : pairsOf(head, tail)
    if (pairs.length < 2) return pairs
    const together = Map.groupBy(pairs.filter(([a, b]) => sentenceOf(a) === sentenceOf(b)), ([a]) => sentenceOf(a))
    return together.size === 0 ? nearest(pairs) : [...together.values()].flatMap(nearest)
  }
  return relations.flatMap(({ label, arguments: names }) => {
    const pairs = traced(names)
    return pairs.length === 0
      ? [{ label: tracedLabel(label), arguments: names.map(nothing) }]
      : pairs.map(([head, tail]) => ({ label: tracedLabel(label), arguments: [head.id, tail.id] }))
  })
}
