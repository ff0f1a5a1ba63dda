import { Schema } from "effect"

/** A stretch of text, in UTF-16 code units of the document's `text`, end exclusive. */
export const Span = Schema.Struct({ start: Schema.Natural, end: Schema.Natural })

/** A part of a composite mention as a name of its own: "ocular toxicity" of "ocular and auditory toxicity". */
export const Part = Schema.Struct({ text: Schema.String, concepts: Schema.Array(Schema.String) })
export type Part = typeof Part.Type

/** One annotated name of an entity; a discontinuous mention has several spans. */
export const Mention = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  text: Schema.String,
  spans: Schema.Array(Span),
  /** Identifiers in the corpus's vocabulary (MeSH for CDR), empty where the corpus has none. */
  concepts: Schema.Array(Schema.String),
  /** The parts of a composite mention, where the corpus spells them out; most stand nowhere in the text. */
  parts: Schema.Array(Part),
})
export type Mention = typeof Mention.Type

/**
 * One gold relation.
 *
 * `arguments` are concept identifiers where `level` is "concept" (CDR) and mention ids where it is "mention"; their
 * order is the corpus's own (chemical before disease, chemical before protein, annotation order otherwise).
 */
export const GoldRelation = Schema.Struct({
  label: Schema.String,
  level: Schema.Literals(["concept", "mention"]),
  arguments: Schema.Array(Schema.String),
})
export type GoldRelation = typeof GoldRelation.Type

/** The part of a corpus that its publishers put a document in. */
export const Portion = Schema.Literals(["train", "dev", "test"])
export type Portion = typeof Portion.Type

/** One document of a corpus, in the order of the corpus's own files. */
export const Document = Schema.Struct({
  corpus: Schema.String,
  portion: Portion,
  id: Schema.String,
  text: Schema.String,
  mentions: Schema.Array(Mention),
  relations: Schema.Array(GoldRelation),
}).annotate({ identifier: "documents" })
export type Document = typeof Document.Type
