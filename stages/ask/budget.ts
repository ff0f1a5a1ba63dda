import { Deferred, Effect } from "effect"

/** Counts what answers cost, and sees to it that they never cost more than they may. */
export interface Budget {
  /** What was spent so far. */
  readonly spent: () => number
  /** Counts an answer that was there before. */
  readonly count: (cost: number) => void
  /**
   * Sets aside what one more answer may cost at most; false where that is more than is left. Waits for answers that are
   * under way where they may turn out cheaper.
   */
  readonly reserve: (most: number) => Effect.Effect<boolean>
  /** Gives back what was set aside, and counts what the answer did cost; 0 where there was none. */
  readonly settle: (most: number, cost: number) => Effect.Effect<void>
}

/** A budget of so much money; null for any amount. */
export const makeBudget = (maxCost: number | null): Budget => {
  let [spent, reserved, answers] = [0, 0, 0]
  let settled = Deferred.makeUnsafe<void>()

  const reserve = (most: number): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (maxCost === null || spent + reserved + most <= maxCost) {
        reserved += most
        answers++
        return Effect.succeed(true)
      }
      return answers === 0 ? Effect.succeed(false) : Effect.andThen(Deferred.await(settled), reserve(most))
    })

  return {
    spent: () => spent,
    count: (cost) => {
      spent += cost
    },
    reserve,
    settle: (most, cost) =>
      Effect.suspend(() => {
        answers--
        // Sums of fractions leave a rest.
        reserved = answers === 0 ? 0 : reserved - most
        spent += cost
        const before = settled
        settled = Deferred.makeUnsafe<void>()
        return Deferred.succeed(before, undefined)
      }),
  }
}
