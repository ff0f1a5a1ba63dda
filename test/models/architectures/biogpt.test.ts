import { assert, describe, it } from "@effect/vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { decays } from "../../../models/architectures/architecture.ts"
import { architectureOf } from "../../../models/architectures/biogpt.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { initialise, type Weights } from "../../../models/architectures/weights.ts"
import { worstDifference } from "../support.ts"
import { continueByReading, continueBySteps, dropouts, logitsOf, trainedSize } from "./decoders.ts"

/** The architecture of a configuration without its model type. */
const biogpt = (config: Config) => architectureOf({ model_type: "biogpt", ...config })

const TINY = {
  vocab_size: 11,
  max_position_embeddings: 16,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 20,
  initializer_range: 0.5,
}
/** A tensor's name and shape. */
type Named = readonly [string, readonly number[]]

const IDS = [2, 3, 7, 4, 5, 9]

const weightsOf = (config: Readonly<Record<string, unknown>>): Weights =>
  initialise(biogpt(config).parameters, 7).tensors

/** Weights of which one tensor is other than in `weights`. */
const changed = (weights: Weights, name: string, change: (value: number, index: number) => number): Weights => {
  const tensor = weights.get(name)
  assert(tensor !== undefined, name)
  return new Map([...weights, [name, { ...tensor, data: tensor.data.map(change) }]])
}

const difference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  worstDifference(a.flat(), b.flat())

describe("a BioGPT's config.json", () => {
  it("gives the size and the ids of the published model", () => {
    assert.approximately(trainedSize(biogpt({})) / 1e6, 346.76, 0.005)
    const { padId, eosId, positions, blocks, heads, headWidth } = biogpt({})
    assert.deepStrictEqual([padId, eosId, positions, blocks, heads, headWidth], [1, 2, 1024, 24, 16, 64])
  })

  it("names tensors as Hugging Face does", () => {
    const norm = (name: string): readonly Named[] => [[`${name}.weight`, [12]], [`${name}.bias`, [12]]]
    const linear = (name: string, outputs: number, inputs: number): readonly Named[] => [
      [`${name}.weight`, [outputs, inputs]],
      [`${name}.bias`, [outputs]],
    ]
    const layer = (name: string): readonly Named[] => [
      ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((part) => linear(`${name}.self_attn.${part}`, 12, 12)),
      ...norm(`${name}.self_attn_layer_norm`),
      ...linear(`${name}.fc1`, 20, 12),
      ...linear(`${name}.fc2`, 12, 20),
      ...norm(`${name}.final_layer_norm`),
    ]
    const { parameters } = biogpt(TINY)
    const tied: readonly Named[] = [
      ["biogpt.embed_tokens.weight", [11, 12]],
      ["biogpt.embed_positions.weight", [18, 12]],
      ...layer("biogpt.layers.0"),
      ...layer("biogpt.layers.1"),
      ...norm("biogpt.layer_norm"),
    ]
    assert.deepStrictEqual([...parameters].map(([name, { shape }]): Named => [name, shape]), tied)
    const untied = biogpt({ ...TINY, tie_word_embeddings: false })
    assert.deepStrictEqual([...untied.parameters].map(([name, { shape }]): Named => [name, shape]), [
      ...tied,
      ["output_projection.weight", [11, 12]],
    ])
  })

  it("decays matrices and embeddings only", () => {
    for (const [name, parameter] of biogpt(TINY).parameters) {
      const matrix = /(embed_tokens|embed_positions|_proj|fc[12])\.weight$/.test(name)
      assert.strictEqual(decays(name, parameter), matrix, name)
    }
  })

  it("says how tensors start", () => {
    const { parameters } = biogpt({ ...TINY, initializer_range: 0.04 })
    const initial = (name: string) => parameters.get(`biogpt.${name}`)?.initial
    assert.deepStrictEqual(initial("embed_tokens.weight"), { deviation: 0.04, zeroRow: 1 })
    assert.deepStrictEqual(initial("embed_positions.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("layers.1.self_attn.out_proj.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("layers.1.fc2.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("layers.1.fc2.bias"), { fill: 0 })
    assert.deepStrictEqual(initial("layer_norm.weight"), { fill: 1 })
    assert.deepStrictEqual(initial("layer_norm.bias"), { fill: 0 })
  })

  it("is refused, by the field's name, where redag cannot honour it", () => {
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["layerdrop", { layerdrop: 0.1 }],
      ["is_encoder_decoder", { is_encoder_decoder: true }],
      ["add_cross_attention", { add_cross_attention: true }],
      ["hidden_act", { hidden_act: "tanh" }],
      ["num_attention_heads", { num_attention_heads: 5 }],
      ["num_hidden_layers", { num_hidden_layers: 0 }],
      ["hidden_size", { hidden_size: "12" }],
      ["activation_dropout", { activation_dropout: -0.1 }],
      ["pad_token_id", { pad_token_id: 11 }],
      ["eos_token_id", { eos_token_id: null }],
    ]
    for (const [field, change] of refused) {
      assert.throws(() => biogpt({ ...TINY, ...change }), UnsupportedConfig, `config.json: ${field}:`)
    }
  })

  it("says which checkpoint tensors are no parameters", () => {
    const { redundant, prefix, copies } = biogpt(TINY)
    assert.strictEqual(prefix, "biogpt.")
    assert.deepStrictEqual([...copies], [["biogpt.embed_tokens.weight", ["output_projection.weight"]]])
    for (
      const name of ["embed_positions.weight", "output_projection.weight", "biogpt.embed_tokens.weight", "score.weight"]
    ) {
      assert.isFalse(redundant(name), name)
    }
    assert.strictEqual(biogpt({ ...TINY, tie_word_embeddings: false }).copies.size, 0)
  })
})

describe("a BioGPT", () => {
  it("drops where Hugging Face's does", () => {
    const config = {
      ...TINY,
      hidden_dropout_prob: 0.1,
      attention_probs_dropout_prob: 0.2,
      activation_dropout: 0.3,
    }
    const layer = [0.2, 0.1, 0.3, 0.1]
    assert.deepStrictEqual(dropouts(biogpt(config)), [0.1, ...layer, ...layer])
  })

  it("reads no token that comes later", async () => {
    const before = await logitsOf(biogpt(TINY), weightsOf(TINY), IDS)
    const after = await logitsOf(biogpt(TINY), weightsOf(TINY), IDS.with(4, 8))
    assert.isBelow(difference(before.slice(0, 4), after.slice(0, 4)), 1e-6)
    for (const row of [4, 5]) assert.isAbove(difference(before.slice(row, row + 1), after.slice(row, row + 1)), 0.01)
  })

  it("reads a position's embedding from the second row behind it", async () => {
    const weights = weightsOf(TINY)
    const logits = await logitsOf(biogpt(TINY), weights, IDS)
    const without = (rows: (row: number) => boolean): Weights =>
      changed(weights, "biogpt.embed_positions.weight", (value, index) => rows(Math.floor(index / 12)) ? 0 : value)
    const unread = await logitsOf(biogpt(TINY), without((row) => row < 2 || row >= 2 + IDS.length), IDS)
    assert.deepStrictEqual(unread, logits)
    for (const row of [2, 1 + IDS.length]) {
      assert.isAbove(difference(await logitsOf(biogpt(TINY), without((each) => each === row), IDS), logits), 0.01)
    }
  })

  it("multiplies embeddings, but not the head, by the root of the width unless it is told not to", async () => {
    const weights = weightsOf(TINY)
    const larger = changed(weights, "biogpt.embed_tokens.weight", (value) => value * Math.sqrt(12))
    const expected = (await logitsOf(biogpt({ ...TINY, scale_embedding: false }), larger, IDS)).map((row) =>
      row.map((value) => value / Math.sqrt(12))
    )
    assert.isBelow(difference(await logitsOf(biogpt(TINY), weights, IDS), expected), 1e-5)
  })

  it("does not read layer_norm_eps", async () => {
    const logits = await logitsOf(biogpt(TINY), weightsOf(TINY), IDS)
    assert.deepStrictEqual(await logitsOf(biogpt({ ...TINY, layer_norm_eps: 0.1 }), weightsOf(TINY), IDS), logits)
  })

  it("has a head of its own where its configuration unties it", async () => {
    const weights = weightsOf(TINY)
    const untied = biogpt({ ...TINY, tie_word_embeddings: false })
    const table = weights.get("biogpt.embed_tokens.weight")
    assert(table !== undefined)
    const copied = new Map([...weights, ["output_projection.weight", table]])
    const tiedLogits = await logitsOf(biogpt(TINY), weights, IDS)
    assert.isBelow(difference(await logitsOf(untied, copied, IDS), tiedLogits), 1e-6)
    const doubled = await logitsOf(untied, changed(copied, "output_projection.weight", (value) => 2 * value), IDS)
    assert.isBelow(difference(doubled, tiedLogits.map((row) => row.map((value) => 2 * value))), 1e-5)
  })

  it("continues prompts of unlike lengths from memory as from reading all again", async () => {
    const prompts = [IDS, [7, 3], [8], [0, 6, 6, 3]]
    const read = await continueByReading(biogpt(TINY), weightsOf(TINY), prompts, 5)
    assert.isAbove(new Set(read.flat()).size, 3)
    assert.deepStrictEqual(await continueBySteps(biogpt(TINY), weightsOf(TINY), prompts, 5), read)
  })
})
