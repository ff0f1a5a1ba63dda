import { Schema } from "effect"

/** What an endpoint replied to the prompt of one document. */
export const Reply = Schema.Struct({
  document: Schema.String,
  /** The digest of the request: the address, the model, all parameters and the whole prompt. */
  request: Schema.String,
  prompt: Schema.String,
  /** What the model wrote. */
  text: Schema.String,
  /** The body of the answer as it came; where it held the account's key, that is struck out. */
  raw: Schema.String,
  /** As the endpoint counts tokens; null where it does not say. */
  promptTokens: Schema.NullOr(Schema.Natural),
  outputTokens: Schema.NullOr(Schema.Natural),
  /** Why the model stopped: "stop", "length"; null where the endpoint does not say. */
  finishReason: Schema.NullOr(Schema.String),
  /** In the currency of the prices; 0 where there are none. */
  cost: Schema.Finite,
}).annotate({ identifier: "replies" })
export type Reply = typeof Reply.Type
