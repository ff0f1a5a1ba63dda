import { assert, describe, it } from "@effect/vitest"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type Checkpoint,
  checkpointFromBytes,
  checkpointToBytes,
  checkpointWithRandomWeights,
  readCheckpoint,
  writeCheckpoint,
} from "../../models/checkpoint.ts"
import { writeSafetensors } from "../../models/safetensors.ts"
import { parseT5Config, UnsupportedConfig } from "../../models/t5-config.ts"
import { initialise } from "../../models/t5-parameters.ts"
import { t5Bucket } from "../../models/t5.ts"
import { WeightsMismatch } from "../../models/weights.ts"
import { wordTokenizer } from "./support.ts"

const json = {
  model_type: "t5",
  architectures: ["T5ForConditionalGeneration"],
  vocab_size: 8,
  d_model: 16,
  d_kv: 4,
  d_ff: 32,
  num_layers: 1,
  num_heads: 2,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
}
const config = parseT5Config(json)
const checkpoint: Checkpoint = { config, tokenizer: wordTokenizer(["a", "b"]), weights: initialise(config, 1) }

describe("checkpoint", () => {
  it("comes back from a folder with every field of its configuration, byte for byte", async () => {
    const folder = await mkdtemp(join(tmpdir(), "redag-checkpoint-"))
    try {
      await writeCheckpoint(join(folder, "new"), checkpoint)
      assert.deepStrictEqual((await readdir(join(folder, "new"))).sort(), [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
      ])
      const read = await readCheckpoint(join(folder, "new"))
      assert.deepStrictEqual(read.config, config)
      assert.deepStrictEqual(checkpointToBytes(read), checkpointToBytes(checkpoint))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it("keeps the text of its configuration, where 1.0 is not 1", () => {
    const config = new TextEncoder().encode(JSON.stringify(json).replace("}", ",\"initializer_factor\":1.0}"))
    const read = checkpointFromBytes({ ...checkpointToBytes(checkpoint), config })
    assert.deepStrictEqual(checkpointToBytes(read).config, config)
  })

  it("refuses a configuration it cannot honour, naming the field", () => {
    const wrong: readonly (readonly [object | string, string])[] = [
      ["{", "config.json"],
      ["null", "config.json"],
      [{ ...json, model_type: "bart" }, "model_type"],
      [{ ...json, feed_forward_proj: "gated-silu" }, "feed_forward_proj"],
      [{ ...json, d_model: 0 }, "d_model"],
      [{ ...json, num_heads: "2" }, "num_heads"],
      [{ ...json, eos_token_id: 99 }, "eos_token_id"],
      [{ ...json, relative_attention_num_buckets: 6 }, "relative_attention_num_buckets"],
    ]
    for (const [content, field] of wrong) {
      try {
        parseT5Config(content)
        assert.fail(`accepted a wrong ${field}`)
      } catch (error) {
        assert.instanceOf(error, UnsupportedConfig)
        assert.strictEqual(error.field, field)
      }
    }
  })

  it("refuses weights that do not fit, naming them", () => {
    const weights = new Map(checkpoint.weights)
    weights.delete("encoder.final_layer_norm.weight")
    weights.set("shared.weight", { shape: [4, 16], data: new Float32Array(64) })
    weights.set("extra", { shape: [1], data: new Float32Array(1) })
    const files = { ...checkpointToBytes(checkpoint), weights: writeSafetensors(weights) }
    try {
      checkpointFromBytes(files)
      assert.fail("accepted")
    } catch (error) {
      assert.instanceOf(error, WeightsMismatch)
      assert.deepStrictEqual(error.missing, ["encoder.final_layer_norm.weight"])
      assert.deepStrictEqual(error.unexpected, ["extra"])
      assert.deepStrictEqual(error.misshapen, ["shared.weight: [4,16], not [8,16]"])
    }
  })

  it("refuses a tokenizer that does not end a text with the model's EOS", () => {
    const other = { ...checkpoint, config: { ...config, text: JSON.stringify({ ...json, eos_token_id: 2 }) } }
    assert.throws(() => checkpointFromBytes(checkpointToBytes(other)), UnsupportedConfig, /is 2, and .* with 1$/u)
  })

  it("refuses a tokenizer with more ids than the model", () => {
    const tokenizer = wordTokenizer(["a", "b", "c", "d", "e", "f"])
    assert.throws(
      () => checkpointFromBytes(checkpointToBytes({ ...checkpoint, tokenizer })),
      UnsupportedConfig,
      /vocab_size/u,
    )
  })
})

describe("initialise", () => {
  it("makes a checkpoint of a configuration and a tokenizer alone", () => {
    const { config, tokenizer } = checkpointToBytes(checkpoint)
    const made = checkpointWithRandomWeights({ config, tokenizer }, 1)
    assert.deepStrictEqual(checkpointToBytes(made), checkpointToBytes(checkpoint))
  })

  it("gives the same weights for a seed and others for another", () => {
    assert.deepStrictEqual(initialise(config, 1), checkpoint.weights)
    assert.notDeepEqual(initialise(config, 2), checkpoint.weights)
  })

  it("follows the deviations of Hugging Face's T5", () => {
    const large = initialise(parseT5Config({ ...json, vocab_size: 500, d_model: 64, d_ff: 256 }), 3)
    const deviation = (name: string): number => {
      const data = large.get(name)?.data ?? new Float32Array()
      return Math.sqrt(data.reduce((total, value) => total + value * value, 0) / data.length)
    }
    const at = "decoder.block.0.layer"
    assert.approximately(deviation("shared.weight"), 1, 0.03)
    assert.approximately(deviation(`${at}.0.SelfAttention.q.weight`), (64 * 4) ** -0.5, 0.006)
    assert.approximately(deviation(`${at}.1.EncDecAttention.k.weight`), 64 ** -0.5, 0.01)
    assert.approximately(deviation(`${at}.2.DenseReluDense.wo.weight`), 256 ** -0.5, 0.003)
    assert.strictEqual(deviation("encoder.final_layer_norm.weight"), 1)
  })
})

describe("relative position buckets", () => {
  it("are exact near by, logarithmic further on, and capped", () => {
    const standard = parseT5Config({
      ...json,
      relative_attention_num_buckets: 32,
      relative_attention_max_distance: 128,
    })
    const both = [-200, -127, -16, -15, -8, -7, -1, 0, 1, 7, 8, 16, 64, 200].map((at) => t5Bucket(standard, at, true))
    assert.deepStrictEqual(both, [15, 15, 10, 9, 8, 7, 1, 0, 17, 23, 24, 26, 30, 31])
    const back = [-200, -64, -16, -15, -1, 0, 5].map((at) => t5Bucket(standard, at, false))
    assert.deepStrictEqual(back, [31, 26, 16, 15, 1, 0, 0])
  })
})
