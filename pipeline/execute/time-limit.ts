import { Effect } from "effect"
import { StageError } from "../base/errors.ts"
import { duration } from "../base/text.ts"
import type { StageFailure } from "../graph/stage.ts"

/**
 * Stops what takes longer than so many seconds, and fails then; the work saves what it can before it ends. `ran` is for
 * how many milliseconds of that it has run already.
 */
export const withTimeLimit = <A, R>(
  work: Effect.Effect<A, StageFailure, R>,
  seconds: number | undefined,
  ran = 0,
): Effect.Effect<A, StageFailure, R> =>
  seconds === undefined ? work : Effect.timeoutOrElse(work, {
    duration: Math.max(0, seconds * 1000 - ran),
    orElse: () =>
      Effect.fail(
        new StageError({
          message: `did not end within ${duration(seconds * 1000)}, its time limit, and was stopped`,
          help: "raise the timeout of its resources, in its stage or in dag.config.ts, then run again",
          transient: false,
          ranOut: "time",
        }),
      ),
  })
