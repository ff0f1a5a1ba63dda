import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeLimits } from "../../../stages/ask/limits.ts"

/** The seconds at which requests of these sizes are let go. */
const times = (
  limits: { readonly requestsPerMinute: number | null; readonly tokensPerMinute: number | null },
  tokens: ReadonlyArray<number>,
) =>
  Effect.gen(function*() {
    const { admit } = makeLimits(limits)
    const released: Array<number> = []
    const fiber = yield* Effect.forkChild(Effect.forEach(
      tokens,
      (each) =>
        Effect.andThen(
          admit(each),
          Effect.map(Clock.currentTimeMillis, (now) => void released.push(now / 1000)),
        ),
      { concurrency: "unbounded", discard: true },
    ))
    for (let second = 0; second < 300; second++) yield* TestClock.adjust(1000)
    yield* Fiber.join(fiber)
    return released
  })

describe("the limits of an endpoint", () => {
  it.effect("let so many requests go in any minute", () =>
    Effect.gen(function*() {
      const without = { requestsPerMinute: null, tokensPerMinute: null }
      assert.deepStrictEqual(yield* times(without, [1, 1, 1]), [0, 0, 0])
    }))

  it.effect("hold back the request that would be one too many", () =>
    Effect.gen(function*() {
      const limits = { requestsPerMinute: 2, tokensPerMinute: null }
      assert.deepStrictEqual(yield* times(limits, [1, 1, 1, 1, 1]), [0, 0, 60, 60, 120])
    }))

  it.effect("hold back tokens that would be too many, and let a request that is too large go alone", () =>
    Effect.gen(function*() {
      const limits = { requestsPerMinute: 10, tokensPerMinute: 100 }
      assert.deepStrictEqual(yield* times(limits, [40, 60, 1, 500, 99]), [0, 0, 60, 120, 180])
    }))

  it.effect("let nothing go while the endpoint asks to wait", () =>
    Effect.gen(function*() {
      const { admit, pause } = makeLimits({ requestsPerMinute: null, tokensPerMinute: null })
      yield* pause(30_000)
      const fiber = yield* Effect.forkChild(Effect.andThen(admit(1), Clock.currentTimeMillis))
      yield* TestClock.adjust(60_000)
      assert.strictEqual(yield* Fiber.join(fiber), 30_000)
    }))
})
