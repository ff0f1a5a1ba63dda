import { assert, describe, it } from "@effect/vitest"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { architectures } from "../reading.ts"

/** The smallest configuration of each architecture. */
const configs = {
  t5: {
    vocab_size: 10,
    d_model: 8,
    d_kv: 4,
    d_ff: 8,
    num_layers: 1,
    num_heads: 2,
    pad_token_id: 0,
    eos_token_id: 1,
  },
  bart: {},
  gpt2: {},
  gpt_neo: {},
  biogpt: {},
}

describe("an architecture", () => {
  it("takes the configuration of its model_type and refuses any other", () => {
    for (const [modelType, architectureOf] of Object.entries(architectures)) {
      for (const [model_type, config] of Object.entries(configs)) {
        const read = () => architectureOf({ model_type, ...config })
        if (model_type === modelType) assert.strictEqual(read().modelType, modelType)
        else {
          const message = `config.json: model_type: is "${model_type}", and the params say ${modelType}`
          assert.throws(read, UnsupportedConfig, message)
        }
      }
      assert.throws(() => architectureOf({ model_type: "mbart" }), UnsupportedConfig, "model_type: is \"mbart\"")
      assert.throws(() => architectureOf({ model_type: [modelType] }), UnsupportedConfig, `is ["${modelType}"]`)
      assert.throws(() => architectureOf({}), UnsupportedConfig, "model_type: is missing")
    }
  })

  it("may refuse a configuration that is its own", () => {
    assert.throws(() => architectures["bart"]?.({ model_type: "bart", d_model: 0 }), UnsupportedConfig, "d_model")
  })
})
