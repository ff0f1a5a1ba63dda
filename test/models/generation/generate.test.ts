import { assert, describe, it } from "@effect/vitest"
import { initialise } from "../../../models/architectures/weights.ts"
import { type Checkpoint } from "../../../models/checkpoints/checkpoint.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { type DecodingOverrides, GREEDY, resolveDecoding } from "../../../models/generation/decoding.ts"
import { generate, type Generation } from "../../../models/generation/generate.ts"
import { architectureOf } from "../reading.ts"
import { wordTokenizer } from "../support.ts"

const tokenizer = wordTokenizer(Array.from({ length: 20 }, (_, index) => `t${index}`))
const architecture = architectureOf({
  model_type: "t5",
  vocab_size: tokenizer.size,
  d_model: 32,
  d_kv: 8,
  d_ff: 64,
  num_layers: 1,
  num_heads: 4,
  pad_token_id: 0,
  eos_token_id: 1,
  decoder_start_token_id: 0,
})
const checkpoint: Checkpoint = {
  architecture,
  tokenizer,
  weights: initialise(architecture.parameters, 5),
  generation: GREEDY,
  described: new Map(),
}

const written = async (overrides: DecodingOverrides, source = "t3 t1 t4"): Promise<Generation> => {
  const generation = generate({
    checkpoint,
    sources: [source],
    batchSize: 2,
    maxNewTokens: 6,
    maxSourceTokens: 16,
    // Repeats would hide where an output ends.
    decoding: resolveDecoding(checkpoint.generation, { noRepeatNgramSize: 1, eosTokenIds: [0], ...overrides }),
    engine: onnxEngine,
    threads: 1,
  })
  let result = await generation.next()
  while (result.done !== true) result = await generation.next()
  const [only] = result.value
  assert(only !== undefined)
  return only
}

describe("what is told of an output", () => {
  it("is finished where the model ended it, and not where it was cut", async () => {
    const cut = await written({})
    assert.deepInclude(cut, { finished: false, tokens: 6 })
    const third = tokenizer.encode(cut.text, Infinity).ids[2] ?? 0
    const ended = await written({ eosTokenIds: [third] })
    assert.deepInclude(ended, { finished: true, tokens: 3 })
    assert.isTrue(cut.text.startsWith(ended.text))
  })

  it("is cut where the end was forced because the length was used up", async () => {
    const cut = await written({})
    const forced = await written({ forcedEosTokenId: architecture.eosId, eosTokenIds: null })
    assert.deepInclude(forced, { finished: false, tokens: 6 })
    assert.isTrue(cut.text.startsWith(`${forced.text} `))
    const shorter = await written({ forcedEosTokenId: architecture.eosId, eosTokenIds: null, maxLength: 4 })
    assert.deepInclude(shorter, { finished: false, tokens: 3 })
  })

  it("differs where the model's own decoding is overridden", async () => {
    const start = await written({ forcedBosTokenId: 7 })
    assert.isTrue(start.text.startsWith(tokenizer.decode([7])))
    const third = tokenizer.encode((await written({})).text, Infinity).ids[2] ?? 0
    assert.strictEqual((await written({ eosTokenIds: [third], minNewTokens: 3 })).tokens, 6)
  })
})
