import { Schema } from "effect"

/** How a model did on the validation examples after an epoch of its finetuning. */
export const Evaluation = Schema.Struct({
  epoch: Schema.Natural,
  /** The optimizer step whose weights were evaluated. */
  step: Schema.Natural,
  precision: Schema.Finite,
  recall: Schema.Finite,
  /** Over all labels, as the score stage has it. */
  f1: Schema.Finite,
  correct: Schema.Natural,
  predicted: Schema.Natural,
  gold: Schema.Natural,
  /** Generations that were cut at the limit. */
  unfinished: Schema.Natural,
  /** Whether the checkpoint holds these weights: those of the first evaluation with the highest F1. */
  chosen: Schema.Boolean,
}).annotate({ identifier: "evaluations" })
export type Evaluation = typeof Evaluation.Type
