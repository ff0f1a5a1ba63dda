import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Batching, planStep, type StepPlan, stepsPerEpoch } from "../../../models/training/batches.ts"

const plans = (batching: Batching, steps: number): readonly StepPlan[] =>
  Array.from({ length: steps }, (_, index) => planStep(index, batching, 1))

describe("the steps of a training", () => {
  it("go on over the end of an epoch, as the Trainer of transformers 4.32 accumulates", () => {
    // CDR's training set: 500 micro-batches, 15.6 steps, counted as 15.
    const batching = { examples: 500, batchSize: 1, accumulation: 32 }
    assert.strictEqual(stepsPerEpoch(batching), 15)
    const made = plans(batching, 30 * 15)
    assert.isTrue(made.every(({ microBatches }) => microBatches.length === 32))
    // After 15 steps 480 micro-batches are done: the 16th takes the last 20 and the first 12 of the next epoch.
    assert.deepStrictEqual(made.slice(13, 17).map(({ epochEnd }) => epochEnd), [undefined, 1, undefined, undefined])
    assert.strictEqual(made[30]?.epochEnd, 2)
    // The last step stands in the 29th epoch, 450 · 32 / 500 = 28.8.
    assert.strictEqual(made.at(-1)?.epoch, 28.8)
    assert.deepStrictEqual(
      made.flatMap(({ epochEnd }) => epochEnd ?? []),
      Array.from({ length: 28 }, (_, at) => at + 1),
    )
  })

  it("are one an epoch where an epoch has fewer micro-batches than a step takes", () => {
    const batching = { examples: 16, batchSize: 1, accumulation: 32 }
    assert.strictEqual(stepsPerEpoch(batching), 1)
    const made = plans(batching, 3)
    assert.deepStrictEqual(made.map(({ microBatches }) => microBatches.length), [16, 16, 16])
    assert.deepStrictEqual(made.map(({ epochEnd }) => epochEnd), [1, 2, 3])
  })

  it("take every example once in each epoch, whatever the sizes, and tell the end of every epoch once", () => {
    const sizes = fc.record({
      examples: fc.integer({ min: 1, max: 60 }),
      batchSize: fc.integer({ min: 1, max: 9 }),
      accumulation: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(fc.property(sizes, (batching) => {
      const batches = Math.ceil(batching.examples / batching.batchSize)
      const made = plans(batching, Math.ceil(3 * batches / Math.min(batching.accumulation, batches)))
      const taken = made.flatMap(({ microBatches }) => microBatches)
      for (let epoch = 0; epoch < 3; epoch++) {
        const ids = taken.slice(epoch * batches, (epoch + 1) * batches).flat().toSorted((a, b) => a - b)
        assert.deepStrictEqual(ids, Array.from({ length: batching.examples }, (_, id) => id))
      }
      const ends = made.flatMap(({ epochEnd }) => epochEnd ?? [])
      assert.deepStrictEqual(ends.slice(0, 3), [1, 2, 3])
    }))
  })
})
