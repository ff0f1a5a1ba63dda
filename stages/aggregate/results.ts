import type { Result } from "../../schemas/results.ts"
import type { Score } from "../../schemas/scores.ts"
import type { Cell } from "./cells.ts"
import { flagsOf } from "./flags.ts"
import type { Interval } from "./intervals.ts"
import { findModel, type Lists } from "./lists.ts"
import { byPlace } from "./order.ts"
import { mean, sampleDeviation } from "./statistics.ts"

/** What rows of results say beyond what was measured. */
export interface Context {
  readonly lists: Lists
  /** Seeds that a cell of few shots should have. */
  readonly seeds: number
}

const nothing: Omit<Score, "model" | "corpus" | "setting" | "seed" | "protocol" | "measure" | "label" | "flags"> = {
  correct: 0,
  predicted: 0,
  found: 0,
  gold: 0,
  precision: 0,
  recall: 0,
  f1: 0,
}

/** The interval of the mean F1 over all labels, 0 to 1, or why there is none: counts are pooled with those of validations, or there are no outcomes. */
export type IntervalOf = Interval | "pooled" | "no outcomes"

/** The rows of a cell, one for each label. */
export const resultsOf = (
  cell: Cell,
  found: IntervalOf,
  context: Context,
): ReadonlyArray<Result> => {
  const { model, corpus, setting, protocol, measure, runs } = cell
  const { lists } = context
  const known = findModel(lists, model)
  const interval = typeof found === "string" ? null : found
  const flags = [...flagsOf(cell, context), ...(found === "pooled" ? ["pooled counts" as const] : [])]
  const labels = new Set(runs.flatMap(({ scores }) => [...scores.keys()]))
  const rows = Array.from(labels, (label): Result => {
    // A run has no row for a label that is neither right nor predicted in it.
    const scores = runs.map(({ scores }) => scores.get(label) ?? nothing)
    const over = (name: keyof typeof nothing): number => mean(scores.map((score) => score[name]))
    const f1 = scores.map((score) => 100 * score.f1)
    const micro = label === "micro"
    const comparable = micro && measure === "strict"
    return {
      model,
      parameters: known?.parameters ?? "",
      source: known?.beyond?.source ?? "grid",
      corpus,
      setting,
      protocol,
      measure,
      label,
      f1: mean(f1),
      precision: 100 * over("precision"),
      recall: 100 * over("recall"),
      correct: over("correct"),
      predicted: over("predicted"),
      found: over("found"),
      gold: over("gold"),
      deviation: sampleDeviation(f1),
      low: micro && interval !== null ? 100 * interval.low : null,
      high: micro && interval !== null ? 100 * interval.high : null,
      runs: runs.length,
      published: comparable ? known?.published[corpus]?.[setting] ?? null : null,
      flags,
    }
  })
  return rows.toSorted(byPlace(lists))
}
