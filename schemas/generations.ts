import { Schema } from "effect"

/** What a model wrote for one document. */
export const Generation = Schema.Struct({
  document: Schema.String,
  /** What the model was given to go on from, as its tokens read; null where an encoder read the source. */
  prompt: Schema.NullOr(Schema.String),
  text: Schema.String,
  /** Tokens generated, the end-of-sequence token included. */
  tokens: Schema.Natural,
  /** Whether the model ended the sequence itself, rather than being cut at the limit. */
  finished: Schema.Boolean,
  /** Whether the source was cut to the model's input length. */
  sourceTruncated: Schema.Boolean,
}).annotate({ identifier: "generations" })
export type Generation = typeof Generation.Type
