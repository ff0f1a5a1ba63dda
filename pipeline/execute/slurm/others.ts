import { Effect } from "effect"
import { livingIn } from "../../store/living.ts"

/**
 * Whether another run lives that uses the same store: it may wait for what a dead one left in the queue, whether or not it
 * has taken it over. Where that cannot be seen, one may.
 */
export const isAnotherRun = livingIn.pipe(
  Effect.map(({ runs }) => runs.size > 0),
  Effect.orElseSucceed(() => true),
)
