import type { Answer } from "../../../schemas/examples.ts"
import type { PredictedRelation } from "../../../schemas/relations.ts"
import type { Counts } from "../../../schemas/scores.ts"
import type { Matching } from "../params/protocol.ts"
import { type Lexicon, lexicon, type Said, type Wanted, wantedIn } from "./lexicon.ts"
import type { Judged, LabelCounts } from "./measured.ts"
import { isUnknown, pairer, type Pairing } from "./pairing.ts"

/** Counts that are added to. */
export type Counter = { -readonly [Name in keyof Counts]: Counts[Name] }

/** The counts of one label, to be added to. */
export interface LabelCounter extends Counter {
  readonly label: string
}

/** What is derived from counts; a ratio of nothing is 0. */
export interface Ratios {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** Counts of nothing yet. */
export const noCounts = (): Counter => ({ correct: 0, predicted: 0, found: 0, gold: 0 })

/** The counter of a label, looked for in a list: there are a handful of labels, and a list for each document. */
const counterOf = (counters: Array<LabelCounter>, label: string): LabelCounter => {
  const key = isUnknown(label) ? "?" : label
  for (const counter of counters) if (counter.label === key) return counter
  const fresh = { label: key, ...noCounts() }
  counters.push(fresh)
  return fresh
}

/** Adds what was said of a document to the counts; labels are those of the lexicon. */
export const addCounts = (
  counts: Array<LabelCounter>,
  { texts }: Lexicon,
  answers: ReadonlyArray<Wanted>,
  { counted, said, wrong, missed }: Pairing,
  variants: Matching["variants"],
): void => {
  const each = variants === "each"
  const of = (relation: Said | Wanted | undefined): LabelCounter =>
    counterOf(counts, texts[relation?.label ?? -1] ?? "")
  for (const answer of answers) {
    const counter = of(answer)
    counter.gold += 1
    if (!each) counter.found += 1
  }
  if (!each) { for (const index of missed) of(answers[index]).found -= 1 }
  for (let place = 0; place < counted.length; place++) {
    const counter = of(said[place])
    counter.predicted += 1
    counter.correct += 1
    if (each) counter.found += 1
  }
  for (const place of wrong) {
    const counter = of(said[place])
    counter.correct -= 1
    if (each) counter.found -= 1
  }
}

/** What was said of one document, and what is right. */
export interface Pair {
  readonly answers: ReadonlyArray<Answer>
  readonly relations: ReadonlyArray<PredictedRelation>
}

/** Counts strictly, for each label. */
export const countByLabel = (documents: Iterable<Pair>, matching: Matching): ReadonlyArray<LabelCounts> => {
  const counts: Array<LabelCounter> = []
  const words = lexicon()
  const pair = pairer(words, matching)
  for (const { answers, relations } of documents) {
    const wanted = answers.map((answer) => wantedIn(words, answer))
    addCounts(counts, words, wanted, pair(wanted, relations), matching.variants)
  }
  return counts
}

/** Adds counts to a counter. */
const addTo = (counter: Counter, { correct, predicted, found, gold }: Counts): void => {
  counter.correct += correct
  counter.predicted += predicted
  counter.found += found
  counter.gold += gold
}

/** The counts of all labels together: those of micro-averaged scores. */
export const sumOfCounts = (counts: Iterable<Counts>): Counts => {
  const sum = noCounts()
  for (const own of counts) addTo(sum, own)
  return sum
}

/** The counts of all documents together, by label; labels that no document has are there if they are named. */
export const sumByLabel = (
  documents: Iterable<Pick<Judged, "byLabel">>,
  labels: ReadonlyArray<string>,
): ReadonlyArray<LabelCounts> => {
  const sums = labels.map((label): LabelCounter => ({ label, ...noCounts() }))
  for (const { byLabel } of documents) for (const own of byLabel) addTo(counterOf(sums, own.label), own)
  return sums
}

/** Precision, recall and F1 of counts. */
export const ratiosOf = ({ correct, predicted, found, gold }: Counts): Ratios => {
  const precision = ratio(correct, predicted)
  const recall = ratio(found, gold)
  return { precision, recall, f1: harmonicMean(precision, recall) }
}

/** F1 of a precision and a recall. */
export const harmonicMean = (precision: number, recall: number): number =>
  ratio(2 * precision * recall, precision + recall)

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
