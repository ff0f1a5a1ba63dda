import { assert, describe, it } from "@effect/vitest"
import { initialise, type Weights } from "../../../models/architectures/weights.ts"
import { type Checkpoint } from "../../../models/checkpoints/checkpoint.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { generate, type GenerateOptions, type Generation } from "../../../models/generation/generate.ts"
import { InvalidOption } from "../../../models/ir/options.ts"
import {
  finetune,
  type FinetuneOptions,
  initialTrainingState,
  TrainingDiverged,
  type TrainingStep,
} from "../../../models/training/trainer.ts"
import { architectureOf } from "../reading.ts"
import { wordTokenizer, worstDifference } from "../support.ts"

const words = Array.from({ length: 20 }, (_, index) => `t${index}`)
const tokenizer = wordTokenizer(words)
const architecture = architectureOf({
  model_type: "t5",
  vocab_size: tokenizer.size,
  d_model: 32,
  d_kv: 8,
  d_ff: 64,
  num_layers: 1,
  num_heads: 4,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
})
/** The same weights every time, since training changes them in place. */
const newCheckpoint = (): Checkpoint => ({
  architecture,
  tokenizer,
  weights: initialise(architecture.parameters, 5),
  generation: GREEDY,
  described: new Map(),
})

/** Sources of several lengths, each with its second to fifth word as target. */
const examples = Array.from({ length: 10 }, (_, index) => {
  const source = Array.from({ length: 5 + index }, (_, at) => words[(index * 7 + at * (index + 1)) % words.length])
  return { source: source.join(" "), target: source.slice(1, 5).join(" ") }
})

const options: Omit<FinetuneOptions, "checkpoint"> = {
  examples,
  duration: { maxSteps: 6 },
  batchSize: 4,
  accumulation: 1,
  learningRate: 5e-3,
  warmupRatio: 0.1,
  weightDecay: 0.01,
  clipNorm: 1,
  dropout: 0.1,
  seed: 1,
  maxSourceTokens: 16,
  maxTargetTokens: 8,
  engine: onnxEngine,
  threads: 1,
}

const train = async (changes: Partial<FinetuneOptions>): Promise<{ steps: TrainingStep[]; weights: Weights }> => {
  const training = finetune({ checkpoint: newCheckpoint(), ...options, ...changes })
  const steps: TrainingStep[] = []
  for (;;) {
    const result = await training.next()
    if (result.done === true) return { steps, weights: result.value.tensors }
    steps.push(result.value)
  }
}

const write = async (changes: Partial<GenerateOptions>): Promise<readonly Generation[]> => {
  const sources = examples.map(({ source }) => source)
  const limits = {
    batchSize: 4,
    maxNewTokens: 8,
    maxSourceTokens: 16,
    decoding: GREEDY,
    engine: onnxEngine,
    threads: 1,
  }
  const writing = generate({ checkpoint: newCheckpoint(), sources, ...limits, ...changes })
  for (;;) {
    const result = await writing.next()
    if (result.done === true) return result.value
  }
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => undefined, (error: unknown) => error)

describe("finetune", () => {
  it("learns a small set, which greedy decoding then reproduces", async () => {
    const checkpoint = newCheckpoint()
    const { steps } = await train({ checkpoint, duration: { maxSteps: 150 }, batchSize: 10, dropout: 0 })
    const [first, last] = [steps.at(0)?.loss ?? 0, steps.at(-1)?.loss ?? Infinity]
    assert.isAbove(first, 2)
    assert.isBelow(last, 0.05)
    const generations = await write({ checkpoint })
    assert.deepStrictEqual(generations.map(({ text }) => text), examples.map(({ target }) => target))
    assert.isTrue(generations.every(({ finished, tokens }) => finished && tokens === 5))
  })

  it("gives the same bytes and the same log for the same options, and others for another seed", async () => {
    const [a, b, other] = [await train({}), await train({}), await train({ seed: 2 })]
    assert.deepStrictEqual(writeSafetensors(b.weights), writeSafetensors(a.weights))
    assert.deepStrictEqual(b.steps, a.steps)
    assert.notDeepEqual(writeSafetensors(other.weights), writeSafetensors(a.weights))
  })

  it("makes the same step from accumulated batches as from one large batch", async () => {
    // Every target has five tokens, so that the mean of means is the mean.
    const shared = { examples: examples.slice(0, 8), dropout: 0, duration: { maxSteps: 3 } } as const
    const whole = await train({ ...shared, batchSize: 8, accumulation: 1 })
    const parts = await train({ ...shared, batchSize: 2, accumulation: 4 })
    for (const field of ["loss", "gradientNorm"] as const) {
      const difference = worstDifference(whole.steps.map((step) => step[field]), parts.steps.map((step) => step[field]))
      assert.isAtMost(difference, 1e-4, field)
    }
    assert.deepStrictEqual(parts.steps.map(({ tokens }) => tokens), whole.steps.map(({ tokens }) => tokens))
  })

  it("counts steps, epochs and tokens, the last batch of an epoch being smaller", async () => {
    const { steps } = await train({ duration: { epochs: 2 } })
    assert.deepStrictEqual(steps.map(({ step }) => step), [1, 2, 3, 4, 5, 6])
    assert.deepStrictEqual(steps.map(({ epoch }) => epoch), [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    // Ten sources of 5 … 14 words and targets of four words, each with its EOS.
    const epochTokens = 95 + 10 + 50
    assert.strictEqual(steps.reduce((total, { tokens }) => total + tokens, 0), 2 * epochTokens)
  })

  it("goes on from a state that was written down between two steps, to the same bytes", async () => {
    const whole = await train({ accumulation: 2 })
    const first = newCheckpoint()
    const state = initialTrainingState(first)
    const begun: TrainingStep[] = []
    for await (const step of finetune({ checkpoint: first, ...options, accumulation: 2, state })) {
      begun.push(step)
      if (step.step === 4) break
    }
    const { weights, firstMoment, secondMoment, completed } = structuredClone(state)
    assert.strictEqual(completed, 4)

    const second = newCheckpoint()
    const restored = initialTrainingState(second)
    restored.completed = completed
    restored.weights.set(weights)
    restored.firstMoment.set(firstMoment)
    restored.secondMoment.set(secondMoment)
    for await (const step of finetune({ checkpoint: second, ...options, accumulation: 2, state: restored })) {
      begun.push(step)
    }
    assert.deepStrictEqual(begun, whole.steps)
    assert.deepStrictEqual(writeSafetensors(second.weights.tensors), writeSafetensors(whole.weights))
  })

  it("drops out: the loss of the same step differs, and its expectation is near", async () => {
    const one = { duration: { maxSteps: 1 }, batchSize: 10 } as const
    const [without] = (await train({ ...one, dropout: 0 })).steps
    const losses = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => (await train({ ...one, seed })).steps[0]?.loss ?? 0),
    )
    assert.strictEqual(new Set(losses).size, 4)
    const mean = losses.reduce((total, loss) => total + loss, 0) / losses.length
    assert.approximately(mean, without?.loss ?? 0, 0.3)
  })

  it("stops at the step whose loss is not finite", async () => {
    const checkpoint = newCheckpoint()
    checkpoint.weights.tensors.get("encoder.final_layer_norm.weight")?.data.fill(Number.NaN)
    const error = await failure(train({ checkpoint }))
    assert.instanceOf(error, TrainingDiverged)
    assert.strictEqual(error.step, 1)
    assert.match(error.message, /^loss NaN/u)
  })

  it("names an option that makes no sense", async () => {
    const wrong: readonly (readonly [Partial<FinetuneOptions>, RegExp])[] = [
      [{ examples: [] }, /^examples is empty/u],
      [{ batchSize: 0 }, /^batchSize is 0/u],
      [{ duration: { epochs: 1.5 } }, /^duration.epochs is 1.5/u],
      [{ dropout: 1 }, /^dropout is 1/u],
      [{ learningRate: Number.NaN }, /^learningRate is NaN/u],
    ]
    for (const [changes, message] of wrong) {
      const error = await failure(train(changes))
      assert.instanceOf(error, InvalidOption)
      assert.match(error.message, message)
    }
  })
})

describe("generate", () => {
  it("does not depend on the batch size", async () => {
    const [one, three] = [await write({ batchSize: 1 }), await write({ batchSize: 3 })]
    assert.deepStrictEqual(three, one)
  })

  it("reports cut sources and cut outputs, and takes no sources", async () => {
    const [cut] = await write({ sources: ["t1 t2 t3 t4 t5"], maxSourceTokens: 3, maxNewTokens: 1 })
    assert.strictEqual(cut?.sourceTruncated, true)
    assert.strictEqual(cut?.tokens, 1)
    assert.deepStrictEqual(await write({ sources: [] }), [])
  })

  it("counts its progress in sources", async () => {
    const sources = examples.map(({ source }) => source)
    const done: number[] = []
    for await (
      const progress of generate({
        checkpoint: newCheckpoint(),
        sources,
        batchSize: 4,
        maxNewTokens: 2,
        maxSourceTokens: 16,
        decoding: GREEDY,
        engine: onnxEngine,
        threads: 1,
      })
    ) {
      done.push(progress.done)
      assert.strictEqual(progress.total, 10)
    }
    assert.deepStrictEqual(done, [4, 8, 10])
  })
})
