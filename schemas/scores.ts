import { Schema } from "effect"
import { WarningKind } from "./warnings.ts"

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

/**
 * What every ratio is made of: of `predicted` relations `correct` ones are right, of `gold` relations `found` ones were
 * found. The two numerators differ where several predictions may be right about one gold relation, or a part of one.
 */
export const Counts = Schema.Struct({
  correct: Schema.Finite,
  predicted: Schema.Finite,
  found: Schema.Finite,
  gold: Schema.Finite,
})
export type Counts = typeof Counts.Type

/** How a run was scored. */
export const Scoring = Schema.Struct({
  ...Cell.fields,
  /** "paper", "authors", or "official" for the corpus's own evaluation. */
  protocol: Schema.String,
  /** What is compared with what, as the modules below stages/shared/measures/ name it: "strict", "detection", "exact, any". */
  measure: Schema.String,
})
export type Scoring = typeof Scoring.Type

/** What a reader of a score should know of the data that it was made of. */
export const ScoreFlag = Schema.Literals([
  ...WarningKind.literals,
  /** Nothing was handed in for some test documents: they count as documents without a relation. */
  "missing documents",
])
export type ScoreFlag = typeof ScoreFlag.Type

/** Precision, recall and F1 of one run by one measure: over all labels ("micro", "macro") or for one label. */
export const Score = Schema.Struct({
  ...Scoring.fields,
  label: Schema.String,
  ...Counts.fields,
  precision: Schema.Finite,
  recall: Schema.Finite,
  f1: Schema.Finite,
  /** What was suspicious about the data that the run learned from and was tested on, and about what was handed in. */
  flags: Schema.Array(ScoreFlag),
}).annotate({ identifier: "scores" })
export type Score = typeof Score.Type
