import { Schema } from "effect"
import { Cell, Counts } from "./scores.ts"

/**
 * Relations by what the model learned from: a name is seen if it is an argument's in a relation that the model learned
 * from, in whatever case. Each relation is in one of the first three, and in one of the last two.
 */
export const Slice = Schema.Literals([
  "all arguments seen",
  "some arguments seen",
  "no argument seen",
  /** The arguments of one relation that the model learned from, whatever its label. */
  "seen together",
  "not seen together",
])
export type Slice = typeof Slice.Type

/** Precision, recall and F1 of the relations of a slice. */
export const SliceScore = Schema.Struct({
  slice: Slice,
  ...Counts.fields,
  precision: Schema.Finite,
  recall: Schema.Finite,
  f1: Schema.Finite,
})
export type SliceScore = typeof SliceScore.Type

/** The mean of a slice over the seeds of a cell. */
export const MeanSliceScore = Schema.Struct({
  ...SliceScore.fields,
  /** The runs that have the slice, in the gold standard or in what was predicted; F1 is the mean over these. */
  runs: Schema.Natural,
})
export type MeanSliceScore = typeof MeanSliceScore.Type

/** How many there are of something: `count` of `of`. */
export const Part = Schema.Struct({ count: Schema.Finite, of: Schema.Finite })
export type Part = typeof Part.Type

/** What the scores of a run do not show. */
export const Hidden = Schema.Struct({
  /** Documents that the model learned from. */
  learned: Schema.Finite,
  slices: Schema.Array(SliceScore),
  /** Names that stand nowhere in the document's text, of all that were predicted; each once a document. */
  absent: Part,
  /** The same of the names in gold relations, as the template writes them: what a model without a mistake has. */
  absentGold: Part,
  /** Pieces of the outputs that are no clause, of all pieces; a repeated clause is one. */
  malformed: Part,
  /** Documents whose output has such a piece, of all. */
  malformedDocuments: Part,
})
export type Hidden = typeof Hidden.Type

/** What the strict scores of one run do not show. Ratios are 0 to 1. */
export const RunDetail = Schema.Struct({
  ...Cell.fields,
  protocol: Schema.String,
  ...Hidden.fields,
}).annotate({ identifier: "run details" })
export type RunDetail = typeof RunDetail.Type

/** The same of one cell of the results, the mean over its seeds. Ratios are 0 to 100. */
export const Detail = Schema.Struct({
  model: Schema.String,
  corpus: Schema.String,
  setting: Schema.String,
  protocol: Schema.String,
  runs: Schema.Natural,
  ...Hidden.fields,
  slices: Schema.Array(MeanSliceScore),
}).annotate({ identifier: "details" })
export type Detail = typeof Detail.Type
