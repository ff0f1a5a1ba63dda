import { Schema } from "effect"
import { Counts, ScoreFlag } from "./scores.ts"

/** What a reader of a number should know. */
export const Flag = Schema.Literals([
  /** The model was finetuned on data made from this corpus before the experiment (In-BoXBART). */
  "leakage",
  /** Fewer seeds than the experiment asks for. */
  "few seeds",
  /** Some sources were longer than the model's input. */
  "truncated sources",
  /** Some outputs were cut at the limit. */
  "cut outputs",
  /** The counts of validations are pooled with those of the test set, whose documents alone say nothing of the spread. */
  "pooled counts",
  /** Something is suspicious about the corpus, or about what was handed in. */
  ...ScoreFlag.literals,
])
export type Flag = typeof Flag.Type

/** Where a row of the results comes from. */
export const Source = Schema.Literals([
  /** A model that the experiment finetunes. */
  "grid",
  /** A file of predictions that somebody made. */
  "predictions",
  /** A model that is prompted with examples, and not finetuned. */
  "in-context",
  /** A model of the grid that can only write what the template can say. */
  "constrained",
])
export type Source = typeof Source.Type

/** One number of the results: a cell of Table 1 by one measure and label, the mean over seeds. Ratios are 0 to 100. */
export const Result = Schema.Struct({
  model: Schema.String,
  parameters: Schema.String,
  corpus: Schema.String,
  setting: Schema.String,
  protocol: Schema.String,
  measure: Schema.String,
  /** "micro", "macro" or a label. */
  label: Schema.String,
  f1: Schema.Finite,
  precision: Schema.Finite,
  recall: Schema.Finite,
  /** Means over seeds. */
  ...Counts.fields,
  /** Sample standard deviation of F1 over the seeds; null for a single run. */
  deviation: Schema.NullOr(Schema.Finite),
  /** 95% interval of F1 by the bootstrap over documents; null but for "micro". */
  low: Schema.NullOr(Schema.Finite),
  high: Schema.NullOr(Schema.Finite),
  runs: Schema.Natural,
  /** F1 printed in the paper's Table 1; null where it has no such number, or the row is of another measure or label. */
  published: Schema.NullOr(Schema.Finite),
  flags: Schema.Array(Flag),
  source: Source,
}).annotate({ identifier: "results" })
export type Result = typeof Result.Type
