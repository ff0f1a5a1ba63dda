import { assert, describe, it } from "@effect/vitest"
import { adamW, clipScale, globalNorm, initialState, linearSchedule } from "../../models/optimizer.ts"

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void => {
  assert.strictEqual(actual.length, expected.length)
  expected.forEach((value, index) => assert.approximately(actual[index] ?? Number.NaN, value, tolerance))
}

describe("AdamW", () => {
  it("moves by the learning rate at the first step, whatever the size of the gradient", () => {
    const weights = Float32Array.of(1, 1, 1)
    adamW(weights, Float32Array.of(0.5, -2, 0), initialState(3), [{ start: 0, end: 3, weightDecay: 0 }], 0.1, 1)
    // m̂ = g and v̂ = g², so the step is 0.1 · sign(g).
    near(weights, [0.9, 1.1, 1])
  })

  it("follows the moments at the second step", () => {
    const weights = Float32Array.of(1)
    const state = initialState(1)
    const groups = [{ start: 0, end: 1, weightDecay: 0 }]
    adamW(weights, Float32Array.of(1), state, groups, 0.1, 1)
    adamW(weights, Float32Array.of(-0.5), state, groups, 0.1, 1)
    // m = 0.9·0.1 - 0.1·0.5 = 0.04, m̂ = 0.04/0.19; v = 0.999·0.001 + 0.001·0.25 = 0.001249, v̂ = 0.001249/0.001999.
    near(state.firstMoment, [0.04])
    near(state.secondMoment, [0.001249], 1e-9)
    near(weights, [0.9 - 0.1 * (0.04 / 0.19) / Math.sqrt(0.001249 / 0.001999)])
  })

  it("decays weights apart from the gradient, and only in groups that say so", () => {
    const weights = Float32Array.of(2, 2)
    const groups = [{ start: 0, end: 1, weightDecay: 0.5 }, { start: 1, end: 2, weightDecay: 0 }]
    adamW(weights, new Float32Array(2), initialState(2), groups, 0.1, 1)
    near(weights, [2 * (1 - 0.1 * 0.5), 2])
  })

  it("scales the gradients before the moments", () => {
    const [a, b] = [initialState(1), initialState(1)]
    const groups = [{ start: 0, end: 1, weightDecay: 0 }]
    adamW(Float32Array.of(1), Float32Array.of(3), a, groups, 0.1, 0.25)
    adamW(Float32Array.of(1), Float32Array.of(0.75), b, groups, 0.1, 1)
    assert.deepStrictEqual(a, b)
  })
})

describe("clipping", () => {
  it("takes the norm of everything, also of lengths that four does not divide", () => {
    assert.strictEqual(globalNorm(Float32Array.of(3, 4)), 5)
    assert.strictEqual(globalNorm(new Float32Array(25).fill(2)), 10)
  })

  it("scales down to the limit and never up", () => {
    assert.approximately(clipScale(10, 1), 0.1, 1e-6)
    assert.strictEqual(clipScale(0.5, 1), 1)
  })
})

describe("linear schedule", () => {
  it("rises from 0 over the warm-up and falls to 0 behind the last step", () => {
    const rates = Array.from({ length: 10 }, (_, step) => linearSchedule(step, 10, 0.2, 8))
    near(rates, [0, 4, 8, 7, 6, 5, 4, 3, 2, 1])
  })

  it("starts at the peak without a warm-up", () => {
    near([linearSchedule(0, 4, 0, 1), linearSchedule(3, 4, 0, 1)], [1, 0.25])
  })
})
