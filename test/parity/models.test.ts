import { assert, describe, it } from "@effect/vitest"
import { decays } from "../../models/architectures/architecture.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import { type Decoding, GREEDY, resolveDecoding } from "../../models/generation/decoding.ts"
import { decodingOf } from "../../models/generation/from-config.ts"
import { generateEncoded } from "../../models/generation/generate.ts"
import type { Engine, TensorData } from "../../models/ir/program.ts"
import { batchOf } from "../../models/training/batches.ts"
import {
  type BatchShape,
  logitsProgram,
  portName,
  trainedShapes,
  trainingProgram,
} from "../../models/training/programs.ts"
import { finetuneEncoded, type TrainingStep } from "../../models/training/trainer.ts"
import { jsEngine } from "../models/engines/tensorflow/support.ts"
import { relativeDifference, worstDifference } from "../models/support.ts"
import {
  architectureOfVariant,
  examplesOf,
  expectedOf,
  modelOf,
  type Reference,
  referenceOf,
  variants,
} from "./reference.ts"

const limits = { logits: 1e-4, loss: 1e-5, gradient: 1e-3, steps: 1e-3 }

const engines: readonly (readonly [string, () => Promise<Engine>])[] = [
  ["onnxruntime", () => Promise.resolve(onnxEngine)],
  ["tensorflow on tfjs's own backend", jsEngine],
]

const run = async (
  engine: Engine,
  program: ReturnType<typeof logitsProgram>,
  inputs: ReadonlyMap<string, TensorData>,
  outputs: ReadonlyMap<string, TensorData>,
): Promise<void> => {
  const session = await engine.compile(program, { threads: 1 })
  await session.run(session.bind(inputs, outputs))
  await session.release()
}

const report = (variant: string, engine: string, figures: Readonly<Record<keyof typeof limits, number>>): void => {
  const told = (Object.keys(limits) as readonly (keyof typeof limits)[]).map((name) =>
    `${name} ${figures[name].toExponential(1)}`
  )
  console.log(`parity ${variant.padEnd(16)} ${engine.padEnd(33)} ${told.join("  ")}`)
  for (const [name, limit] of Object.entries(limits)) {
    assert.isAtMost(figures[name as keyof typeof limits], limit, `${variant}: ${name}`)
  }
}

for (const [engineName, makeEngine] of engines) {
  describe(`against Hugging Face transformers, with ${engineName}`, () => {
    it.each(variants)("%s: logits, loss, every gradient, ten AdamW steps", async (variant) => {
      const engine = await makeEngine()
      const reference = referenceOf(variant)
      const expected = expectedOf(variant)
      const model = modelOf(variant)
      const { architecture, weights } = model
      const examples = examplesOf(reference)
      const longest = (length: (example: (typeof examples)[number]) => number): number =>
        Math.max(...examples.map(length))
      const joined = architecture.kind === "decoder-only"
      const shape: BatchShape = {
        batch: examples.length,
        source: longest(({ source, target }) => joined ? source.length + target.length : source.length),
        target: longest(({ target }) => target.length),
      }
      const batch = batchOf(architecture, shape)
      batch.write(examples, 1)
      const inputs = new Map<string, TensorData>(batch.inputs)
      for (const [name, { data }] of weights.tensors) inputs.set(name, data)

      // A decoder-only model gives the logits of the positions that it is asked for; the reference has those of all.
      const all: BatchShape = joined ? { ...shape, target: shape.source } : shape
      const rows = Int32Array.from({ length: all.batch * all.target }, (_, row) => row)
      // The batch leaves out the last token of each target, which nothing is predicted from.
      const ids = Int32Array.from(inputs.get("source ids") ?? [])
      if (joined) {
        examples.forEach(({ source, target }, row) => ids.set([...source, ...target], row * shape.source))
        inputs.set("rows", rows).set("source ids", ids)
      }
      const logits = new Float32Array(rows.length * architecture.vocabulary)
      await run(engine, logitsProgram(architecture, all), inputs, new Map([["logits", logits]]))
      // What stands at padding is of no meaning.
      const theirs = expected.get("logits") ?? new Float32Array()
      assert.strictEqual(theirs.length, logits.length)
      const real = examples.flatMap(({ source, target }, row) => {
        const start = row * all.target * architecture.vocabulary
        const length = joined ? source.length + target.length : target.length
        const part = (data: Float32Array) => data.subarray(start, start + length * architecture.vocabulary)
        return worstDifference(part(logits), part(theirs))
      })

      for (const [name, data] of batch.inputs) inputs.set(name, data)
      const loss = new Float32Array(1)
      const outputs = new Map<string, TensorData>([["loss", loss]])
      const gradients = new Map([...trainedShapes(architecture).keys()].map((name) => {
        const data = new Float32Array(weights.tensors.get(name)?.data.length ?? 0)
        outputs.set(portName.gradient(name), data)
        return [name, data] as const
      }))
      const { program } = trainingProgram(architecture, shape, { dropout: 0, accumulate: false })
      await run(engine, program, inputs, outputs)
      let gradient = 0
      for (const [name, data] of gradients) {
        const reference_ = expected.get(name)
        assert(reference_ !== undefined, name)
        const zero = reference.zeroGradients.includes(name)
        const difference = zero ? worstDifference(data, reference_) : relativeDifference(data, reference_)
        assert.isAtMost(difference, limits.gradient, name)
        gradient = Math.max(gradient, difference)
      }

      const { optimizer } = reference
      const steps: TrainingStep[] = []
      const training = finetuneEncoded({
        model,
        examples,
        duration: { maxSteps: optimizer.steps },
        batchSize: examples.length,
        accumulation: 1,
        learningRate: optimizer.learning_rate,
        warmupRatio: optimizer.warmup_ratio,
        weightDecay: optimizer.weight_decay,
        clipNorm: optimizer.clip_norm,
        dropout: 0,
        seed: 3,
        maxSourceTokens: 28,
        maxTargetTokens: 13,
        engine,
        threads: 1,
      })
      for await (const step of training) steps.push(step)
      assert.strictEqual(steps.length, reference.steps.length)
      const relative = (field: "loss" | "gradientNorm" | "learningRate"): number =>
        Math.max(...steps.map((step, index) => {
          const theirs = reference.steps[index]?.[field] ?? Number.NaN
          return Math.abs(step[field] - theirs) / Math.max(Math.abs(theirs), 1e-9)
        }))
      report(variant, engineName, {
        logits: Math.max(...real),
        loss: Math.abs((loss[0] ?? Number.NaN) - reference.loss),
        gradient,
        steps: relative("loss"),
      })
      // Rounding differences of tiny gradients are brought to full size by Adam: norms part before losses do.
      assert.isAtMost(relative("gradientNorm"), 5e-3)
      assert.isAtMost(relative("learningRate"), 1e-6)
    })

    it.each(variants)("%s: the same ids from greedy decoding", async (variant) => {
      const { greedy } = referenceOf(variant)
      assert.deepStrictEqual(await generated(await makeEngine(), variant, GREEDY), greedy)
    })

    it.each(variants)("%s: the same ids from beam searches", async (variant) => {
      await searchesAgree(await makeEngine(), variant, referenceOf(variant).beam4)
    })
  })
}

describe("against Hugging Face transformers, under other settings of decoding", () => {
  // They act on scores, whatever engine computed them.
  it.each(variants)("%s: the same ids", async (variant) => {
    await searchesAgree(onnxEngine, variant, referenceOf(variant).searches)
  })
})

const searchesAgree = async (engine: Engine, variant: string, searches: Reference["searches"]): Promise<void> => {
  for (const [name, { settings, ids }] of Object.entries(searches)) {
    const { max_length: maxLength, ...rest } = settings
    const found = await generated(engine, variant, resolveDecoding(decodingOf({}, rest), { maxLength }))
    assert.deepStrictEqual(found.map((row, source) => ids[source] === null ? null : row), ids, name)
  }
}

/** The new ids of a variant's sources; in fewer rows than sources, so that lengths are sorted and a last batch is partly empty. */
const generated = async (engine: Engine, variant: string, decoding: Decoding) => {
  const { sources } = referenceOf(variant)
  const generation = generateEncoded({
    model: modelOf(variant),
    sources,
    batchSize: 3,
    maxNewTokens: 16,
    maxSourceTokens: Math.max(...sources.map((source) => source.length)),
    decoding,
    engine,
    threads: 1,
  })
  let result = await generation.next()
  while (result.done !== true) result = await generation.next()
  return result.value
}

describe("weight decay", () => {
  it.each(variants)("%s: spares what Hugging Face's Trainer spares", (variant) => {
    const { parameters } = architectureOfVariant(variant)
    const spared = [...parameters].flatMap(([name, parameter]) =>
      parameter.buffer === true || decays(name, parameter) ? [] : [name]
    )
    assert.deepStrictEqual(spared.sort(), [...referenceOf(variant).noDecay].sort())
  })
})
