import { assert, describe, it } from "@effect/vitest"
import { Random } from "../../../models/kernels/random.ts"
import { adamW, type AdamWArrays, clipScale, globalNorm, linearSchedule } from "../../../models/training/optimizer.ts"

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void => {
  assert.strictEqual(actual.length, expected.length)
  expected.forEach((value, index) => assert.approximately(actual[index] ?? Number.NaN, value, tolerance))
}

const arraysOf = (weights: readonly number[], gradients: readonly number[]): AdamWArrays => ({
  weights: Float32Array.from(weights),
  gradients: Float32Array.from(gradients),
  firstMoment: new Float32Array(weights.length),
  secondMoment: new Float32Array(weights.length),
})

const all = (count: number, weightDecay = 0) => [{ start: 0, end: count, weightDecay }]

describe("AdamW", () => {
  it("moves by the learning rate at the first step, whatever the size of the gradient", () => {
    const arrays = arraysOf([1, 1, 1], [0.5, -2, 0])
    adamW(arrays, 1, all(3), 0.1, 1)
    // m̂ = g and v̂ = g², so the step is 0.1 · sign(g).
    near(arrays.weights, [0.9, 1.1, 1])
  })

  it("follows the moments at the second step", () => {
    const arrays = arraysOf([1], [1])
    adamW(arrays, 1, all(1), 0.1, 1)
    arrays.gradients[0] = -0.5
    adamW(arrays, 2, all(1), 0.1, 1)
    // m = 0.9·0.1 - 0.1·0.5 = 0.04, m̂ = 0.04/0.19; v = 0.999·0.001 + 0.001·0.25 = 0.001249, v̂ = 0.001249/0.001999.
    near(arrays.firstMoment, [0.04])
    near(arrays.secondMoment, [0.001249], 1e-9)
    near(arrays.weights, [0.9 - 0.1 * (0.04 / 0.19) / Math.sqrt(0.001249 / 0.001999)])
  })

  it("decays weights apart from the gradient, and only in groups that say so", () => {
    const arrays = arraysOf([2, 2], [0, 0])
    adamW(arrays, 1, [{ start: 0, end: 1, weightDecay: 0.5 }, { start: 1, end: 2, weightDecay: 0 }], 0.1, 1)
    near(arrays.weights, [2 * (1 - 0.1 * 0.5), 2])
  })

  it("scales the gradients before the moments and leaves them at 0", () => {
    const [a, b] = [arraysOf([1], [3]), arraysOf([1], [0.75])]
    adamW(a, 1, all(1), 0.1, 0.25)
    adamW(b, 1, all(1), 0.1, 1)
    assert.deepStrictEqual(a, b)
    assert.deepStrictEqual([...a.gradients], [0])
  })

  it("updates arrays of any length, longer than a block too, and nothing outside its groups", () => {
    const length = 20_003
    const random = new Random(1)
    const draw = (): number[] => Array.from({ length }, () => random.uniform() - 0.5)
    // Gradients far above epsilon, so that a first step is the learning rate.
    const [weights, gradients] = [draw(), draw().map((gradient) => gradient + Math.sign(gradient))]
    const arrays = arraysOf(weights, gradients)
    const groups = [{ start: 3, end: 9001, weightDecay: 0.1 }, { start: 9001, end: length - 1, weightDecay: 0 }]
    adamW(arrays, 1, groups, 0.01, 0.5)
    weights.forEach((weight, index) => {
      const inside = index >= 3 && index < length - 1
      const kept = weight * (index < 9001 ? 1 - 0.01 * 0.1 : 1)
      const expected = inside ? kept - 0.01 * Math.sign(gradients[index] ?? 0) : weight
      assert.approximately(arrays.weights[index] ?? 0, expected, 1e-5, `weight ${index}`)
    })
  })
})

describe("clipping", () => {
  it("takes the norm of everything, also of lengths that four does not divide", () => {
    assert.strictEqual(globalNorm(Float32Array.of(3, 4)), 5)
    assert.strictEqual(globalNorm(new Float32Array(25).fill(2)), 10)
    assert.strictEqual(globalNorm(new Float32Array(160_000).fill(-0.5)), 200)
    assert.isNaN(globalNorm(Float32Array.of(1, Number.NaN, 2)))
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
