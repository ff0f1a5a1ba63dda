import { Schema } from "effect"
import { InputError } from "../../pipeline/errors.ts"
import type { Answer, Example } from "../../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../../schemas/relations.ts"
import type { Cell, Score } from "../../schemas/scores.ts"
import { Partition } from "../../schemas/splits.ts"
import { maximumMatching } from "./matching.ts"

/** What is scored, and how arguments are compared. */
export const ScoreOptions = Schema.Struct({
  partition: Partition,
  /** "ordered": the first argument with the first; "set": a drug combination is the same in any order. */
  arguments: Schema.Literals(["ordered", "set"]),
})
export type ScoreOptions = typeof ScoreOptions.Type

interface Counts {
  correct: number
  predicted: number
  gold: number
}

/** Whether a prediction is an answer: the same label, and each argument one of the strings that count as right. */
const matches = (prediction: PredictedRelation, answer: Answer, order: ScoreOptions["arguments"]): boolean => {
  if (prediction.label !== answer.label) return false
  if (order === "ordered") {
    return prediction.arguments.length === answer.arguments.length
      && answer.arguments.every((strings, index) => strings.includes(prediction.arguments[index] ?? ""))
  }
  return prediction.arguments.every((string) => answer.arguments.some((strings) => strings.includes(string)))
    && answer.arguments.every((strings) => strings.some((string) => prediction.arguments.includes(string)))
}

/** The label that counts are kept under; predicates that are no label are kept together. */
const rowLabel = (label: string): string => (label.startsWith("?") ? "?" : label)

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

const row = (cell: Cell, label: string, { correct, predicted, gold }: Counts): Score => {
  const precision = ratio(correct, predicted)
  const recall = ratio(correct, gold)
  const f1 = ratio(2 * precision * recall, precision + recall)
  return { ...cell, label, correct, predicted, gold, precision, recall, f1 }
}

/** Pairs each example of the partition with what was extracted for it; a missing or a surplus one is an error. */
const pair = (
  examples: Iterable<Example>,
  extractions: Iterable<Extraction>,
  partition: Partition,
): ReadonlyArray<readonly [Example, Extraction]> => {
  const byDocument = new Map<string, Extraction>()
  const fail = (message: string): InputError =>
    new InputError({ message, help: "generate for the same examples that are scored, each once", field: "document" })
  for (const extraction of extractions) {
    if (byDocument.has(extraction.document)) throw fail(`document ${extraction.document} was generated twice`)
    byDocument.set(extraction.document, extraction)
  }
  const pairs: Array<readonly [Example, Extraction]> = []
  for (const example of examples) {
    if (example.partition !== partition) continue
    const extraction = byDocument.get(example.document)
    if (extraction === undefined) throw fail(`nothing was generated for ${partition} document ${example.document}`)
    byDocument.delete(example.document)
    pairs.push([example, extraction])
  }
  const [surplus] = byDocument.keys()
  if (surplus !== undefined) throw fail(`document ${surplus} was generated and is not among the ${partition} examples`)
  return pairs
}

/**
 * Scores predictions strictly: precision, recall and F1 over all labels ("micro") and for each label.
 *
 * Predictions and answers are paired one to one, so that a second name of one gold relation is a wrong prediction and
 * one prediction never counts for two gold relations. Undefined ratios are 0.
 */
export const score = (
  examples: Iterable<Example>,
  extractions: Iterable<Extraction>,
  cell: Cell,
  options: ScoreOptions,
): ReadonlyArray<Score> => {
  const counts = new Map<string, Counts>()
  const of = (label: string): Counts => {
    const known = counts.get(label)
    if (known !== undefined) return known
    const fresh = { correct: 0, predicted: 0, gold: 0 }
    counts.set(label, fresh)
    return fresh
  }
  for (const [{ answers }, { relations }] of pair(examples, extractions, options.partition)) {
    for (const answer of answers) of(rowLabel(answer.label)).gold += 1
    for (const relation of relations) of(rowLabel(relation.label)).predicted += 1
    const edges = relations.map((relation) =>
      answers.flatMap((answer, index) => (matches(relation, answer, options.arguments) ? [index] : []))
    )
    for (const index of maximumMatching(edges)) {
      const answer = answers[index]
      if (answer !== undefined) of(rowLabel(answer.label)).correct += 1
    }
  }
  const micro: Counts = { correct: 0, predicted: 0, gold: 0 }
  for (const { correct, predicted, gold } of counts.values()) {
    micro.correct += correct
    micro.predicted += predicted
    micro.gold += gold
  }
  return [
    row(cell, "micro", micro),
    ...[...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([label, own]) => row(cell, label, own)),
  ]
}
