import { Effect } from "effect"
import { InputError } from "./errors.ts"

/** Gives the error that a thrown value stands for; undefined where nobody foresaw it, which makes it a bug. */
export type Foresee<E> = (thrown: unknown) => E | undefined

const inputError: Foresee<InputError> = (thrown) => (thrown instanceof InputError ? thrown : undefined)

const failure = <E>(thrown: unknown, foresee: Foresee<E>): Effect.Effect<never, E> => {
  const error = foresee(thrown)
  return error === undefined ? Effect.die(thrown) : Effect.fail(error)
}

/**
 * Runs code that throws, and turns what it throws into a failure.
 *
 * Where `foresee` is left out, only an InputError is a failure. The effect dies with whatever nobody foresaw.
 */
export function attempt<A>(call: () => A): Effect.Effect<A, InputError>
export function attempt<A, E>(call: () => A, foresee: Foresee<E>): Effect.Effect<A, E>
export function attempt<A>(call: () => A, foresee: Foresee<unknown> = inputError): Effect.Effect<A, unknown> {
  return Effect.suspend(() => {
    try {
      return Effect.succeed(call())
    } catch (thrown) {
      return failure(thrown, foresee)
    }
  })
}

/** The same for code that gives a promise; `stop` is aborted where the effect is interrupted. */
export function attemptPromise<A>(call: (stop: AbortSignal) => Promise<A>): Effect.Effect<A, InputError>
export function attemptPromise<A, E>(
  call: (stop: AbortSignal) => Promise<A>,
  foresee: Foresee<E>,
): Effect.Effect<A, E>
export function attemptPromise<A>(
  call: (stop: AbortSignal) => Promise<A>,
  foresee: Foresee<unknown> = inputError,
): Effect.Effect<A, unknown> {
  return Effect.tryPromise({ try: call, catch: (thrown) => thrown }).pipe(
    Effect.catch((thrown) => failure(thrown, foresee)),
  )
}
