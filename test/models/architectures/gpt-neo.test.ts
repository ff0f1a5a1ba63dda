import { assert, describe, it } from "@effect/vitest"
import type { Config } from "../../../models/architectures/architecture.ts"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { architectureOf } from "../../../models/architectures/gpt-neo.ts"
import { initialise, type Weights } from "../../../models/architectures/weights.ts"
import { worstDifference } from "../support.ts"
import { continueByReading, continueBySteps, dropouts, logitsOf, trainedSize } from "./decoders.ts"

/** The architecture of a configuration without its model type. */
const gptNeo = (config: Config) => architectureOf({ model_type: "gpt_neo", ...config })

const TINY = {
  vocab_size: 11,
  max_position_embeddings: 16,
  hidden_size: 12,
  num_layers: 3,
  num_heads: 3,
  attention_types: [[["local"], 2], [["global"], 1]],
  window_size: 3,
  eos_token_id: 10,
  initializer_range: 0.5,
}
const IDS = [3, 1, 4, 1, 5, 9]

const weightsOf = (config: Readonly<Record<string, unknown>>): Weights =>
  initialise(gptNeo(config).parameters, 7).tensors

const difference = (a: readonly number[] | undefined, b: readonly number[] | undefined): number =>
  worstDifference(a ?? [], b ?? [Number.NaN])

describe("a GPT-Neo's config.json", () => {
  it("gives the sizes of the published models", () => {
    const large = { hidden_size: 2560, num_layers: 32, num_heads: 20, attention_types: [[["global", "local"], 16]] }
    const small = { hidden_size: 768, num_layers: 12, num_heads: 12, attention_types: [[["global", "local"], 6]] }
    assert.approximately(trainedSize(gptNeo(small)) / 1e6, 125.2, 0.05)
    assert.approximately(trainedSize(gptNeo({})) / 1e6, 1315.58, 0.005)
    assert.approximately(trainedSize(gptNeo(large)) / 1e6, 2651.31, 0.005)
  })

  it("names tensors as Hugging Face does, linear weights [outputs, inputs]", () => {
    const attention_types = [[["local"], 1]]
    const { parameters, positions, blocks, heads, headWidth } = gptNeo({
      ...TINY,
      num_layers: 1,
      attention_types,
      intermediate_size: 20,
    })
    assert.deepStrictEqual([positions, blocks, heads, headWidth], [16, 1, 3, 4])
    assert.deepStrictEqual([...parameters].map(([name, { shape }]) => [name, shape]), [
      ["transformer.wte.weight", [11, 12]],
      ["transformer.wpe.weight", [16, 12]],
      ["transformer.h.0.ln_1.weight", [12]],
      ["transformer.h.0.ln_1.bias", [12]],
      ["transformer.h.0.attn.attention.k_proj.weight", [12, 12]],
      ["transformer.h.0.attn.attention.v_proj.weight", [12, 12]],
      ["transformer.h.0.attn.attention.q_proj.weight", [12, 12]],
      ["transformer.h.0.attn.attention.out_proj.weight", [12, 12]],
      ["transformer.h.0.attn.attention.out_proj.bias", [12]],
      ["transformer.h.0.ln_2.weight", [12]],
      ["transformer.h.0.ln_2.bias", [12]],
      ["transformer.h.0.mlp.c_fc.weight", [20, 12]],
      ["transformer.h.0.mlp.c_fc.bias", [20]],
      ["transformer.h.0.mlp.c_proj.weight", [12, 20]],
      ["transformer.h.0.mlp.c_proj.bias", [12]],
      ["transformer.ln_f.weight", [12]],
      ["transformer.ln_f.bias", [12]],
    ])
  })

  it("draws all matrices alike, what is added to the residual sum too", () => {
    const { parameters } = gptNeo({ ...TINY, initializer_range: 0.03 })
    for (const [name, { shape, initial }] of parameters) {
      const expected = shape.length > 1 ? { deviation: 0.03 } : { fill: /ln_\w+\.weight$/u.test(name) ? 1 : 0 }
      assert.deepStrictEqual(initial, expected, name)
    }
  })

  it("may use the names that all models share", () => {
    const { num_layers, num_heads, ...others } = TINY
    const renamed = gptNeo({ ...others, num_hidden_layers: num_layers, num_attention_heads: num_heads })
    assert.deepStrictEqual(renamed.parameters, gptNeo(TINY).parameters)
    assert.strictEqual(renamed.heads, 3)
  })

  it("pads with the end of text unless it names a padding token", () => {
    assert.deepStrictEqual([gptNeo({}).eosId, gptNeo({}).padId], [50256, 50256])
    assert.strictEqual(gptNeo({ ...TINY, pad_token_id: 0 }).padId, 0)
  })

  it("is refused, by the field's name, where redag cannot honour it", () => {
    const refused: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
      ["attention_types", { attention_types: [[["global", "local"], 1]] }],
      ["attention_types", { attention_types: [[["global"], 1e15]] }],
      ["attention_types", { attention_types: undefined }],
      ["attention_types.0.0.1", { attention_types: [[["global", "sparse", "local"], 1]] }],
      ["attention_types.0", { attention_types: [["global", 3]] }],
      ["window_size", { window_size: 0 }],
      ["activation_function", { activation_function: "mish" }],
      ["num_heads", { num_heads: 5 }],
      ["resid_dropout", { resid_dropout: -0.1 }],
      ["num_hidden_layers", { num_hidden_layers: 4 }],
      ["eos_token_id", { eos_token_id: 50256 }],
      ["pad_token_id", { pad_token_id: 11 }],
    ]
    for (const [field, change] of refused) {
      const config = Object.fromEntries(
        Object.entries({ ...TINY, ...change }).filter(([, value]) => value !== undefined),
      )
      assert.throws(() => gptNeo(config), UnsupportedConfig, `config.json: ${field}`)
    }
  })

  it("says which checkpoint tensors are no parameters", () => {
    const { redundant, prefix, copies } = gptNeo(TINY)
    assert.deepStrictEqual([...copies], [["transformer.wte.weight", ["lm_head.weight"]]])
    assert.strictEqual(prefix, "transformer.")
    const masks = ["h.0.attn.attention.bias", "transformer.h.31.attn.attention.masked_bias"]
    for (const name of masks) assert.isTrue(redundant(name), name)
    for (const name of ["transformer.h.0.attn.attention.out_proj.bias", "h.0.attn.bias", "score.weight"]) {
      assert.isFalse(redundant(name), name)
    }
    assert.strictEqual(gptNeo({ ...TINY, tie_word_embeddings: false }).copies.size, 0)
  })
})

describe("a GPT-Neo", () => {
  it("drops where Hugging Face's does", () => {
    const config = { ...TINY, embed_dropout: 0.1, attention_dropout: 0.2, resid_dropout: 0.3 }
    assert.deepStrictEqual(dropouts(gptNeo(config)), [0.1, ...[0, 1, 2].flatMap(() => [0.2, 0.3, 0.3])])
    assert.deepStrictEqual(dropouts(gptNeo(TINY)), [])
  })

  it("sees a window of tokens, the token itself among them, in local blocks", async () => {
    const local = { ...TINY, num_layers: 1, attention_types: [[["local"], 1]] }
    const weights = weightsOf(local)
    // How much the logits at each position change with the token at position 1.
    const changes = async (config: Readonly<Record<string, unknown>>): Promise<readonly boolean[]> => {
      const before = await logitsOf(gptNeo(config), weights, IDS)
      const after = await logitsOf(gptNeo(config), weights, IDS.with(1, 8))
      return before.map((row, position) => difference(row, after[position]) > 1e-3)
    }
    assert.deepStrictEqual(await changes(local), [false, true, true, true, false, false])
    assert.deepStrictEqual(await changes({ ...local, window_size: 1 }), [false, true, false, false, false, false])
    assert.deepStrictEqual(await changes({ ...local, window_size: 20 }), [false, true, true, true, true, true])
    const global = { ...local, attention_types: [[["global"], 1]] }
    assert.deepStrictEqual(await changes(global), [false, true, true, true, true, true])
  })

  it("repeats each list of attention types as a whole", async () => {
    const base = { ...TINY, num_layers: 4 }
    const weights = weightsOf({ ...base, attention_types: [[["local"], 4]] })
    const logits = async (attention_types: unknown): Promise<readonly number[]> =>
      (await logitsOf(gptNeo({ ...base, attention_types }), weights, IDS)).flat()
    const alternating = await logits([[["global", "local"], 2]])
    const spelled = await logits([[["global"], 1], [["local"], 1], [["global"], 1], [["local"], 1]])
    assert.deepStrictEqual(alternating, spelled)
    assert.isAbove(difference(alternating, await logits([[["global"], 2], [["local"], 2]])), 0.01)
  })

  it("has a head of its own where its configuration unties it", async () => {
    const weights = weightsOf(TINY)
    const table = weights.get("transformer.wte.weight")
    assert(table !== undefined)
    const doubled = new Map([...weights, ["lm_head.weight", { ...table, data: table.data.map((value) => 2 * value) }]])
    const untied = await logitsOf(gptNeo({ ...TINY, tie_word_embeddings: false }), doubled, IDS)
    const tied = await logitsOf(gptNeo(TINY), weights, IDS)
    assert.isBelow(difference(untied.flat(), tied.flat().map((value) => 2 * value)), 1e-5)
  })

  it("continues prompts of unlike lengths from memory as from reading all again", async () => {
    // Windows that end within memory, between memory and the new tokens, and within the new tokens.
    const prompts = [IDS, [7, 2], [8], [0, 6, 6, 3]]
    for (const window_size of [1, 2, 3, 7, 50]) {
      const config = { ...TINY, window_size }
      const read = await continueByReading(gptNeo(config), weightsOf(config), prompts, 5)
      assert.isAbove(new Set(read.flat()).size, 3)
      assert.deepStrictEqual(
        await continueBySteps(gptNeo(config), weightsOf(config), prompts, 5),
        read,
        `${window_size}`,
      )
    }
  })
})
