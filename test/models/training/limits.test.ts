import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { initialise } from "../../../models/architectures/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { generateEncoded, type GenerationOptions } from "../../../models/generation/generate.ts"
import { InvalidOption } from "../../../models/ir/options.ts"
import { batchShape, encodeExamples } from "../../../models/training/batches.ts"
import { requireLimits } from "../../../models/training/limits.ts"
import { finetuneEncoded } from "../../../models/training/trainer.ts"
import { architectureOf } from "../reading.ts"
import { tinyT5, wordTokenizer } from "../support.ts"

const words = Array.from({ length: 20 }, (_, index) => `t${index}`)
const tokenizer = wordTokenizer(words)
const sizes = { vocab_size: tokenizer.size, eos_token_id: 1, pad_token_id: 0 }
const gpt2 = architectureOf({ ...sizes, model_type: "gpt2", n_embd: 8, n_layer: 1, n_head: 2, n_positions: 32 })
const t5 = architectureOf({ ...sizes, ...tinyT5 })
const limits = { maxSourceTokens: 6, maxTargetTokens: 4 }

const text = (count: number): string => words.slice(0, count).join(" ")

/** The numbers of tokens of an example that has so many; the source's end is the tokenizer's. */
const lengths = (model: typeof gpt2, source: number, target: number, sharedTokens: number | null) => {
  const examples = [{ source: text(source), target: text(target) }]
  const [encoded] = encodeExamples(model, tokenizer, examples, { ...limits, sharedTokens, endOfSequence: false })
  return [encoded?.source.length, encoded?.target.length]
}

describe("tokens that prompt and output share", () => {
  it("leave a decoder-only model's target what its source does not take, and one at least", () => {
    assert.deepStrictEqual(lengths(gpt2, 9, 9, null), [6, 4])
    assert.deepStrictEqual(lengths(gpt2, 3, 15, 12), [4, 8])
    assert.deepStrictEqual(lengths(gpt2, 9, 15, 12), [10, 2])
    assert.deepStrictEqual(lengths(gpt2, 15, 15, 12), [11, 1])
    assert.deepStrictEqual(lengths(gpt2, 1, 2, 12), [2, 2])
  })

  it("are no matter to a model with an encoder", () => {
    assert.deepStrictEqual(lengths(t5, 9, 9, 30), lengths(t5, 9, 9, null))
  })

  it("hold every batch, whose padding stays within them", () => {
    const numbers = fc.integer({ min: 1, max: 19 })
    fc.assert(fc.property(numbers, numbers, fc.integer({ min: 2, max: 24 }), (source, target, sharedTokens) => {
      const encoding = { ...limits, sharedTokens }
      const examples = encodeExamples(gpt2, tokenizer, [{ source: text(source), target: text(target) }], encoding)
      const shape = batchShape(gpt2, 1, examples, encoding)
      const [read, predicted] = lengths(gpt2, source, target, sharedTokens)
      assert.isAtMost((read ?? 0) + (predicted ?? 0), sharedTokens)
      assert.isAtLeast(predicted ?? 0, 1)
      assert.isAtMost(shape.source, sharedTokens - 1)
    }))
  })

  it("are refused below two, and above a model's positions, of which the last token needs none", () => {
    requireLimits(gpt2, { ...limits, sharedTokens: 33 })
    // Limits of each that are too large are no matter then.
    requireLimits(gpt2, { maxSourceTokens: 512, maxTargetTokens: 512, sharedTokens: 33 })
    const message = /^sharedTokens is 34, and this gpt2 has 32 positions$/u
    assert.throws(() => requireLimits(gpt2, { ...limits, sharedTokens: 34 }), InvalidOption, message)
    assert.throws(() => requireLimits(gpt2, { ...limits, sharedTokens: 1 }), InvalidOption, /^sharedTokens/u)
    requireLimits(t5, { ...limits, sharedTokens: 4000 })
  })

  it("let a prompt's output grow until both have so many, and no further", async () => {
    const options: GenerationOptions = {
      batchSize: 2,
      maxNewTokens: 3,
      maxSourceTokens: 4,
      // Nothing ends before the length is used up.
      decoding: { ...GREEDY, minNewTokens: 40 },
      engine: onnxEngine,
      threads: 1,
    }
    const sources = [[3, 4, 5], [3, 4, 5, 6, 7, 8, 9, 10, 11], [3]]
    const written = async (sharedTokens: number | null): Promise<readonly number[]> => {
      const model = { architecture: gpt2, weights: initialise(gpt2.parameters, 3) }
      const generation = generateEncoded({ ...options, sharedTokens, model, sources })
      let result = await generation.next()
      while (result.done !== true) result = await generation.next()
      return result.value.map(({ length }) => length)
    }
    assert.deepStrictEqual(await written(null), [3, 3, 3])
    assert.deepStrictEqual(await written(10), [7, 1, 9])
    assert.deepStrictEqual(await written(33), [30, 24, 32])
  })

  it("train a model on targets that are longer than a limit of their own would leave", async () => {
    const encoding = { ...limits, sharedTokens: 24 }
    const examples = encodeExamples(gpt2, tokenizer, [{ source: text(2), target: text(18) }], encoding)
    assert.lengthOf(examples[0]?.target ?? [], 19)
    const training = finetuneEncoded({
      ...encoding,
      model: { architecture: gpt2, weights: initialise(gpt2.parameters, 3) },
      examples,
      duration: { maxSteps: 2 },
      batchSize: 1,
      accumulation: 1,
      learningRate: 1e-2,
      warmupRatio: 0,
      weightDecay: 0,
      clipNorm: 1,
      dropout: 0,
      seed: 1,
      engine: onnxEngine,
      threads: 1,
    })
    const steps = []
    for await (const { tokens, loss } of training) steps.push({ tokens, loss })
    assert.deepStrictEqual(steps.map(({ tokens }) => tokens), [22, 22])
    assert.isBelow(steps[1]?.loss ?? Infinity, steps[0]?.loss ?? 0)
  })
})
