import { Schema } from "effect"
import type { Answer } from "../schemas/examples.ts"
import type { PredictedRelation } from "../schemas/relations.ts"
import { maximumMatching } from "./matching.ts"

/** How arguments are compared: the first with the first, or as a set, a drug combination being the same in any order. */
export const ArgumentOrder = Schema.Literals(["ordered", "set"])
export type ArgumentOrder = typeof ArgumentOrder.Type

/** How many predictions there were, how many gold relations, and how many of both were paired. */
export interface Counts {
  correct: number
  predicted: number
  gold: number
}

/** What is derived from counts; a ratio of nothing is 0. */
export interface Ratios {
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** One document: what is right, and what was said. */
export interface Judged {
  readonly answers: ReadonlyArray<Answer>
  readonly relations: ReadonlyArray<PredictedRelation>
}

/** Whether a prediction is an answer: the same label, and each argument one of the strings that count as right. */
const matches = (prediction: PredictedRelation, answer: Answer, order: ArgumentOrder): boolean => {
  if (prediction.label !== answer.label) return false
  if (order === "ordered") {
    return prediction.arguments.length === answer.arguments.length
      && answer.arguments.every((strings, index) => strings.includes(prediction.arguments[index] ?? ""))
  }
  return prediction.arguments.every((string) => answer.arguments.some((strings) => strings.includes(string)))
    && answer.arguments.every((strings) => strings.some((string) => prediction.arguments.includes(string)))
}

/** The label that counts are kept under; predicates that are no label are kept together. */
const countedLabel = (label: string): string => (label.startsWith("?") ? "?" : label)

const noCounts = (): Counts => ({ correct: 0, predicted: 0, gold: 0 })

/**
 * Counts strictly, for each label.
 *
 * Predictions and answers are paired one to one, so that a second name of one gold relation is a wrong prediction and
 * one prediction never counts for two gold relations.
 */
export const countByLabel = (documents: Iterable<Judged>, order: ArgumentOrder): ReadonlyMap<string, Counts> => {
  const counts = new Map<string, Counts>()
  const of = (label: string): Counts => {
    const known = counts.get(countedLabel(label))
    if (known !== undefined) return known
    const fresh = noCounts()
    counts.set(countedLabel(label), fresh)
    return fresh
  }
  for (const { answers, relations } of documents) {
    for (const answer of answers) of(answer.label).gold += 1
    for (const relation of relations) of(relation.label).predicted += 1
    const edges = relations.map((relation) =>
      answers.flatMap((answer, index) => (matches(relation, answer, order) ? [index] : []))
    )
    for (const index of maximumMatching(edges)) {
      const answer = answers[index]
      if (answer !== undefined) of(answer.label).correct += 1
    }
  }
  return counts
}

/** The counts of all labels together: those of micro-averaged scores. */
export const sumOfCounts = (counts: Iterable<Counts>): Counts => {
  const sum = noCounts()
  for (const { correct, predicted, gold } of counts) {
    sum.correct += correct
    sum.predicted += predicted
    sum.gold += gold
  }
  return sum
}

/** Precision, recall and F1 of counts. */
export const ratiosOf = ({ correct, predicted, gold }: Counts): Ratios => {
  const precision = ratio(correct, predicted)
  const recall = ratio(correct, gold)
  return { precision, recall, f1: ratio(2 * precision * recall, precision + recall) }
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
