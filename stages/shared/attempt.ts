import { Effect } from "effect"
import { InputError } from "redag"

/** Runs plain code whose only foreseen failure is a thrown InputError; anything else thrown is a bug. */
export const attempt = <A>(call: () => A): Effect.Effect<A, InputError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(call())
    } catch (cause) {
      return cause instanceof InputError ? Effect.fail(cause) : Effect.die(cause)
    }
  })
