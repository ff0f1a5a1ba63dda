import { assert, describe, it } from "@effect/vitest"
import { architectureOf } from "../reading.ts"
import { trainedSize } from "./decoders.ts"

// As transformers' T5Config, BartConfig, GPT2Config, GPTNeoConfig and BioGptConfig have them.
const defaults = [
  ["t5", 60.51, { padId: 0, eosId: 1, blocks: 6, heads: 8, headWidth: 64, positions: undefined }],
  ["bart", 406.29, { padId: 1, eosId: 2, blocks: 12, heads: 16, headWidth: 64, positions: 1024 }],
  ["gpt2", 124.44, { padId: 50256, eosId: 50256, blocks: 12, heads: 12, headWidth: 64, positions: 1024 }],
  ["gpt_neo", 1315.58, { padId: 50256, eosId: 50256, blocks: 24, heads: 16, headWidth: 128, positions: 2048 }],
  ["biogpt", 346.76, { padId: 1, eosId: 2, blocks: 24, heads: 16, headWidth: 64, positions: 1024 }],
] as const

describe("a config.json that says no more than its model type", () => {
  it.each(defaults)("%s: has transformers' defaults", (modelType, millions, sizes) => {
    const architecture = architectureOf({ model_type: modelType })
    assert.deepInclude(architecture, sizes)
    assert.approximately(trainedSize(architecture) / 1e6, millions, 0.01)
  })
})
