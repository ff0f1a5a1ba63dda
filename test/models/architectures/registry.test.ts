import { assert, describe, it } from "@effect/vitest"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { architectureOf } from "../../../models/architectures/registry.ts"

const T5 = {
  vocab_size: 10,
  d_model: 8,
  d_kv: 4,
  d_ff: 8,
  num_layers: 1,
  num_heads: 2,
  pad_token_id: 0,
  eos_token_id: 1,
}

describe("architectureOf", () => {
  it("knows a model by its model_type", () => {
    for (const model_type of ["bart", "gpt2", "gpt_neo", "biogpt"]) {
      assert.strictEqual(architectureOf({ model_type }).modelType, model_type)
    }
    assert.strictEqual(architectureOf({ model_type: "t5", ...T5 }).modelType, "t5")
  })

  it("refuses others and says which there are", () => {
    const known = "redag has t5, bart, gpt2, gpt_neo, biogpt"
    assert.throws(() => architectureOf({ model_type: "mbart" }), UnsupportedConfig, `model_type: is "mbart"; ${known}`)
    assert.throws(() => architectureOf({ model_type: ["t5"] }), UnsupportedConfig, `model_type: is ["t5"]; ${known}`)
    assert.throws(() => architectureOf({}), UnsupportedConfig, `model_type: is missing; ${known}`)
  })

  it("gives the configuration to the model, which may refuse it", () => {
    assert.throws(() => architectureOf({ model_type: "bart", d_model: 0 }), UnsupportedConfig, "d_model")
  })
})
