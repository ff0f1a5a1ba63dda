import { assert, beforeAll, describe, it } from "@effect/vitest"
import { onnxEngine } from "../../../../models/engines/onnx/engine.ts"
import { Decoder } from "../../../../models/generation/decoder.ts"
import { GREEDY } from "../../../../models/generation/decoding.ts"
import type { Engine, TensorData } from "../../../../models/ir/program.ts"
import { sizeOf } from "../../../../models/ir/shape.ts"
import { Random } from "../../../../models/kernels/random.ts"
import { batchOf } from "../../../../models/training/batches.ts"
import { portName, trainingProgram } from "../../../../models/training/programs.ts"
import { examplesOf, modelOf, referenceOf, variants } from "../../../parity/reference.ts"
import { relativeDifference, worstDifference } from "../../support.ts"
import { heldTensors, jsEngine } from "./support.ts"

// Without dropout and accumulation test/parity/ holds both engines against Hugging Face transformers.

let engine: Engine
beforeAll(async () => {
  engine = await jsEngine()
})

describe("models on tensorflow as on onnxruntime", () => {
  it.each(variants)("%s: two micro-batches with dropout, gradients accumulated in place", async (variant) => {
    const { architecture, weights } = modelOf(variant)
    const reference = referenceOf(variant)
    const examples = examplesOf(reference).slice(0, 2)
    const longest = (length: (example: (typeof examples)[number]) => number): number =>
      Math.max(...examples.map(length))
    const joined = architecture.kind === "decoder-only"
    const shape = {
      batch: 2,
      source: longest(({ source, target }) => joined ? source.length + target.length : source.length),
      target: longest(({ target }) => target.length),
    }
    const { program, masks } = trainingProgram(architecture, shape, { dropout: 0.3, accumulate: true })
    assert.isAbove(masks.size, 0)

    /** The outputs of two runs whose gradients lie in the arrays that they are added to. */
    const train = async (by: Engine): Promise<ReadonlyMap<string, Float32Array>> => {
      const batch = batchOf(architecture, shape)
      const inputs = new Map<string, TensorData>(batch.inputs)
      for (const [name, { data }] of weights.tensors) inputs.set(name, data)
      const outputs = new Map([["loss", new Float32Array(1)]])
      for (const [name, { data }] of weights.tensors) {
        if (!program.outputs.has(portName.gradient(name))) continue
        const total = new Float32Array(data.length)
        inputs.set(portName.accumulated(name), total)
        outputs.set(portName.gradient(name), total)
      }
      const random = new Random(17)
      const drawn = [...masks].map(([name, mask]) => [name, new Float32Array(sizeOf(mask.shape)), mask] as const)
      for (const [name, data] of drawn) inputs.set(name, data)
      const session = await by.compile(program, { threads: 1 })
      const binding = session.bind(inputs, outputs)
      for (const microBatch of examples.map((example) => [example])) {
        batch.write(microBatch, 2)
        for (const [, data, { probability }] of drawn) random.fillDropout(data, probability)
        await session.run(binding)
      }
      await session.release()
      return outputs
    }

    const [ours, theirs] = [await train(engine), await train(onnxEngine)]
    let apart = 0
    for (const [name, expected] of theirs) {
      const values = ours.get(name) ?? new Float32Array()
      const zero = reference.zeroGradients.some((parameter) => portName.gradient(parameter) === name)
      apart = Math.max(apart, zero ? worstDifference(values, expected) : relativeDifference(values, expected))
    }
    // Both are as far from the exact gradient: 1e-3 is what parity with Hugging Face allows.
    assert.isAtMost(apart, 1e-3)
  })

  it.each(variants)("%s: the same tokens, and no tensor left", async (variant) => {
    const model = modelOf(variant)
    const sources = referenceOf(variant).sources.slice(0, 2)
    const source = Math.max(...sources.map(({ length }) => length))
    const generate = async (by: Engine): Promise<readonly (readonly number[])[]> => {
      const shape = { batch: 2, beams: 1, source, capacity: 8 }
      const decoder = await Decoder.compile(by, { threads: 1 }, model, shape, GREEDY)
      const made = await decoder.decode(sources, source)
      await decoder.release()
      return made
    }
    const before = heldTensors()
    assert.deepStrictEqual(await generate(engine), await generate(onnxEngine))
    assert.strictEqual(heldTensors(), before)
  })
})
