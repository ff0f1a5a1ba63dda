import { Schema } from "effect"
import { Answer } from "./examples.ts"

/** One example chosen to learn from or to validate on, in the order in which the sampler drew it. */
export const Shot = Schema.Struct({
  document: Schema.String,
  use: Schema.Literals(["train", "validation"]),
  source: Schema.String,
  target: Schema.String,
  /** What validation is scored against; empty where the example is learned from, since its target says all. */
  answers: Schema.Array(Answer),
}).annotate({ identifier: "shots" })
export type Shot = typeof Shot.Type
