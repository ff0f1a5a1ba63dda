import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { InvalidOption } from "../../../models/ir/options.ts"
import { MemoryShort, requireMemory } from "../../../models/memory/plan.ts"
import { generationRequirement, keptGraphsThatFit, trainingRequirement } from "../../../models/memory/requirements.ts"
import { encodeExamples } from "../../../models/training/batches.ts"
import { copyOfExperiment } from "../../rig/experiment.ts"
import { slowly } from "../../rig/often.ts"
import { architectureOf, readDescription } from "../reading.ts"

const t5Large = architectureOf({
  model_type: "t5",
  vocab_size: 32128,
  d_model: 1024,
  d_kv: 64,
  d_ff: 4096,
  num_layers: 24,
  num_heads: 16,
  pad_token_id: 0,
  eos_token_id: 1,
})

const options = {
  duration: { epochs: 1 },
  batchSize: 1,
  accumulation: 32,
  learningRate: 5e-5,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: "model",
  seed: 0,
  maxSourceTokens: 512,
  maxTargetTokens: 128,
  engine: onnxEngine,
  threads: 2,
} as const

/** So many examples of one length. */
const examples = (count: number, source: number, target: number) =>
  Array.from({ length: count }, () => ({
    source: Array.from({ length: source }, () => 5),
    target: Array.from({ length: target }, () => 5),
  }))

describe("what a training will need", () => {
  it("is told before anything is allocated, with its parts, and refused where it is not there", () => {
    const need = trainingRequirement(t5Large, examples(2, 512, 128), { ...options, batchSize: 4 })
    // 737.7M weights, their gradients and two moments, of four bytes each.
    assert.approximately(need.parts["weights"] ?? 0, 2.95e9, 0.01e9)
    assert.approximately(need.parts["moments"] ?? 0, 5.9e9, 0.01e9)
    assert.isAbove(need.bytes, 16 * 737.7e6)
    requireMemory(need, need.bytes)
    assert.throws(
      () => requireMemory(need, 9e9),
      MemoryShort,
      /^t5 of 737\.7M parameters, full finetuning, batch 4 × 512 \+ 128 tokens: needs about \d+\.\d GB \(weights 3\.0, .*\), this machine has 9\.0 free$/u,
    )
  })

  it("grows with the batch, with the length of texts and with the number of lengths", () => {
    const bytes = (batchSize: number, ...rows: readonly (readonly [count: number, source: number])[]): number =>
      trainingRequirement(t5Large, rows.flatMap(([count, source]) => examples(count, source, 64)), {
        ...options,
        batchSize,
      })
        .bytes
    assert.isAbove(bytes(2, [4, 256]), bytes(1, [4, 256]))
    assert.isAbove(bytes(1, [4, 512]), bytes(1, [4, 256]))
    assert.isAbove(bytes(1, [2, 512], [2, 128]), bytes(1, [4, 512]))
  })

  it("is less for generation than for training", () => {
    const generation = generationRequirement(t5Large, { batch: 1, beams: 1, source: 512, capacity: 128 })
    assert.isBelow(generation.bytes, trainingRequirement(t5Large, examples(1, 512, 128), options).bytes)
    assert.isAbove(generation.bytes, 2 * 2.9e9)
  })
})

describe("the graphs that a training keeps", () => {
  const files = new Map(["config.json", "tokenizer.json"].map((name) => {
    return [name, join(import.meta.dirname, "../../../bundled/models/bart", name)]
  }))
  const { architecture, tokenizer } = readDescription(files)
  const texts = Array.from({ length: 6 }, (_, index) => ({
    source: "aspirin ".repeat(10 + 40 * index),
    target: "aspirin",
  }))
  const mini = { ...options, maxSourceTokens: 256, maxTargetTokens: 128 }
  const encoded = encodeExamples(architecture, tokenizer, texts, mini)

  it("are as many as fit, at least one", () => {
    const kept = (available: number): number => keptGraphsThatFit(architecture, encoded, mini, available)
    assert.strictEqual(kept(1e12), 6)
    const counts = [3e8, 2e8, 1.5e8].map(kept)
    assert.deepStrictEqual(counts, counts.toSorted((a, b) => b - a))
    assert.isBelow(counts.at(-1) ?? 6, 6)
    assert.throws(() => kept(5e7), MemoryShort)
  })

  it("are not asked for where the options make no sense", () => {
    const asked = (changes: object) => () => keptGraphsThatFit(architecture, encoded, { ...mini, ...changes })
    assert.throws(asked({ maxSourceTokens: 512 }), InvalidOption, /maxSourceTokens is 512, and this bart has 256/u)
    assert.throws(asked({ batchSize: 0 }), InvalidOption, /batchSize is 0/u)
    assert.throws(() => keptGraphsThatFit(architecture, [], mini), InvalidOption, /examples is empty/u)
  })
})

describe("a node that needs more memory than the machine has", () => {
  slowly("fails with what it needs and what there is", async () => {
    const project = copyOfExperiment()
    try {
      project.edit(
        "experiment/graph/learn.ts",
        "start: { from: \"pretrained\" }",
        "start: { from: \"random\", seed: 0 }",
      )
      project.edit(
        "experiment/graph/models.ts",
        "[\"config.json\", \"tokenizer.json\", \"model.safetensors\"]",
        "[\"config.json\", \"tokenizer.json\"]",
      )
      project.edit("bundled/models/t5/config.json", "\"d_ff\": 256", "\"d_ff\": 268435456")
      const ended = await project.dag("run", "finetune/t5-mini/cdr/16/seed0", "--profile", "demo")
      assert.strictEqual(ended.code, 1)
      assert.match(
        ended.stdout + ended.stderr,
        /t5 of \d+\.\dM parameters, full finetuning, batch 8 × \d+ \+ \d+ tokens: needs about \d+\.\d GB/u,
      )
      assert.match(ended.stdout + ended.stderr, /take smaller batches/u)
      assert.notMatch(ended.stderr, /\n +at /u)
    } finally {
      project.remove()
    }
  })
})
