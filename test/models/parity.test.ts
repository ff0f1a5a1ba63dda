import { assert, describe, it } from "@effect/vitest"
import { batchArrays, fillBatch } from "../../models/batches.ts"
import type { Checkpoint } from "../../models/checkpoint.ts"
import { generate } from "../../models/generate.ts"
import { onnxEngine } from "../../models/onnx/engine.ts"
import { readSafetensors } from "../../models/safetensors.ts"
import { parseT5Config } from "../../models/t5-config.ts"
import { t5Shapes, t5Weights } from "../../models/t5-parameters.ts"
import { logitsProgram, portName, trainingProgram } from "../../models/t5-programs.ts"
import { finetune, type TrainingStep } from "../../models/trainer.ts"
import { referenceBytes, relativeDifference, wordTokenizer, worstDifference } from "./support.ts"

// References: test/models/reference/make_t5.py, which runs Hugging Face transformers.

interface Reference {
  readonly config: object
  readonly sources: readonly (readonly number[])[]
  readonly targets: readonly (readonly number[])[]
  readonly loss: number
  readonly optimizer: {
    readonly steps: number
    readonly learning_rate: number
    readonly warmup_ratio: number
    readonly weight_decay: number
    readonly clip_norm: number
  }
  readonly steps: readonly Pick<TrainingStep, "loss" | "gradientNorm" | "learningRate">[]
  readonly greedy: readonly (readonly number[])[]
}

const report = (variant: string, what: string, worst: number, limit: number): void => {
  console.log(`parity ${variant}: ${what} ${worst.toExponential(2)} (limit ${limit})`)
  assert.isAtMost(worst, limit, `${variant}: ${what}`)
}

for (const variant of ["t5_relu_tied", "t5_gated_untied"]) {
  describe(`${variant} against Hugging Face transformers`, () => {
    const reference = JSON.parse(new TextDecoder().decode(referenceBytes(`${variant}.json`))) as Reference
    const config = parseT5Config(reference.config)
    const weights = t5Weights(config, readSafetensors(referenceBytes(`${variant}.safetensors`)))
    const expected = readSafetensors(referenceBytes(`${variant}.expected.safetensors`))
    // Token i is the word "wi", so that the trainer and the generator are given exactly the reference's ids.
    const tokenizer = wordTokenizer(Array.from({ length: config.vocabulary - 3 }, (_, index) => `w${index + 3}`))
    const words = (ids: readonly number[]): string => ids.slice(0, -1).map((id) => id === 2 ? "?" : `w${id}`).join(" ")
    const checkpoint: Checkpoint = { config, tokenizer, weights }
    const examples = reference.sources.map((source, row) => ({ source, target: reference.targets[row] ?? [] }))
    const shape = {
      batch: examples.length,
      source: Math.max(...examples.map(({ source }) => source.length)),
      target: Math.max(...examples.map(({ target }) => target.length)),
    }
    const arrays = batchArrays(shape)
    fillBatch(arrays, shape, examples, 1, config)
    // The reference's loss is the mean over all target tokens of the batch, which these weights give.
    const inputs = new Map<string, Float32Array | Int32Array>([
      ["source ids", arrays.sourceIds],
      ["source mask", arrays.sourceMask],
      ["decoder ids", arrays.decoderIds],
    ])
    for (const [name, { data }] of weights) inputs.set(name, data)

    it("gives the same logits", async () => {
      const session = await onnxEngine.compile(logitsProgram(config, shape), { threads: 1 })
      const logits = new Float32Array(shape.batch * shape.target * config.vocabulary)
      await session.run(session.bind(inputs, new Map([["logits", logits]])))
      await session.release()
      report(variant, "worst |Δlogit|", worstDifference(logits, expected.get("logits")?.data ?? []), 1e-4)
    })

    it("gives the same loss and the same gradient of every parameter", async () => {
      const { program } = trainingProgram(config, shape, { dropout: false, accumulate: false })
      const session = await onnxEngine.compile(program, { threads: 1 })
      const loss = new Float32Array(1)
      const outputs = new Map([["loss", loss]])
      for (const [name, { data }] of weights) outputs.set(portName.gradient(name), new Float32Array(data.length))
      const labels = new Map([...inputs, ["labels", arrays.labels], ["label weights", arrays.labelWeights]] as const)
      await session.run(session.bind(labels, outputs))
      await session.release()
      report(variant, "|Δloss|", Math.abs((loss[0] ?? Number.NaN) - reference.loss), 1e-5)
      let worst = 0
      for (const name of t5Shapes(config).keys()) {
        const [ours, theirs] = [outputs.get(portName.gradient(name)), expected.get(name)?.data]
        assert(ours !== undefined && theirs !== undefined, name)
        const difference = relativeDifference(ours, theirs)
        assert.isAtMost(difference, 1e-3, name)
        worst = Math.max(worst, difference)
      }
      report(variant, "worst relative gradient error", worst, 1e-3)
    })

    it("gives the same losses, norms and learning rates over ten AdamW steps", async () => {
      const { optimizer } = reference
      const steps: TrainingStep[] = []
      const training = finetune({
        checkpoint,
        examples: examples.map(({ source, target }) => ({ source: words(source), target: words(target) })),
        duration: { maxSteps: optimizer.steps },
        batchSize: examples.length,
        accumulation: 1,
        learningRate: optimizer.learning_rate,
        warmupRatio: optimizer.warmup_ratio,
        weightDecay: optimizer.weight_decay,
        clipNorm: optimizer.clip_norm,
        dropout: 0,
        seed: 3,
        maxSourceTokens: 64,
        maxTargetTokens: 64,
        threads: 1,
      })
      for await (const step of training) steps.push(step)
      const relative = (field: "loss" | "gradientNorm" | "learningRate"): number =>
        Math.max(...steps.map((step, index) => {
          const theirs = reference.steps[index]?.[field] ?? Number.NaN
          return Math.abs(step[field] - theirs) / Math.max(Math.abs(theirs), 1e-9)
        }))
      assert.strictEqual(steps.length, reference.steps.length)
      report(variant, "worst relative loss difference over 10 steps", relative("loss"), 1e-3)
      report(variant, "worst relative norm difference over 10 steps", relative("gradientNorm"), 1e-3)
      report(variant, "worst relative learning rate difference", relative("learningRate"), 1e-6)
    })

    it("decodes to the same ids", async () => {
      const sources = examples.map(({ source }) => words(source))
      // Fewer rows than sources, so that lengths are sorted and a last batch is partly empty.
      const decoding = generate({
        checkpoint,
        sources,
        batchSize: 3,
        maxNewTokens: 16,
        maxSourceTokens: 64,
        threads: 1,
      })
      let result = await decoding.next()
      while (result.done !== true) result = await decoding.next()
      const expectedTexts = reference.greedy.map((ids) => tokenizer.decode(ids))
      assert.deepStrictEqual(result.value.map(({ text }) => text), expectedTexts)
      assert.deepStrictEqual(result.value.map(({ tokens }) => tokens), reference.greedy.map((ids) => ids.length))
      assert.deepStrictEqual(
        result.value.map(({ finished }) => finished),
        reference.greedy.map((ids) => ids.at(-1) === 1),
      )
    })
  })
}
