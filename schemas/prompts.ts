import { Schema } from "effect"

/** What the prompt of one document holds. */
export const Prompt = Schema.Struct({
  document: Schema.String,
  /** Examples that it shows. */
  shots: Schema.Natural,
  /** Examples that were left out, since all of them would be too many tokens. */
  leftOut: Schema.Natural,
  /** Of the whole prompt. */
  tokens: Schema.Natural,
  /** Whether it is within the limit; without examples, a long document alone may not be. */
  fits: Schema.Boolean,
}).annotate({ identifier: "prompts" })
export type Prompt = typeof Prompt.Type
