import { Schema } from "effect"
import { PredictedRelation } from "./relations.ts"
import { Counts, Scoring } from "./scores.ts"

/** What may be wrong; each wrong prediction, missed relation and piece of text that is no relation is one of these. */
export const ErrorKind = Schema.Literals([
  /** Nothing like it was predicted. */
  "missed",
  /** Nothing like it is in the gold relations. */
  "spurious",
  /** The right arguments under another label. */
  "wrong type",
  /** The right label; an argument shares words with the right one, and is not it. */
  "wrong boundary",
  /** The right label; an argument is another name of the right entity, which does not count as it. */
  "wrong mention",
  /** A piece of text that is no relation. */
  "malformed",
  /** Missed, and the model did not see the whole source. */
  "truncated source",
])
export type ErrorKind = typeof ErrorKind.Type

/** One thing that is wrong in a document. */
export const Mistake = Schema.Struct({
  kind: ErrorKind,
  /** What was predicted; null where something was missed. */
  said: Schema.NullOr(PredictedRelation),
  /** What would have been right, each argument by its first name; null where nothing is like it. */
  wanted: Schema.NullOr(PredictedRelation),
  /** The piece of text that is no relation, otherwise empty. */
  text: Schema.String,
})
export type Mistake = typeof Mistake.Type

/** How one document of a run was scored by one measure. */
export const Outcome = Schema.Struct({
  ...Scoring.fields,
  document: Schema.String,
  ...Counts.fields,
  finished: Schema.Boolean,
  sourceTruncated: Schema.Boolean,
  /** Only the measure "strict" finds mistakes. */
  mistakes: Schema.Array(Mistake),
}).annotate({ identifier: "outcomes" })
export type Outcome = typeof Outcome.Type
