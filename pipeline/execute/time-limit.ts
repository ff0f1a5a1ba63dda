import { Effect } from "effect"
import { StageError } from "../base/errors.ts"
import { duration } from "../base/text.ts"
import type { StageFailure } from "../graph/stage.ts"

/** Stops what takes longer than so many seconds, and fails then; the work saves what it can before it ends. */
export const withTimeLimit = <A, R>(
  work: Effect.Effect<A, StageFailure, R>,
  seconds: number | undefined,
): Effect.Effect<A, StageFailure, R> =>
  seconds === undefined ? work : Effect.timeoutOrElse(work, {
    duration: seconds * 1000,
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
