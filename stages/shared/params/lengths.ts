import { Effect, Schema } from "effect"

/**
 * The most tokens of source and target together in a decoder-only model, in place of a limit for each: the target gets
 * what the source leaves, at least one. Any other model has a limit for each, and so has every model where it is null.
 */
export const SharedTokens = Schema.NullOr(Schema.Natural.check(Schema.isGreaterThan(1))).pipe(
  Schema.withDecodingDefaultKey(Effect.succeed(null)),
)
