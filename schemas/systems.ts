import { Schema } from "effect"
import { Source } from "./results.ts"

/** How a row beyond the grid compares with a cell of the grid on one corpus, by the measure "strict". F1 is 0 to 100. */
export const SystemComparison = Schema.Struct({
  corpus: Schema.String,
  protocol: Schema.String,
  system: Schema.String,
  /** Where the system's numbers come from. */
  source: Source,
  setting: Schema.String,
  /** The model of the grid, and how many examples it learned from. */
  model: Schema.String,
  modelSetting: Schema.String,
  systemF1: Schema.Finite,
  modelF1: Schema.Finite,
  /** F1 of the system less that of the model, with its 95% interval by the paired bootstrap over documents. */
  difference: Schema.Finite,
  low: Schema.Finite,
  high: Schema.Finite,
  /** Documents on which the system has the higher F1, the lower one, and the same. */
  better: Schema.Natural,
  worse: Schema.Natural,
  same: Schema.Natural,
  /** Two-sided, by paired approximate randomization over documents; null where the two are not tested. */
  p: Schema.NullOr(Schema.Finite),
  /** p after Holm's correction over all tests of systems by the protocol. */
  adjusted: Schema.NullOr(Schema.Finite),
  /** What the numbers support, in a sentence. */
  conclusion: Schema.String,
}).annotate({ identifier: "system comparisons" })
export type SystemComparison = typeof SystemComparison.Type
