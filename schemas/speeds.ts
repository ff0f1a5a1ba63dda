import { Schema } from "effect"

/** How long one optimizer step took: apart from the other curves, since it is never the same twice. */
export const StepSpeed = Schema.Struct({
  step: Schema.Natural,
  /** Wall time, with the compilation of graphs that the step was the first to need. */
  seconds: Schema.Finite,
  /** Source and target tokens, padding left out. */
  tokensPerSecond: Schema.Finite,
}).annotate({ identifier: "speeds", varies: true })
export type StepSpeed = typeof StepSpeed.Type
