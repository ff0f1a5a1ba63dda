import { Schema } from "effect"

/** One optimizer step of a finetuning. */
export const TrainingStep = Schema.Struct({
  step: Schema.Natural,
  epoch: Schema.Finite,
  /** Mean cross-entropy over the step's target tokens, in nats. */
  loss: Schema.Finite,
  learningRate: Schema.Finite,
  /** Global norm of the gradient before clipping. */
  gradientNorm: Schema.Finite,
  /** Source and target tokens in the step, padding left out. */
  tokens: Schema.Natural,
  /** What computed it: "auto" may be one on one machine and another on the next. */
  engine: Schema.String.annotate({ madeBy: true }),
}).annotate({ identifier: "training" })
export type TrainingStep = typeof TrainingStep.Type
