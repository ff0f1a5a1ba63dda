import { assert, describe, it } from "@effect/vitest"
import { UnsupportedConfig } from "../../../models/architectures/config.ts"
import { GREEDY, requireTokens, resolveDecoding } from "../../../models/generation/decoding.ts"
import { decodingOf } from "../../../models/generation/from-config.ts"
import { InvalidOption } from "../../../models/ir/options.ts"
import { architectureOf } from "../reading.ts"

describe("how a model decodes by itself", () => {
  it("is what its generation_config.json says, and then config.json says nothing", () => {
    const config = { model_type: "bart", num_beams: 2, min_length: 5 }
    const generation = {
      num_beams: 4,
      early_stopping: true,
      no_repeat_ngram_size: 3,
      forced_bos_token_id: 0,
      eos_token_id: [2, 7],
      decoder_start_token_id: 2,
      pad_token_id: 1,
      max_length: 142,
      transformers_version: "4.32.1",
    }
    assert.deepStrictEqual(decodingOf(config, generation), {
      ...GREEDY,
      numBeams: 4,
      earlyStopping: true,
      noRepeatNgramSize: 3,
      forcedBosTokenId: 0,
      eosTokenIds: [2, 7],
      decoderStartTokenId: 2,
    })
    assert.deepStrictEqual(decodingOf(config, {}), GREEDY)
  })

  it("is else what config.json says, with what a BART has where nothing is said", () => {
    const bart = {
      model_type: "bart",
      num_beams: 4,
      no_repeat_ngram_size: 3,
      early_stopping: true,
      length_penalty: 2,
      repetition_penalty: 1.5,
      min_length: 5,
      max_length: 20,
      task_specific_params: { summarization: { num_beams: 6 } },
      bos_token_id: 0,
      eos_token_id: 2,
    }
    const own = {
      ...GREEDY,
      numBeams: 4,
      noRepeatNgramSize: 3,
      earlyStopping: true,
      lengthPenalty: 2,
      repetitionPenalty: 1.5,
      minLength: 5,
      forcedEosTokenId: 2,
    }
    assert.deepStrictEqual(decodingOf(bart, undefined), own)
    assert.strictEqual(decodingOf({ ...bart, forced_eos_token_id: null }, undefined).forcedEosTokenId, null)
    const older = { ...bart, force_bos_token_to_be_generated: true }
    assert.deepStrictEqual(decodingOf(older, undefined), { ...own, forcedBosTokenId: 0 })
    assert.deepStrictEqual(decodingOf({ model_type: "gpt2" }, undefined), GREEDY)
  })

  it("does not sample, as the authors did not", () => {
    const sampling = { do_sample: true, temperature: 0.7, top_k: 5, top_p: 0.9, typical_p: 0.5 }
    assert.deepStrictEqual(decodingOf({}, sampling), GREEDY)
  })

  it("is refused where it asks for what redag does not have, by file and field", () => {
    const refused = (generation: object, message: RegExp) =>
      assert.throws(() => decodingOf({}, { ...generation }), UnsupportedConfig, message)
    refused({ num_beam_groups: 2 }, /^generation_config\.json: num_beam_groups: is 2; redag has 1$/u)
    refused({ penalty_alpha: 0.6 }, /penalty_alpha: is 0\.6; redag has 0/u)
    refused({ bad_words_ids: [[5]] }, /bad_words_ids: is \[\[5\]\]; redag has none/u)
    refused({ num_beams: 0 }, /^generation_config\.json: num_beams: /u)
    refused({ early_stopping: "sometimes" }, /early_stopping/u)
    refused({ repetition_penalty: 0 }, /repetition_penalty/u)
    assert.throws(() => decodingOf({ diversity_penalty: 0.5 }, undefined), /^config\.json: diversity_penalty/u)
    // These change nothing.
    const idle = { num_beam_groups: 1, diversity_penalty: 0, bad_words_ids: null, suppress_tokens: [], use_cache: true }
    assert.deepStrictEqual(decodingOf({}, idle), GREEDY)
  })
})

describe("overriding how a model decodes", () => {
  it("changes only what is given", () => {
    const own = { ...GREEDY, numBeams: 4, noRepeatNgramSize: 3, forcedBosTokenId: 0 }
    assert.deepStrictEqual(resolveDecoding(own), own)
    assert.deepStrictEqual(
      resolveDecoding(own, { noRepeatNgramSize: 0, forcedBosTokenId: null, minLength: undefined }),
      {
        ...own,
        noRepeatNgramSize: 0,
        forcedBosTokenId: null,
      },
    )
  })

  it("is refused where a value makes no sense, by field", () => {
    const refused = (overrides: object, message: RegExp) =>
      assert.throws(() => resolveDecoding(GREEDY, overrides), InvalidOption, message)
    refused({ numBeams: 0 }, /^decoding\.numBeams is 0, not an integer of at least 1$/u)
    refused({ noRepeatNgramSize: -1 }, /^decoding\.noRepeatNgramSize/u)
    refused({ lengthPenalty: Number.NaN }, /^decoding\.lengthPenalty/u)
    refused({ repetitionPenalty: 0 }, /^decoding\.repetitionPenalty/u)
    refused({ earlyStopping: "always" }, /^decoding\.earlyStopping is "always", not true, false or "never"$/u)
    refused({ maxLength: 0 }, /^decoding\.maxLength/u)
    refused({ eosTokenIds: [] }, /^decoding\.eosTokenIds is empty$/u)
    refused({ temperature: 0.5 }, /^decoding\.temperature is no setting of decoding$/u)
  })

  it("is refused where a token is not one of the model's", () => {
    const gpt2 = architectureOf({
      model_type: "gpt2",
      vocab_size: 10,
      n_layer: 1,
      n_head: 1,
      n_embd: 4,
      eos_token_id: 9,
    })
    requireTokens({ ...GREEDY, forcedBosTokenId: 9, eosTokenIds: [0, 9] }, gpt2)
    const message = /^decoding\.eosTokenIds is 10, and this gpt2 has the tokens 0 to 9$/u
    assert.throws(() => requireTokens({ ...GREEDY, eosTokenIds: [0, 10] }, gpt2), InvalidOption, message)
    assert.throws(() => requireTokens({ ...GREEDY, forcedEosTokenId: -1 }, gpt2), InvalidOption, /forcedEosTokenId/u)
  })
})
