import { Schema } from "effect"

/** What a document is used for in the experiment. */
export const Partition = Schema.Literals(["train", "validation", "test"])
export type Partition = typeof Partition.Type

/** One document's place in the experiment; the order of rows is the order of the examples. */
export const Split = Schema.Struct({
  document: Schema.String,
  partition: Partition,
}).annotate({ identifier: "splits" })
export type Split = typeof Split.Type
