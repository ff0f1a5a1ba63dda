import { InputError } from "../../pipeline/errors.ts"
import type { Result } from "../../schemas/results.ts"
import type { Score } from "../../schemas/scores.ts"
import { findPublished, published, publishedF1 } from "./published.ts"

const corpora = ["cdr", "dce", "chemprot", "ddi"]
const settings = ["16", "64", "full"]

/** The arithmetic mean. */
export const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The sample standard deviation (over n - 1), or null for fewer than two values. */
export const sampleDeviation = (values: ReadonlyArray<number>): number | null => {
  if (values.length < 2) return null
  const centre = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1))
}

/** A place in Table 1's order; what the table does not have comes after what it has. */
const rank = (names: ReadonlyArray<string>, name: string): number => {
  const index = names.indexOf(name)
  return index === -1 ? names.length : index
}

/** The runs of each cell, whatever their seeds; one seed given twice for a cell is an error. */
const group = (scores: Iterable<Score>): ReadonlyArray<ReadonlyArray<Score>> => {
  const cells = new Map<string, Map<number | null, Score>>()
  for (const score of scores) {
    if (score.label !== "micro") continue
    const key = JSON.stringify([score.model, score.corpus, score.setting])
    const runs = cells.get(key) ?? new Map<number | null, Score>()
    if (runs.has(score.seed)) {
      throw new InputError({
        message: `${score.model} on ${score.corpus} (${score.setting}) has two scores for the seed ${score.seed}`,
        help: "give each run of a cell its own seed",
        field: "seed",
      })
    }
    cells.set(key, runs.set(score.seed, score))
  }
  return Array.from(cells.values(), (runs) => Array.from(runs.values()))
}

/**
 * The results table: for each model, corpus and setting the mean F1 over seeds beside the published one.
 *
 * Rows come in the order of the paper's Table 1; `parameters` says the size of models that the table does not have.
 */
export const aggregate = (
  scores: Iterable<Score>,
  parameters: Readonly<Record<string, string>> = {},
): ReadonlyArray<Result> => {
  const names = published.map((model) => model.name)
  const results = group(scores).flatMap(([first, ...more]): ReadonlyArray<Result> => {
    if (first === undefined) return []
    const known = findPublished(first.model)
    const values = [first, ...more].toSorted((a, b) => (a.seed ?? 0) - (b.seed ?? 0)).map((score) => 100 * score.f1)
    return [{
      model: known?.name ?? first.model,
      parameters: known?.parameters ?? parameters[first.model] ?? "",
      corpus: first.corpus,
      setting: first.setting,
      f1: mean(values),
      deviation: sampleDeviation(values),
      runs: values.length,
      published: known === undefined ? null : publishedF1(known, first.corpus, first.setting),
    }]
  })
  const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return results.toSorted((a, b) =>
    rank(names, a.model) - rank(names, b.model)
    || byName(a.model, b.model)
    || rank(corpora, a.corpus) - rank(corpora, b.corpus)
    || byName(a.corpus, b.corpus)
    || rank(settings, a.setting) - rank(settings, b.setting)
    || byName(a.setting, b.setting)
  )
}
