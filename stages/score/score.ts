import type { Evaluation } from "../../schemas/evaluations.ts"
import type { HandedIn } from "../../schemas/handed-in.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Cell, Counts, Score } from "../../schemas/scores.ts"
import { harmonicMean, type Ratios, ratiosOf, sumByLabel, sumOfCounts } from "../shared/measures/counts.ts"
import type { Measured, Measurer, Prediction } from "../shared/measures/measured.ts"
import { type Gold, pairer } from "./gold.ts"

/** A run to be scored. */
export interface Run {
  readonly cell: Cell
  readonly protocol: string
  readonly relations: ReadonlyArray<Extraction>
  /** Validations whose counts are added to those of the test set, as by counters that are never reset. */
  readonly evaluations: ReadonlyArray<Evaluation>
  /** What of it was handed in by the corpus's own ids. */
  readonly handedIn?: ReadonlyArray<HandedIn>
}

/** A score as it is counted, whatever the data are. */
export type Counted = Omit<Score, "flags">

/** The scores of a run by each way to measure it that was asked for, and what became of each document. */
export interface Scores {
  readonly scores: ReadonlyArray<Counted>
  readonly outcomes: ReadonlyArray<Outcome>
}

/** Makes the function that scores runs on some examples: what is known of the examples is gathered once for all runs. */
export const scorer = (gold: Gold, measurer: Measurer): (run: Run) => Scores => {
  const pair = pairer(gold)
  const measure = measurer(gold.documents)
  return (run) => {
    const predictions = numbered(pair(run.relations), run.handedIn ?? [])
    const measured = measure(predictions)
    return {
      scores: measured.flatMap((each) => scoresOf(run, each)),
      outcomes: measured.flatMap((each) => outcomesOf(run, each, predictions)),
    }
  }
}

/** The predictions, with the ids of those that were handed in by ids. */
const numbered = (
  predictions: ReadonlyArray<Prediction>,
  handedIn: ReadonlyArray<HandedIn>,
): ReadonlyArray<Prediction> => {
  if (handedIn.length === 0) return predictions
  const own = new Map(handedIn.map((each) => [each.document, each] as const))
  return predictions.map((prediction) => {
    const found = own.get(prediction.document.id)
    return found?.numbered === true ? { ...prediction, annotations: found.annotations } : prediction
  })
}

/** Scores one run. */
export const score = (run: Run & Gold, measurer: Measurer): Scores => scorer(run, measurer)(run)

const noCounts = sumOfCounts([])

/** Rows over all labels ("micro", and "macro" where the measure defines it), then one for each label. */
const scoresOf = (
  { cell, protocol, evaluations }: Run,
  { measure, documents, labels, macro }: Measured,
): ReadonlyArray<Counted> => {
  const counts = sumByLabel(documents, labels)
  const all = sumOfCounts(counts)
  const pooled = sumOfCounts([all, ...evaluations.map((each) => ({ ...each, found: each.correct }))])
  const row = (label: string, own: Counts, ratios: Ratios): Counted => ({
    ...cell,
    protocol,
    measure,
    label,
    ...own,
    ...ratios,
  })
  const averaged = labels.map((label) => ratiosOf(counts.find((own) => own.label === label) ?? noCounts))
  return [
    row("micro", pooled, ratiosOf(pooled)),
    ...(labels.length === 0 ? [] : [row("macro", all, average(averaged, macro))]),
    ...counts.toSorted((a, b) => (a.label < b.label ? -1 : 1)).map((own) => row(own.label, own, ratiosOf(own))),
  ]
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, each) => sum + each, 0) / values.length

/** The averages of the labels' ratios. */
const average = (ratios: ReadonlyArray<Ratios>, macro: Measured["macro"]): Ratios => {
  const precision = mean(ratios.map((each) => each.precision))
  const recall = mean(ratios.map((each) => each.recall))
  const f1 = macro === "mean of F1" ? mean(ratios.map((each) => each.f1)) : harmonicMean(precision, recall)
  return { precision, recall, f1 }
}

/** A row for each document, with its counts over all labels. */
const outcomesOf = (
  { cell: { model, corpus, setting, seed }, protocol }: Run,
  { measure, documents }: Measured,
  predictions: ReadonlyArray<Prediction>,
): ReadonlyArray<Outcome> =>
  documents.map(({ document, byLabel, mistakes }, index): Outcome => {
    const { correct, predicted, found, gold } = sumOfCounts(byLabel)
    return {
      model,
      corpus,
      setting,
      seed,
      protocol,
      measure,
      document,
      correct,
      predicted,
      found,
      gold,
      finished: predictions[index]?.extraction.finished ?? false,
      sourceTruncated: predictions[index]?.extraction.sourceTruncated ?? false,
      mistakes,
    }
  })
