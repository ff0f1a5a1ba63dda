import { Schema } from "effect"

const List = Schema.Struct({
  /** The slot of the clause that takes all of a relation's arguments. */
  slot: Schema.String,
  /** Between two items that are all there are. */
  pair: Schema.NonEmptyString,
  /** Between items that are not the last two. */
  between: Schema.NonEmptyString,
  /** Before the last of three items or more. */
  last: Schema.NonEmptyString,
})

/** How a document becomes a model's input and its relations a text. */
export const Template = Schema.Struct({
  /** The input; `{text}` is the document's text. */
  source: Schema.String,
  /** One relation. Slots: `{head}` and `{tail}`, or the list's slot, and `{label}` for the label's phrase. */
  clause: Schema.String,
  /** Each label's phrase; empty where the clause has no `{label}`, and then the corpus has one label only. */
  labels: Schema.Record(Schema.String, Schema.String),
  /** Labels of the corpus that the template renders and scores as another label. */
  merge: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  list: Schema.optionalKey(List),
  /** Between clauses. */
  separator: Schema.NonEmptyString,
  /** After the last clause. */
  end: Schema.String,
  /** The whole output for a document without relations. */
  none: Schema.String,
})
export type Template = typeof Template.Type

/** How relations are found in a text, beyond what the template itself says. */
export const Extraction = Schema.Struct({
  /** The regular expression of each slot of the clause; one that is matched in linear time, so without lookarounds. */
  slots: Schema.Record(Schema.String, Schema.String),
  /** Tried in order on a `{label}` that is no label's phrase; a pattern must match all of it. */
  labels: Schema.optionalKey(Schema.Array(Schema.Struct({ label: Schema.String, pattern: Schema.String }))),
  /** Replacements made in each argument that was found. */
  rewrite: Schema.optionalKey(Schema.Array(Schema.Struct({ from: Schema.NonEmptyString, to: Schema.String }))),
})
export type Extraction = typeof Extraction.Type

/** The part of a template that extraction inverts; what else the template says cannot change extraction. */
export const InvertedTemplate = Schema.Struct({
  clause: Template.fields.clause,
  labels: Template.fields.labels,
  list: Template.fields.list,
  separator: Template.fields.separator,
  end: Template.fields.end,
  none: Template.fields.none,
})
export type InvertedTemplate = typeof InvertedTemplate.Type

/** Takes from a template what extraction inverts. */
export const inverted = (template: Template): InvertedTemplate => ({
  clause: template.clause,
  labels: template.labels,
  ...(template.list === undefined ? {} : { list: template.list }),
  separator: template.separator,
  end: template.end,
  none: template.none,
})
