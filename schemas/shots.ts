import { Schema } from "effect"

/** One example chosen to learn from, in the order in which the sampler drew it. */
export const Shot = Schema.Struct({
  document: Schema.String,
  use: Schema.Literals(["train", "validation"]),
  source: Schema.String,
  target: Schema.String,
}).annotate({ identifier: "shots" })
export type Shot = typeof Shot.Type
