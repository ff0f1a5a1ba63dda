import { Schema } from "effect"

/** A relation by the corpus's own numbers: its label, and the ids of what it relates. */
export const NumberedRelation = Schema.Struct({ label: Schema.String, arguments: Schema.Array(Schema.String) })
export type NumberedRelation = typeof NumberedRelation.Type

/** What a file of predictions has of one test document. */
export const HandedIn = Schema.Struct({
  document: Schema.String,
  /** Whether the file has the document; one that it has not counts as one without a relation. */
  given: Schema.Boolean,
  /** Whether the file names what it relates by ids. Otherwise an official measure traces its strings. */
  numbered: Schema.Boolean,
  /** The relations by their ids, each once; empty where they are strings. */
  annotations: Schema.Array(NumberedRelation),
}).annotate({ identifier: "handed in" })
export type HandedIn = typeof HandedIn.Type
