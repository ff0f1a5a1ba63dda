import { Schema } from "effect"
import { Partition } from "./splits.ts"

/** One gold relation as strings: for each argument every string that counts as right, the templated one first. */
export const Answer = Schema.Struct({
  label: Schema.String,
  arguments: Schema.Array(Schema.Array(Schema.String)),
})
export type Answer = typeof Answer.Type

/** One document rendered through a template: the model's input, its expected output, and what scoring needs. */
export const Example = Schema.Struct({
  document: Schema.String,
  partition: Partition,
  source: Schema.String,
  target: Schema.String,
  answers: Schema.Array(Answer),
}).annotate({ identifier: "examples" })
export type Example = typeof Example.Type
