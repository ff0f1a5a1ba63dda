import { afterAll, assert, describe, it } from "@effect/vitest"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Architecture } from "../../../models/architectures/architecture.ts"
import { CopiesDiffer, initialise, type Tensor, WeightsMismatch } from "../../../models/architectures/weights.ts"
import { openWeights } from "../../../models/checkpoints/files.ts"
import { writeSafetensors } from "../../../models/checkpoints/safetensors-writer.ts"
import { readWeights } from "../../../models/checkpoints/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import type { TensorData } from "../../../models/ir/program.ts"
import { batchOf } from "../../../models/training/batches.ts"
import { logitsProgram } from "../../../models/training/programs.ts"
import { caseFile, casesMissing, skipReason } from "../cases.ts"
import { architectureOf } from "../reading.ts"
import { tinyT5, worstDifference } from "../support.ts"
import { checkWeights } from "./support.ts"

const folder = mkdtempSync(join(tmpdir(), "redag-copies-"))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0

const written = (tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, string> => {
  const path = join(folder, `${files++}.safetensors`)
  writeFileSync(path, writeSafetensors(tensors))
  return new Map([["model.safetensors", path]])
}

const bart = {
  model_type: "bart",
  vocab_size: 11,
  max_position_embeddings: 8,
  d_model: 4,
  encoder_layers: 1,
  decoder_layers: 1,
  encoder_attention_heads: 2,
  decoder_attention_heads: 2,
  encoder_ffn_dim: 6,
  decoder_ffn_dim: 6,
}
const gpt2 = { vocab_size: 11, n_positions: 8, n_embd: 4, n_layer: 1, n_head: 2, eos_token_id: 2 }
const gptNeo = {
  vocab_size: 11,
  max_position_embeddings: 8,
  hidden_size: 4,
  num_layers: 1,
  num_heads: 2,
  attention_types: [[["global"], 1]],
  eos_token_id: 2,
}
const biogpt = {
  vocab_size: 11,
  max_position_embeddings: 8,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 6,
}

/** Tied models: their configuration, the table, and the copies of it that a checkpoint may hold instead. */
const tied = [
  ["t5", { ...tinyT5, vocab_size: 11 }, "shared.weight", [
    "encoder.embed_tokens.weight",
    "decoder.embed_tokens.weight",
    "lm_head.weight",
  ]],
  ["bart", bart, "model.shared.weight", [
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "encoder.embed_tokens.weight",
    "lm_head.weight",
  ]],
  ["gpt2", { model_type: "gpt2", ...gpt2 }, "transformer.wte.weight", ["lm_head.weight"]],
  ["gpt_neo", { model_type: "gpt_neo", ...gptNeo }, "transformer.wte.weight", ["lm_head.weight"]],
  ["biogpt", { model_type: "biogpt", ...biogpt }, "biogpt.embed_tokens.weight", ["output_projection.weight"]],
] as const

/** A model's tensors with the table under other names. */
const renamed = (tensors: ReadonlyMap<string, Tensor>, table: string, names: ReadonlyArray<string>) => {
  const found = tensors.get(table)
  assert(found !== undefined)
  const others = [...tensors].filter(([name]) => name !== table)
  return new Map([...others, ...names.map((name) => [name, found] as const)])
}

describe("a table that the output head shares", () => {
  it.each(tied)("%s: is found under the name of any copy, and beside equal ones", (_, config, table, copies) => {
    const architecture = architectureOf(config)
    const weights = initialise(architecture.parameters, 3)
    const layouts = [...copies.map((copy) => [copy]), [...copies], [table, ...copies]]
    for (const names of layouts) {
      const stored = written(renamed(weights.tensors, table, names))
      checkWeights(stored, architecture)
      assert.deepStrictEqual(readWeights(stored, architecture), weights, names.join(" "))
    }
  })

  it.each(tied)("%s: is found among names that lack their prefix", (_, config, table, copies) => {
    const architecture = architectureOf(config)
    const weights = initialise(architecture.parameters, 3)
    const { prefix, parameters } = architecture
    const short = (name: string): string => name.slice(name.startsWith(prefix) ? prefix.length : 0)
    for (const copy of copies) {
      const named = renamed(weights.tensors, table, [copy])
      const bare = [...named].filter(([name]) => parameters.get(name)?.buffer !== true)
        .map(([name, tensor]) => [short(name), tensor] as const)
      assert.deepStrictEqual(readWeights(written(new Map(bare)), architecture), weights, copy)
    }
  })

  it.each(tied)("%s: is looked for under every name", (_, config, table, copies) => {
    const architecture = architectureOf(config)
    const stored = written(renamed(initialise(architecture.parameters, 3).tensors, table, []))
    for (const read of [checkWeights, readWeights]) {
      const error = failure(() => read(stored, architecture))
      assert.instanceOf(error, WeightsMismatch)
      for (const name of [table, ...copies]) assert.include(error.message, name)
    }
  })

  it.each(tied)("%s: is refused where a copy holds other values, or has another shape", (_, config, table, copies) => {
    const architecture = architectureOf(config)
    const { tensors } = initialise(architecture.parameters, 3)
    const found = tensors.get(table)
    assert(found !== undefined)
    const data = Float32Array.from(found.data)
    data[5] = (data[5] ?? 0) + 1
    data[9] = (data[9] ?? 0) - 1
    for (const copy of copies) {
      const other = written(new Map([...tensors, [copy, { shape: found.shape, data }]]))
      const width = found.shape[1] ?? 0
      const longer = written(
        new Map([...tensors, [copy, { shape: [12, width], data: new Float32Array(12 * width) }]]),
      )
      for (const read of [checkWeights, readWeights]) {
        const error = failure(() => read(other, architecture))
        assert.instanceOf(error, CopiesDiffer)
        assert.include(error.message, `the weights hold ${table} and ${copy}`)
        assert.include(error.message, "they differ in 2 values")
        const misshapen = failure(() => read(longer, architecture))
        assert.instanceOf(misshapen, WeightsMismatch)
        assert.include(misshapen.message, `${copy}: [12,`)
      }
    }
  })

  it("is no copy of a head that the configuration unties", () => {
    const config = { ...tinyT5, vocab_size: 11, tie_word_embeddings: false }
    const weights = initialise(architectureOf(config).parameters, 3)
    assert.deepStrictEqual(readWeights(written(weights.tensors), architectureOf(config)), weights)
  })

  it("may be untied of a T5 whose outputs are scaled all the same, as transformers 5 loads another head", async () => {
    const tiedT5 = architectureOf({ ...tinyT5, vocab_size: 11 })
    const untied = { ...tinyT5, vocab_size: 11, tie_word_embeddings: false }
    const weights = initialise(tiedT5.parameters, 3)
    const shared = weights.tensors.get("shared.weight")
    assert(shared !== undefined)
    const stored = written(new Map([...weights.tensors, ["lm_head.weight", shared]]))
    const example = { source: [3, 4, 1], target: [5, 1] }
    const expected = await logitsOf(tiedT5, stored, example)
    const scaled = architectureOf({ ...untied, scale_decoder_outputs: true })
    assert.isAtMost(worstDifference(await logitsOf(scaled, stored, example), expected), 1e-6)
    const plain = await logitsOf(architectureOf(untied), stored, example)
    assert.isAtMost(worstDifference(plain.map((value) => value * 8 ** -0.5), expected), 1e-6)
  })
})

const failure = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

interface Tokens {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** Logits after each token that the decoder reads: of a decoder-only model, after each of source and target. */
const logitsOf = async (architecture: Architecture, stored: ReadonlyMap<string, string>, example: Tokens) => {
  const joined = architecture.kind === "decoder-only"
  const all = [...example.source, ...example.target]
  const shape = joined
    ? { batch: 1, source: all.length, target: all.length }
    : { batch: 1, source: example.source.length, target: example.target.length }
  const batch = batchOf(architecture, shape)
  batch.write([example], 1)
  const inputs = new Map<string, TensorData>(batch.inputs)
  if (joined) inputs.set("source ids", Int32Array.from(all)).set("rows", Int32Array.from(all.keys()))
  for (const [name, { data }] of readWeights(stored, architecture).tensors) inputs.set(name, data)
  const logits = new Float32Array(shape.target * architecture.vocabulary)
  const session = await onnxEngine.compile(logitsProgram(architecture, shape), { threads: 1 })
  await session.run(session.bind(inputs, new Map([["logits", logits]])))
  await session.release()
  return logits
}

describe.skipIf(casesMissing !== undefined)(`against transformers 5.24${skipReason}`, () => {
  const names = [
    "t5-odd~only-embed-tokens",
    "bart-odd~only-decoder-embed",
    "bart-odd~only-lm_head",
    "gpt2-odd~only-lm_head",
  ]
  it.each(names)("%s: the logits of a table stored under a copy's name alone", async (name) => {
    const text = (file: string): unknown => JSON.parse(readFileSync(caseFile(name, file), "utf8"))
    const { s: source, t: target } = text("var.json") as { readonly s: number[]; readonly t: number[] }
    const architecture = architectureOf(text("config.json") as Readonly<Record<string, unknown>>)
    const stored = new Map([["model.safetensors", caseFile(name, "model.safetensors")]])
    const logits = await logitsOf(architecture, stored, { source, target })
    const reference = openWeights(new Map([["model.safetensors", caseFile(name, "expected.bin_")]]))
    const expected = new Float32Array(logits.length)
    reference.tensors.get("logits")?.read(expected)
    reference.close()
    assert.isAtMost(worstDifference(logits, expected), 1e-4)
  })
})
