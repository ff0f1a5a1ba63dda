import { Schema } from "effect"

/** One cell of the results table: the mean over seeds, in the layout of the paper's Table 1. */
export const Result = Schema.Struct({
  model: Schema.String,
  parameters: Schema.String,
  corpus: Schema.String,
  setting: Schema.String,
  /** Mean F1 over the seeds, 0 to 100. */
  f1: Schema.Finite,
  /** Sample standard deviation over the seeds, 0 to 100; null for a single run. */
  deviation: Schema.NullOr(Schema.Finite),
  runs: Schema.Natural,
  /** F1 printed in the paper's Table 1, null where the paper has no such cell. */
  published: Schema.NullOr(Schema.Finite),
}).annotate({ identifier: "results" })
export type Result = typeof Result.Type
