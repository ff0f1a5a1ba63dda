import { Schema } from "effect"

/** One relation read out of generated text. */
export const PredictedRelation = Schema.Struct({
  label: Schema.String,
  arguments: Schema.Array(Schema.String),
})
export type PredictedRelation = typeof PredictedRelation.Type

/** The relations of one document, and the pieces of text that were no relation. */
export const Extraction = Schema.Struct({
  document: Schema.String,
  relations: Schema.Array(PredictedRelation),
  malformed: Schema.Array(Schema.String),
}).annotate({ identifier: "relations" })
export type Extraction = typeof Extraction.Type
