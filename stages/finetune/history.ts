import { Schema } from "effect"
import { Evaluation } from "../../schemas/evaluations.ts"
import { StepSpeed } from "../../schemas/speeds.ts"
import { TrainingStep } from "../../schemas/training.ts"
import { ratiosOf } from "../shared/measures/counts.ts"
import type { Counters } from "../shared/params/protocol.ts"

const { chosen: _, ...evaluated } = Evaluation.fields

/** An evaluation before it is known which one is chosen. */
export const Evaluated = Schema.Struct(evaluated)
export type Evaluated = typeof Evaluated.Type

/** What a training has been so far, and what it does next; saved as JSON, so that it can go on. */
export const History = Schema.Struct({
  steps: Schema.Array(TrainingStep),
  speeds: Schema.Array(StepSpeed),
  evaluations: Schema.Array(Evaluated),
  /** The steps of the whole training; 0 before the first one. */
  planned: Schema.Natural,
  /** The epoch to be evaluated before the next step, or before the end. */
  due: Schema.NullOr(Schema.Natural),
  /** Whether no further step is to be made. */
  finished: Schema.Boolean,
})

/** A history that is added to. */
export interface History {
  readonly steps: Array<TrainingStep>
  readonly speeds: Array<StepSpeed>
  readonly evaluations: Array<Evaluated>
  planned: number
  due: number | null
  finished: boolean
}

/** The history of a training that has not begun. */
export const newHistory = (): History => ({
  steps: [],
  speeds: [],
  evaluations: [],
  planned: 0,
  due: null,
  finished: false,
})

/**
 * An evaluation behind those before it: counters that are pooled go on from their counts, so that its ratios are those
 * of all evaluations so far; its counts are its own.
 */
export const counted = (
  counters: Counters,
  before: ReadonlyArray<Evaluated>,
  evaluation: Evaluated,
): Evaluated => {
  if (counters === "reset") return evaluation
  const sum = { correct: 0, predicted: 0, found: 0, gold: 0 }
  for (const { correct, predicted, gold } of [...before, evaluation]) {
    sum.correct += correct
    sum.predicted += predicted
    sum.found += correct
    sum.gold += gold
  }
  return { ...evaluation, ...ratiosOf(sum) }
}

/** The first of the evaluations with the highest F1: a later one replaces it only by being better, as in transformers. */
export const bestOf = (evaluations: ReadonlyArray<Evaluated>): Evaluated | undefined =>
  evaluations.reduce<Evaluated | undefined>(
    (best, each) => (best === undefined || each.f1 > best.f1 ? each : best),
    undefined,
  )

/** Whether so many evaluations in a row were no better than the best before them. */
export const isStuck = (evaluations: ReadonlyArray<Evaluated>, patience: number | null): boolean => {
  const best = bestOf(evaluations)
  return patience !== null && best !== undefined && evaluations.length - 1 - evaluations.indexOf(best) >= patience
}

/** The evaluations as rows, with the best one chosen. */
export const evaluationRows = (evaluations: ReadonlyArray<Evaluated>): ReadonlyArray<Evaluation> => {
  const best = bestOf(evaluations)
  return evaluations.map((each) => ({ ...each, chosen: each === best }))
}
