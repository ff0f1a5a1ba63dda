import { Schema } from "effect"

/** One relation read out of generated text. */
export const PredictedRelation = Schema.Struct({
  label: Schema.String,
  arguments: Schema.Array(Schema.String),
})
export type PredictedRelation = typeof PredictedRelation.Type

/** The relations of one document, the pieces of text that were no relation, and what is known of the generation. */
export const Extraction = Schema.Struct({
  document: Schema.String,
  relations: Schema.Array(PredictedRelation),
  malformed: Schema.Array(Schema.String),
  /** Whether the model ended its text itself. */
  finished: Schema.Boolean,
  /** Whether the model saw only the beginning of the source. */
  sourceTruncated: Schema.Boolean,
}).annotate({ identifier: "relations" })
export type Extraction = typeof Extraction.Type
