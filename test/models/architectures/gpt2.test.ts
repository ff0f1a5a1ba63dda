import { assert, describe, it } from "@effect/vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { decays } from "../../../models/architectures/architecture.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { architectureOf } from "../../../models/architectures/gpt2.ts"
import { initialise, type Weights } from "../../../models/architectures/weights.ts"
import { worstDifference } from "../support.ts"
import { continueByReading, continueBySteps, dropouts, logitsOf, trainedSize } from "./decoders.ts"

/** The architecture of a configuration without its model type. */
const gpt2 = (config: Config) => architectureOf({ model_type: "gpt2", ...config })

const TINY = {
  vocab_size: 11,
  n_positions: 16,
  n_embd: 12,
  n_layer: 2,
  n_head: 3,
  eos_token_id: 10,
  initializer_range: 0.5,
}

/** A tensor's name and shape. */
type Named = readonly [string, readonly number[]]

const IDS = [3, 1, 4, 1, 5, 9]

const weightsOf = (config: Readonly<Record<string, unknown>>): Weights => initialise(gpt2(config).parameters, 7).tensors

/** Weights of which one tensor is other than in `weights`. */
const changed = (weights: Weights, name: string, change: (value: number, index: number) => number): Weights => {
  const tensor = weights.get(name)
  assert(tensor !== undefined, name)
  return new Map([...weights, [name, { ...tensor, data: tensor.data.map(change) }]])
}

const difference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number =>
  worstDifference(a.flat(), b.flat())

describe("a GPT-2's config.json", () => {
  it("gives the sizes of the published models", () => {
    const medium = { n_embd: 1024, n_layer: 24, n_head: 16 }
    const extraLarge = { n_embd: 1600, n_layer: 48, n_head: 25 }
    assert.approximately(trainedSize(gpt2({})) / 1e6, 124.44, 0.005)
    assert.approximately(trainedSize(gpt2(medium)) / 1e6, 354.82, 0.005)
    assert.approximately(trainedSize(gpt2(extraLarge)) / 1e6, 1557.61, 0.005)
  })

  it("names tensors as Hugging Face does, Conv1D weights [inputs, outputs]", () => {
    const { parameters, positions, blocks, heads, headWidth } = gpt2({ ...TINY, n_inner: 20 })
    assert.deepStrictEqual([positions, blocks, heads, headWidth], [16, 2, 3, 4])
    const block = (index: number): readonly Named[] => [
      [`transformer.h.${index}.ln_1.weight`, [12]],
      [`transformer.h.${index}.ln_1.bias`, [12]],
      [`transformer.h.${index}.attn.c_attn.weight`, [12, 36]],
      [`transformer.h.${index}.attn.c_attn.bias`, [36]],
      [`transformer.h.${index}.attn.c_proj.weight`, [12, 12]],
      [`transformer.h.${index}.attn.c_proj.bias`, [12]],
      [`transformer.h.${index}.ln_2.weight`, [12]],
      [`transformer.h.${index}.ln_2.bias`, [12]],
      [`transformer.h.${index}.mlp.c_fc.weight`, [12, 20]],
      [`transformer.h.${index}.mlp.c_fc.bias`, [20]],
      [`transformer.h.${index}.mlp.c_proj.weight`, [20, 12]],
      [`transformer.h.${index}.mlp.c_proj.bias`, [12]],
    ]
    assert.deepStrictEqual([...parameters].map(([name, { shape }]): Named => [name, shape]), [
      ["transformer.wte.weight", [11, 12]],
      ["transformer.wpe.weight", [16, 12]],
      ...block(0),
      ...block(1),
      ["transformer.ln_f.weight", [12]],
      ["transformer.ln_f.bias", [12]],
    ])
  })

  it("decays matrices and embeddings only", () => {
    const { parameters } = gpt2({ ...TINY, n_layer: 1 })
    const decayed = [...parameters].flatMap(([name, parameter]) => decays(name, parameter) ? [name] : [])
    assert.deepStrictEqual(decayed, [
      "transformer.wte.weight",
      "transformer.wpe.weight",
      "transformer.h.0.attn.c_attn.weight",
      "transformer.h.0.attn.c_proj.weight",
      "transformer.h.0.mlp.c_fc.weight",
      "transformer.h.0.mlp.c_proj.weight",
    ])
  })

  it("draws what is added to the residual sum smaller", () => {
    const { parameters } = gpt2({ n_layer: 8, initializer_range: 0.04 })
    const initial = (name: string) => parameters.get(`transformer.${name}`)?.initial
    assert.deepStrictEqual(initial("wte.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("wpe.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("h.7.attn.c_attn.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("h.7.mlp.c_fc.weight"), { deviation: 0.04 })
    assert.deepStrictEqual(initial("h.7.attn.c_proj.weight"), { deviation: 0.01 })
    assert.deepStrictEqual(initial("h.7.mlp.c_proj.weight"), { deviation: 0.01 })
    assert.deepStrictEqual(initial("h.7.mlp.c_proj.bias"), { fill: 0 })
    assert.deepStrictEqual(initial("ln_f.weight"), { fill: 1 })
    assert.deepStrictEqual(initial("ln_f.bias"), { fill: 0 })
  })

  it("may use the names that all models share", () => {
    const { n_embd, n_layer, n_head, n_positions, ...others } = TINY
    const renamed = gpt2({
      ...others,
      hidden_size: n_embd,
      num_hidden_layers: n_layer,
      num_attention_heads: n_head,
      max_position_embeddings: n_positions,
    })
    assert.deepStrictEqual(renamed.parameters, gpt2(TINY).parameters)
    assert.deepStrictEqual([renamed.positions, renamed.heads, renamed.headWidth], [16, 3, 4])
  })

  it("pads with the end of text unless it names a padding token", () => {
    assert.deepStrictEqual([gpt2({}).eosId, gpt2({}).padId], [50256, 50256])
    assert.strictEqual(gpt2({ ...TINY, pad_token_id: null }).padId, 10)
    assert.strictEqual(gpt2({ ...TINY, pad_token_id: 2 }).padId, 2)
  })

  it("is refused, by the field's name, where redag cannot honour it", () => {
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["add_cross_attention", { add_cross_attention: true }],
      ["activation_function", { activation_function: "quick_gelu" }],
      ["n_head", { n_head: 5 }],
      ["n_layer", { n_layer: 0 }],
      ["n_embd", { n_embd: "12" }],
      ["n_inner", { n_inner: 1.5 }],
      ["attn_pdrop", { attn_pdrop: 1 }],
      ["hidden_size", { hidden_size: 24 }],
      ["eos_token_id", { eos_token_id: 11 }],
      ["eos_token_id", { eos_token_id: null }],
      ["pad_token_id", { pad_token_id: -1 }],
    ]
    for (const [field, change] of refused) {
      assert.throws(() => gpt2({ ...TINY, ...change }), UnsupportedConfig, `config.json: ${field}:`)
    }
  })

  it("says which checkpoint tensors are no parameters", () => {
    const { redundant, prefix, copies } = gpt2(TINY)
    assert.strictEqual(prefix, "transformer.")
    assert.deepStrictEqual([...copies], [["transformer.wte.weight", ["lm_head.weight"]]])
    for (const name of ["h.0.attn.bias", "transformer.h.11.attn.bias", "h.3.attn.masked_bias"]) {
      assert.isTrue(redundant(name), name)
    }
    for (
      const name of ["h.0.attn.c_attn.bias", "transformer.h.0.attn.c_proj.bias", "h.0.attn.biases", "score.weight"]
    ) {
      assert.isFalse(redundant(name), name)
    }
    assert.strictEqual(gpt2({ ...TINY, tie_word_embeddings: false }).copies.size, 0)
  })
})

describe("a GPT-2", () => {
  it("drops where Hugging Face's does", () => {
    const config = { ...TINY, embd_pdrop: 0.1, attn_pdrop: 0.2, resid_pdrop: 0.3 }
    assert.deepStrictEqual(dropouts(gpt2(config)), [0.1, 0.2, 0.3, 0.3, 0.2, 0.3, 0.3])
  })

  it("reads no token that comes later", async () => {
    const before = await logitsOf(gpt2(TINY), weightsOf(TINY), IDS)
    const after = await logitsOf(gpt2(TINY), weightsOf(TINY), IDS.with(4, 8))
    assert.isBelow(difference(before.slice(0, 4), after.slice(0, 4)), 1e-6)
    assert.isAbove(difference(before.slice(4, 5), after.slice(4, 5)), 0.01)
    assert.isAbove(difference(before.slice(5), after.slice(5)), 0.01)
  })

  it("scales attention as its configuration says", async () => {
    const weights = weightsOf(TINY)
    const scaled = await logitsOf(gpt2(TINY), weights, IDS)
    // Scores that are not multiplied by 4^-½ are the same where queries are half as large.
    const halved = (block: number) => (value: number, index: number): number =>
      index % 36 < 12 ? value / 2 ** block : value
    const name = (block: number): string => `transformer.h.${block}.attn.c_attn.weight`
    const unscaled = gpt2({ ...TINY, scale_attn_weights: false })
    const small = changed(changed(weights, name(0), halved(1)), name(1), halved(1))
    assert.isBelow(difference(await logitsOf(unscaled, small, IDS), scaled), 1e-5)
    assert.isAbove(difference(await logitsOf(unscaled, weights, IDS), scaled), 0.01)
    // The second block's scores are halved.
    const byDepth = await logitsOf(gpt2({ ...TINY, scale_attn_by_inverse_layer_idx: true }), weights, IDS)
    assert.isBelow(difference(byDepth, await logitsOf(gpt2(TINY), changed(weights, name(1), halved(1)), IDS)), 1e-5)
    assert.isAbove(difference(byDepth, scaled), 0.01)
    const upcast = await logitsOf(gpt2({ ...TINY, reorder_and_upcast_attn: true }), weights, IDS)
    assert.deepStrictEqual(upcast, scaled)
  })

  it("has a head of its own where its configuration unties it", async () => {
    const weights = weightsOf(TINY)
    const untied = gpt2({ ...TINY, tie_word_embeddings: false })
    const table = weights.get("transformer.wte.weight")
    assert(table !== undefined)
    const copied = new Map([...weights, ["lm_head.weight", table]])
    const tiedLogits = await logitsOf(gpt2(TINY), weights, IDS)
    assert.isBelow(difference(await logitsOf(untied, copied, IDS), tiedLogits), 1e-6)
    const doubled = await logitsOf(untied, changed(copied, "lm_head.weight", (value) => 2 * value), IDS)
    assert.isBelow(difference(doubled, tiedLogits.map((row) => row.map((value) => 2 * value))), 1e-5)
  })

  it("continues prompts of unlike lengths from memory as from reading all again", async () => {
    const prompts = [IDS, [7, 2], [8], [0, 6, 6, 3]]
    const read = await continueByReading(gpt2(TINY), weightsOf(TINY), prompts, 5)
    assert.isAbove(new Set(read.flat()).size, 3)
    assert.deepStrictEqual(await continueBySteps(gpt2(TINY), weightsOf(TINY), prompts, 5), read)
  })
})
