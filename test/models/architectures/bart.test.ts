import { assert, describe, it } from "@effect/vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { decays, MASKED } from "../../../models/architectures/architecture.ts"
import { architectureOf } from "../../../models/architectures/bart.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { initialise, type Weights } from "../../../models/architectures/weights.ts"
import { logitsProgram, portName, trainingProgram } from "../../../models/training/programs.ts"
import { evaluate, worstDifference } from "../support.ts"
import { dropouts, trainedSize } from "./decoders.ts"

/** The architecture of a configuration without its model type. */
const bart = (config: Config) => architectureOf({ model_type: "bart", ...config })

// Encoder and decoder differ wherever they may.
const TINY = {
  vocab_size: 11,
  max_position_embeddings: 16,
  d_model: 12,
  encoder_layers: 1,
  encoder_attention_heads: 2,
  encoder_ffn_dim: 20,
  decoder_layers: 2,
  decoder_attention_heads: 3,
  decoder_ffn_dim: 28,
  init_std: 0.5,
}
/** A tensor's name and shape. */
type Named = readonly [string, readonly number[]]

const SOURCE = [0, 3, 7, 4, 2]
const TARGET = [2, 0, 5, 9]

/** Logits at each position of TARGET, of which there are as many as the vocabulary. */
const logitsOf = async (
  config: Readonly<Record<string, unknown>>,
  weights: Weights,
  ids: { readonly source?: readonly number[]; readonly padding?: number; readonly target?: readonly number[] } = {},
): Promise<readonly Float32Array[]> => {
  const { source = SOURCE, padding = 0, target = TARGET } = ids
  const shape = { batch: 1, source: source.length, target: target.length }
  const { graph, outputs } = logitsProgram(bart(config), shape)
  const { logits } = await evaluate(graph, Object.fromEntries(outputs), {
    ...Object.fromEntries([...weights].map(([name, { data }]) => [name, data])),
    "source ids": Int32Array.from(source),
    "source mask": new Float32Array(source.length).fill(MASKED, source.length - padding),
    "decoder ids": Int32Array.from(target),
  })
  assert(logits instanceof Float32Array)
  return target.map((_, row) => logits.subarray(row * TINY.vocab_size, (row + 1) * TINY.vocab_size))
}

const weightsOf = (config: Readonly<Record<string, unknown>>): Weights => initialise(bart(config).parameters, 7).tensors

/** Weights of which one tensor is other than in `weights`. */
const changed = (weights: Weights, name: string, change: (value: number, index: number) => number): Weights => {
  const tensor = weights.get(name)
  assert(tensor !== undefined, name)
  return new Map([...weights, [name, { ...tensor, data: tensor.data.map(change) }]])
}

const difference = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  Math.max(...a.map((row, index) => worstDifference(row, b[index] ?? [])))

describe("a BART's config.json", () => {
  it("gives the sizes of the published models, which have a buffer besides", () => {
    const base = {
      d_model: 768,
      encoder_layers: 6,
      encoder_attention_heads: 12,
      encoder_ffn_dim: 3072,
      decoder_layers: 6,
      decoder_attention_heads: 12,
      decoder_ffn_dim: 3072,
    }
    assert.approximately(trainedSize(bart(base)) / 1e6, 139.42, 0.005)
    assert.approximately(trainedSize(bart({})) / 1e6, 406.29, 0.005)
    const { padId, eosId, decoderStartId, positions } = bart({})
    assert.deepStrictEqual([padId, eosId, decoderStartId, positions], [1, 2, 2, 1024])
  })

  it("names tensors as Hugging Face does", () => {
    const { parameters, positions, blocks, heads, headWidth } = bart(TINY)
    assert.deepStrictEqual([positions, blocks, heads, headWidth], [16, 2, 3, 4])
    const norm = (name: string): readonly Named[] => [[`${name}.weight`, [12]], [`${name}.bias`, [12]]]
    const linear = (name: string, outputs: number, inputs: number): readonly Named[] => [
      [`${name}.weight`, [outputs, inputs]],
      [`${name}.bias`, [outputs]],
    ]
    const attention = (name: string): readonly Named[] => [
      ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((part) => linear(`${name}.${part}`, 12, 12)),
      ...norm(`${name}_layer_norm`),
    ]
    const feedForward = (name: string, inner: number): readonly Named[] => [
      ...linear(`${name}.fc1`, inner, 12),
      ...linear(`${name}.fc2`, 12, inner),
      ...norm(`${name}.final_layer_norm`),
    ]
    const begin = (side: string): readonly Named[] => [
      [`model.${side}.embed_positions.weight`, [18, 12]],
      ...norm(`model.${side}.layernorm_embedding`),
    ]
    assert.deepStrictEqual([...parameters].map(([name, { shape }]): Named => [name, shape]), [
      ["model.shared.weight", [11, 12]],
      ...begin("encoder"),
      ...attention("model.encoder.layers.0.self_attn"),
      ...feedForward("model.encoder.layers.0", 20),
      ...begin("decoder"),
      ...[0, 1].flatMap((layer) => [
        ...attention(`model.decoder.layers.${layer}.self_attn`),
        ...attention(`model.decoder.layers.${layer}.encoder_attn`),
        ...feedForward(`model.decoder.layers.${layer}`, 28),
      ]),
      ["final_logits_bias", [1, 11]],
    ])
  })

  it("decays matrices and embeddings only", () => {
    for (const [name, parameter] of bart(TINY).parameters) {
      const matrix = /(shared|embed_positions|_proj|fc[12])\.weight$/.test(name)
      assert.strictEqual(decays(name, parameter), matrix, name)
    }
  })

  it("says how tensors start", () => {
    const { tensors } = initialise(bart({ ...TINY, vocab_size: 400, init_std: 0.04 }).parameters, 7)
    const deviation = (values: Float32Array): number =>
      Math.sqrt(values.reduce((total, value) => total + value * value, 0) / values.length)
    const data = (name: string): Float32Array => tensors.get(name)?.data ?? new Float32Array()
    const shared = data("model.shared.weight")
    assert.approximately(deviation(shared), 0.04, 0.002)
    assert.deepStrictEqual([...shared.subarray(12, 24)], Array.from({ length: 12 }, () => 0))
    assert.isTrue(shared.subarray(0, 12).every((value) => value !== 0))
    assert.approximately(deviation(data("model.decoder.embed_positions.weight")), 0.04, 0.008)
    assert.approximately(deviation(data("model.encoder.layers.0.fc1.weight")), 0.04, 0.008)
    assert.isTrue(data("model.encoder.layers.0.fc1.bias").every((value) => value === 0))
    assert.isTrue(data("model.decoder.layers.1.final_layer_norm.weight").every((value) => value === 1))
    assert.isTrue(data("model.decoder.layers.1.final_layer_norm.bias").every((value) => value === 0))
    assert.deepStrictEqual([...data("final_logits_bias")], Array.from({ length: 400 }, () => 0))
  })

  it("may use the names that all models share", () => {
    const { d_model, encoder_layers, encoder_attention_heads, ...others } = TINY
    const renamed = bart({
      ...others,
      hidden_size: d_model,
      num_hidden_layers: encoder_layers,
      num_attention_heads: encoder_attention_heads,
    })
    assert.deepStrictEqual(renamed.parameters, bart(TINY).parameters)
    assert.strictEqual(renamed.blocks, 2)
  })

  it("may hold the fields of the first releases with the values that BART had", () => {
    const old = {
      normalize_before: false,
      add_final_layer_norm: false,
      normalize_embedding: true,
      static_position_embeddings: false,
      extra_pos_embeddings: 2,
      encoder_layerdrop: 0,
      decoder_layerdrop: 0,
      is_encoder_decoder: true,
      is_decoder: false,
      tie_word_embeddings: true,
      add_bias_logits: false,
      num_beams: 4,
    }
    assert.deepStrictEqual(bart({ ...TINY, ...old }).parameters, bart(TINY).parameters)
  })

  it("is refused, by the field's name, where redag cannot honour it", () => {
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["tie_word_embeddings", { tie_word_embeddings: false }],
      ["is_decoder", { is_decoder: true }],
      ["is_encoder_decoder", { is_encoder_decoder: false }],
      ["encoder_layerdrop", { encoder_layerdrop: 0.1 }],
      ["decoder_layerdrop", { decoder_layerdrop: 0.1 }],
      ["normalize_before", { normalize_before: true }],
      ["add_final_layer_norm", { add_final_layer_norm: true }],
      ["normalize_embedding", { normalize_embedding: false }],
      ["static_position_embeddings", { static_position_embeddings: true }],
      ["extra_pos_embeddings", { extra_pos_embeddings: 0 }],
      ["activation_function", { activation_function: "tanh" }],
      ["encoder_attention_heads", { encoder_attention_heads: 5 }],
      ["decoder_attention_heads", { decoder_attention_heads: 5 }],
      ["hidden_size", { hidden_size: 24 }],
      ["d_model", { d_model: 0 }],
      ["decoder_layers", { decoder_layers: "2" }],
      ["dropout", { dropout: 1 }],
      ["scale_embedding", { scale_embedding: 1 }],
      ["pad_token_id", { pad_token_id: 11 }],
      ["eos_token_id", { eos_token_id: [2] }],
      ["decoder_start_token_id", { decoder_start_token_id: -1 }],
    ]
    for (const [field, change] of refused) {
      assert.throws(() => bart({ ...TINY, ...change }), UnsupportedConfig, `config.json: ${field}:`)
    }
  })

  it("says which checkpoint tensors are no parameters", () => {
    const { redundant, prefix, copies } = bart(TINY)
    assert.strictEqual(prefix, "model.")
    const sides = ["model.encoder", "model.decoder", "encoder", "decoder"]
    const embeddings = sides.map((side) => `${side}.embed_tokens.weight`)
    assert.deepStrictEqual([...copies], [["model.shared.weight", [...embeddings, "lm_head.weight"]]])
    for (const side of sides) assert.isTrue(redundant(`${side}.version`), side)
    for (const name of ["encoder.embed_positions.weight", "model.shared.weight", "classification_head.dense.weight"]) {
      assert.isFalse(redundant(name), name)
    }
  })
})

describe("a BART", () => {
  it("drops where Hugging Face's does", () => {
    const config = { ...TINY, dropout: 0.1, attention_dropout: 0.2, activation_dropout: 0.3 }
    const feedForward = [0.3, 0.1]
    const encoder = [0.1, 0.2, 0.1, ...feedForward]
    const decoderLayer = [0.2, 0.1, 0.2, 0.1, ...feedForward]
    assert.deepStrictEqual(dropouts(bart(config)), [...encoder, 0.1, ...decoderLayer, ...decoderLayer])
  })

  it("reads neither the source's padding nor a target token that comes later", async () => {
    const weights = weightsOf(TINY)
    const logits = await logitsOf(TINY, weights)
    const padded = await logitsOf(TINY, weights, { source: [...SOURCE, 1, 8], padding: 2 })
    assert.isBelow(difference(padded, logits), 1e-5)
    const longer = await logitsOf(TINY, weights, { source: [...SOURCE, 1, 8] })
    assert.isAbove(difference(longer, logits), 0.01)
    const after = await logitsOf(TINY, weights, { target: TARGET.with(2, 6) })
    assert.isBelow(difference(after.slice(0, 2), logits.slice(0, 2)), 1e-6)
    for (const row of [2, 3]) assert.isAbove(difference(after.slice(row, row + 1), logits.slice(row, row + 1)), 0.01)
  })

  it("reads a position's embedding from the second row behind it", async () => {
    const weights = weightsOf(TINY)
    const logits = await logitsOf(TINY, weights)
    for (const [side, length] of [["encoder", SOURCE.length], ["decoder", TARGET.length]] as const) {
      const name = `model.${side}.embed_positions.weight`
      const without = (rows: (row: number) => boolean): Weights =>
        changed(weights, name, (value, index) => rows(Math.floor(index / 12)) ? 0 : value)
      const unread = await logitsOf(TINY, without((row) => row < 2 || row >= 2 + length))
      assert.deepStrictEqual(unread, logits)
      for (const row of [2, 1 + length]) {
        assert.isAbove(
          difference(await logitsOf(TINY, without((each) => each === row)), logits),
          0.01,
          `${side} ${row}`,
        )
      }
    }
  })

  it("multiplies embeddings, but not the head, by the root of the width where it is told to", async () => {
    const scaled = { ...TINY, scale_embedding: true }
    const weights = weightsOf(TINY)
    const smaller = changed(weights, "model.shared.weight", (value) => value / Math.sqrt(12))
    const expected = (await logitsOf(TINY, weights)).map((row) => row.map((value) => value / Math.sqrt(12)))
    assert.isBelow(difference(await logitsOf(scaled, smaller), expected), 1e-5)
  })

  it("adds the final bias to the logits and does not train it", async () => {
    const weights = weightsOf(TINY)
    const logits = await logitsOf(TINY, weights)
    const biased = await logitsOf(TINY, changed(weights, "final_logits_bias", (_, index) => index / 4))
    assert.isBelow(difference(biased, logits.map((row) => row.map((value, index) => value + index / 4))), 1e-5)
    const shape = { batch: 1, source: 4, target: 4 }
    const { program } = trainingProgram(bart(TINY), shape, { dropout: 0, accumulate: false })
    assert.isFalse(program.outputs.has(portName.gradient("final_logits_bias")))
    assert.isTrue(program.outputs.has(portName.gradient("model.shared.weight")))
  })
})
