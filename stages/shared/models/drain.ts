import { Cause, Effect, Exit } from "effect"
import { attemptPromise, type StageFailure } from "redag"
import { modelFailure } from "./failures.ts"

/** Runs a generator of models/ to its end and gives on each thing that it yields; interruption stops it, `stop` first. */
export const drain = <Y, A>(
  generator: AsyncGenerator<Y, A, void>,
  take: (yielded: Y) => Effect.Effect<void>,
  stop: () => void = () => undefined,
): Effect.Effect<A, StageFailure> =>
  Effect.gen(function*() {
    for (;;) {
      const next = yield* nextOf(generator)
      if (next.done === true) return next.value
      yield* take(next.value)
    }
  }).pipe(Effect.onInterrupt(() => Effect.andThen(Effect.sync(stop), close(generator))))

/**
 * Runs a generator of models/ until `take` has enough of what it yields, or to its end; then it holds nothing more.
 *
 * After an interruption only `interrupted` is waited for, not the generator: what it is at may take long.
 */
export const drainUntil = <Y, A, R>(
  generator: AsyncGenerator<Y, A, void>,
  take: (yielded: Y) => Effect.Effect<boolean, StageFailure, R>,
  interrupted: Effect.Effect<void>,
): Effect.Effect<void, StageFailure, R> =>
  Effect.gen(function*() {
    for (;;) {
      const next = yield* nextOf(generator)
      if (next.done === true || (yield* take(next.value))) return
    }
  }).pipe(
    Effect.onExit((exit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? interrupted : close(generator)
    ),
  )

const nextOf = <Y, A>(generator: AsyncGenerator<Y, A, void>): Effect.Effect<IteratorResult<Y, A>, StageFailure> =>
  attemptPromise(() => generator.next(), modelFailure)

const close = <Y, A>(generator: AsyncGenerator<Y, A, void>): Effect.Effect<void> =>
  Effect.promise(async () => {
    await generator.return(undefined as never)
  })
