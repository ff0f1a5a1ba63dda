import { assert, describe, it } from "@effect/vitest"
import { trainingWork } from "../../../stages/finetune/work.ts"

const training = {
  start: { from: "pretrained" },
  duration: { epochs: 10 },
  batchSize: 4,
  accumulation: 2,
  maxSourceTokens: 100,
  maxTargetTokens: 50,
  validation: null,
} as const
const sizes = { model: { bytes: 4e6 }, shots: { rows: 16 } }

describe("the work of a training", () => {
  it("grows with the model, the examples and the epochs", () => {
    const amount = (changed: object = {}, sizesNow = sizes) =>
      trainingWork({ ...training, ...changed }, sizesNow, {}).amount ?? 0
    assert.strictEqual(amount(), 1e6 * 3 * 16 * 10 * 150)
    assert.strictEqual(amount({ duration: { epochs: 20 } }), 2 * amount())
    assert.strictEqual(amount({}, { ...sizes, model: { bytes: 4e7 } }), 10 * amount())
    assert.strictEqual(amount({}, { ...sizes, shots: { rows: 64 } }), 4 * amount())
    // As many texts as the steps take, whatever the examples.
    assert.strictEqual(amount({ duration: { maxSteps: 20 } }), amount())
  })

  it("counts what validation writes after each epoch", () => {
    const validation = { fromEpoch: 9, maxNewTokens: 30, decoding: { numBeams: 4 } }
    const alone = trainingWork(training, sizes, {}).amount ?? 0
    const validated = trainingWork({ ...training, validation }, sizes, {}).amount ?? 0
    assert.strictEqual(validated - alone, 1e6 * 2 * 16 * 4 * 30)
  })

  it("keeps the model's weights, and two states of three arrays meanwhile", () => {
    assert.deepInclude(trainingWork(training, sizes, {}), { keeps: 4e6, scratch: 24e6 })
    // The files of a model that starts from random weights hold none.
    assert.deepStrictEqual(trainingWork({ ...training, start: { from: "random" } }, sizes, {}), {})
    assert.deepStrictEqual(trainingWork(training, { ...sizes, model: {} }, {}), {})
  })
})
