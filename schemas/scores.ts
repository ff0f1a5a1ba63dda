import { Schema } from "effect"

/** Which run of the experiment a score belongs to. */
export const Cell = Schema.Struct({
  model: Schema.String,
  corpus: Schema.String,
  /** "16", "64" or "full". */
  setting: Schema.String,
  /** The seed of the few-shot selection, or null where every training document is used. */
  seed: Schema.NullOr(Schema.Natural),
})
export type Cell = typeof Cell.Type

/** Strict precision, recall and F1 of one cell, over all labels ("micro") or for one label. */
export const Score = Schema.Struct({
  ...Cell.fields,
  label: Schema.String,
  correct: Schema.Natural,
  predicted: Schema.Natural,
  gold: Schema.Natural,
  precision: Schema.Finite,
  recall: Schema.Finite,
  f1: Schema.Finite,
}).annotate({ identifier: "scores" })
export type Score = typeof Score.Type
