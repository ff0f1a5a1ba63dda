import { assert, describe, it } from "@effect/vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { decays } from "../../../models/architectures/architecture.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { architectureOf, t5Bucket } from "../../../models/architectures/t5.ts"
import { initialise } from "../../../models/architectures/weights.ts"
import { dropouts, trainedSize } from "./decoders.ts"

/** The architecture of a configuration without its model type. */
const t5 = (config: Config) => architectureOf({ model_type: "t5", ...config })

// The heads' joint width, 15, is not the model's.
const TINY = {
  vocab_size: 11,
  d_model: 12,
  d_kv: 5,
  d_ff: 20,
  num_layers: 1,
  num_decoder_layers: 2,
  num_heads: 3,
  relative_attention_num_buckets: 8,
  relative_attention_max_distance: 20,
  pad_token_id: 0,
  eos_token_id: 1,
}
const GATED = { ...TINY, feed_forward_proj: "gated-gelu", tie_word_embeddings: false }
/** A tensor's name and shape. */
type Named = readonly [string, readonly number[]]

/** Where the bucket changes, from relative position -200 to 200: each position with the bucket from there. */
const changes = (buckets: number, maxDistance: number, bidirectional: boolean): string => {
  const found: string[] = []
  let last = -1
  for (let relative = -200; relative <= 200; relative++) {
    const bucket = t5Bucket({ buckets, maxDistance }, relative, bidirectional)
    if (bucket !== last) found.push(`${relative}:${bucket}`)
    last = bucket
  }
  return found.join(" ")
}

describe("a T5's config.json", () => {
  it("gives the sizes of the published models", () => {
    const all = { vocab_size: 32128, d_kv: 64, pad_token_id: 0, eos_token_id: 1, decoder_start_token_id: 0 }
    const small = { ...all, d_model: 512, d_ff: 2048, num_layers: 6, num_heads: 8 }
    const base = { ...all, d_model: 768, d_ff: 3072, num_layers: 12, num_heads: 12 }
    const large = { ...all, d_model: 1024, d_ff: 4096, num_layers: 24, num_heads: 16 }
    const flan = { ...all, d_model: 512, d_ff: 1024, num_layers: 8, num_decoder_layers: 8, num_heads: 6 }
    const gated = { feed_forward_proj: "gated-gelu", is_gated_act: true, dense_act_fn: "gelu_new" }
    assert.approximately(trainedSize(t5(small)) / 1e6, 60.51, 0.005)
    assert.approximately(trainedSize(t5(base)) / 1e6, 222.9, 0.005)
    assert.approximately(trainedSize(t5(large)) / 1e6, 737.67, 0.005)
    assert.approximately(trainedSize(t5({ ...flan, ...gated, tie_word_embeddings: false })) / 1e6, 76.96, 0.005)
  })

  it("names tensors as Hugging Face does", () => {
    const attention = (name: string, biased: boolean): readonly Named[] => [
      [`${name}.q.weight`, [15, 12]],
      [`${name}.k.weight`, [15, 12]],
      [`${name}.v.weight`, [15, 12]],
      [`${name}.o.weight`, [12, 15]],
      ...biased ? [[`${name}.relative_attention_bias.weight`, [8, 3]]] satisfies readonly Named[] : [],
    ]
    const norm = (name: string): Named => [`${name}.layer_norm.weight`, [12]]
    const feedForward = (name: string, inner: readonly string[]): readonly Named[] => [
      ...inner.map((wi): Named => [`${name}.DenseReluDense.${wi}.weight`, [20, 12]]),
      [`${name}.DenseReluDense.wo.weight`, [12, 20]],
      norm(name),
    ]
    const all = (inner: readonly string[]): readonly Named[] => [
      ["shared.weight", [11, 12]],
      ...attention("encoder.block.0.layer.0.SelfAttention", true),
      norm("encoder.block.0.layer.0"),
      ...feedForward("encoder.block.0.layer.1", inner),
      ["encoder.final_layer_norm.weight", [12]],
      ...[0, 1].flatMap((block) => [
        ...attention(`decoder.block.${block}.layer.0.SelfAttention`, block === 0),
        norm(`decoder.block.${block}.layer.0`),
        ...attention(`decoder.block.${block}.layer.1.EncDecAttention`, false),
        norm(`decoder.block.${block}.layer.1`),
        ...feedForward(`decoder.block.${block}.layer.2`, inner),
      ]),
      ["decoder.final_layer_norm.weight", [12]],
    ]
    const named = (config: Readonly<Record<string, unknown>>): readonly Named[] =>
      [...t5(config).parameters].map(([name, { shape }]) => [name, shape])
    assert.deepStrictEqual(named(TINY), all(["wi"]))
    assert.deepStrictEqual(named(GATED), [...all(["wi_0", "wi_1"]), ["lm_head.weight", [11, 12]]])
    const { positions, blocks, heads, headWidth, prefix } = t5(TINY)
    assert.deepStrictEqual([positions, blocks, heads, headWidth, prefix], [undefined, 2, 3, 5, ""])
  })

  it("decays all but norms and position biases", () => {
    for (const [name, parameter] of t5(GATED).parameters) {
      assert.strictEqual(decays(name, parameter), !/(norm|relative_attention_bias)\.weight$/.test(name), name)
    }
  })

  it("draws tensors by their inputs, and norms start at the factor", () => {
    const { tensors } = initialise(t5({ ...TINY, d_kv: 64, d_ff: 768, initializer_factor: 0.5 }).parameters, 7)
    const near = (name: string, expected: number, tolerance: number): void => {
      const data = tensors.get(name)?.data ?? new Float32Array()
      const deviation = Math.sqrt(data.reduce((total, value) => total + value * value, 0) / data.length)
      assert.approximately(deviation / expected, 1, tolerance, name)
    }
    const attention = "decoder.block.1.layer.0.SelfAttention"
    near("shared.weight", 0.5, 0.2)
    near(`${attention}.q.weight`, 0.5 / Math.sqrt(12 * 64), 0.1)
    near(`${attention}.k.weight`, 0.5 / Math.sqrt(12), 0.1)
    near(`${attention}.v.weight`, 0.5 / Math.sqrt(12), 0.1)
    near(`${attention}.o.weight`, 0.5 / Math.sqrt(3 * 64), 0.1)
    near("encoder.block.0.layer.1.DenseReluDense.wi.weight", 0.5 / Math.sqrt(12), 0.1)
    near("encoder.block.0.layer.1.DenseReluDense.wo.weight", 0.5 / Math.sqrt(768), 0.1)
    assert.deepStrictEqual(new Set(tensors.get("encoder.final_layer_norm.weight")?.data), new Set([0.5]))
  })

  it("t5-config-without-pad-eos: has transformers' defaults for what is not said", () => {
    const { pad_token_id: _, eos_token_id: __, ...without } = TINY
    const { padId, eosId, decoderStartId } = t5({ ...without, decoder_start_token_id: 0 })
    assert.deepStrictEqual([padId, eosId, decoderStartId], [0, 1, 0])
    assert.strictEqual(t5(without).decoderStartId, 0)
    const small = t5({})
    assert.deepStrictEqual(small.parameters.get("shared.weight")?.shape, [32128, 512])
    assert.deepStrictEqual([small.blocks, small.heads, small.headWidth], [6, 8, 64])
    assert.approximately(trainedSize(small) / 1e6, 60.51, 0.005)
  })

  it("starts the decoder with padding, and has as many layers there, unless it says otherwise", () => {
    const { num_decoder_layers: _, ...even } = TINY
    assert.deepStrictEqual([t5(even).decoderStartId, t5(even).blocks], [0, 1])
    assert.strictEqual(t5({ ...even, num_decoder_layers: null }).blocks, 1)
    assert.strictEqual(t5({ ...TINY, decoder_start_token_id: 4 }).decoderStartId, 4)
  })

  it("is refused, by the field's name, where redag cannot honour it", () => {
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["feed_forward_proj", { feed_forward_proj: "gated-silu" }],
      ["is_gated_act", { is_gated_act: true }],
      ["dense_act_fn", { dense_act_fn: "gelu_new" }],
      ["dense_act_fn", { feed_forward_proj: "gated-gelu", dense_act_fn: "gelu" }],
      ["relative_attention_num_buckets", { relative_attention_num_buckets: 6 }],
      ["vocab_size", { vocab_size: 0 }],
      ["d_model", { d_model: 0 }],
      ["num_layers", { num_layers: "1" }],
      ["num_decoder_layers", { num_decoder_layers: 0 }],
      ["dropout_rate", { dropout_rate: 1 }],
      ["pad_token_id", { pad_token_id: 11 }],
      ["eos_token_id", { eos_token_id: -1 }],
      ["decoder_start_token_id", { decoder_start_token_id: 11 }],
    ]
    for (const [field, change] of refused) {
      assert.throws(() => t5({ ...TINY, ...change }), UnsupportedConfig, `config.json: ${field}:`)
    }
  })

  it("says which checkpoint tensors are no parameters", () => {
    const { redundant, copies } = t5(TINY)
    const embeddings = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
    assert.deepStrictEqual([...copies], [["shared.weight", [...embeddings, "lm_head.weight"]]])
    assert.deepStrictEqual([...t5(GATED).copies], [["shared.weight", embeddings]])
    assert.isTrue(redundant("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"))
    assert.isFalse(redundant("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"))
    assert.isFalse(redundant("shared.weight"))
  })
})

describe("a T5", () => {
  it("drops where Hugging Face's does", () => {
    // Embeddings and ends of both stacks; attention twice for each; inside and after a feed-forward layer.
    const [encoder, decoder] = [1 + 2 + 2 + 1, 1 + 2 * (2 + 2 + 2) + 1]
    const all = (rate: number): readonly number[] => Array.from({ length: encoder + decoder }, () => rate)
    assert.deepStrictEqual(dropouts(t5({ ...TINY, dropout_rate: 0.25 })), all(0.25))
    assert.deepStrictEqual(dropouts(t5(GATED)), all(0.1))
    assert.deepStrictEqual(dropouts(t5({ ...TINY, dropout_rate: 0 })), [])
  })

  // By transformers 5.23's `_relative_position_bucket`.
  it("puts positions before and behind into buckets", () => {
    assert.strictEqual(
      changes(32, 128, true),
      "-200:15 -90:14 -63:13 -45:12 -31:11 -22:10 -15:9 -11:8 -7:7 -6:6 -5:5 -4:4 -3:3 -2:2 -1:1 0:0 "
        + "1:17 2:18 3:19 4:20 5:21 6:22 7:23 8:24 12:25 16:26 23:27 32:28 46:29 64:30 91:31",
    )
    assert.strictEqual(changes(8, 20, true), "-200:3 -6:2 -1:1 0:0 1:5 2:6 7:7")
  })

  it("puts positions before into all buckets where none are behind", () => {
    assert.strictEqual(
      changes(32, 128, false),
      "-200:31 -112:30 -98:29 -86:28 -76:27 -66:26 -58:25 -51:24 -45:23 -39:22 -34:21 -30:20 -26:19 -23:18 -20:17 -18:16 "
        + "-15:15 -14:14 -13:13 -12:12 -11:11 -10:10 -9:9 -8:8 -7:7 -6:6 -5:5 -4:4 -3:3 -2:2 -1:1 0:0",
    )
    assert.strictEqual(changes(8, 20, false), "-200:7 -13:6 -8:5 -5:4 -3:3 -2:2 -1:1 0:0")
  })
})
