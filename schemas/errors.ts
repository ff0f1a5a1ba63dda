import { Schema } from "effect"
import { ErrorKind, Mistake } from "./outcomes.ts"
import { Cell } from "./scores.ts"

/** How often something was wrong in the runs of a cell. */
export const ErrorCount = Schema.Struct({
  model: Schema.String,
  corpus: Schema.String,
  setting: Schema.String,
  protocol: Schema.String,
  kind: ErrorKind,
  /** Mean over seeds. */
  count: Schema.Finite,
}).annotate({ identifier: "errors" })
export type ErrorCount = typeof ErrorCount.Type

/** One mistake to look at, with the text that the model was given. */
export const ErrorCase = Schema.Struct({
  ...Cell.fields,
  protocol: Schema.String,
  document: Schema.String,
  ...Mistake.fields,
  source: Schema.String,
}).annotate({ identifier: "cases" })
export type ErrorCase = typeof ErrorCase.Type
