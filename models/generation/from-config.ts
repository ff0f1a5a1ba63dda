// What a model's files say about decoding: generation_config.json, or the fields of config.json before there was one.
import { Schema } from "effect"
import { readFields, requireValues } from "../architectures/config.ts"
import { type Decoding, GREEDY } from "./decoding.ts"

type Json = Readonly<Record<string, unknown>>

/** The file that says how a model generates. */
export const GENERATION_CONFIG = "generation_config.json"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Ids = Schema.Union([Schema.Int, Schema.Array(Schema.Int)])

/** Fields that are honoured; a limit of length is not, for how long outputs may be is always said by who generates. */
const Fields = Schema.Struct({
  num_beams: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  length_penalty: Schema.optionalKey(Schema.Finite),
  early_stopping: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Literal("never")])),
  no_repeat_ngram_size: Schema.optionalKey(Count),
  repetition_penalty: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
  forced_bos_token_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  forced_eos_token_id: Schema.optionalKey(Schema.NullOr(Ids)),
  min_length: Schema.optionalKey(Count),
  min_new_tokens: Schema.optionalKey(Count),
  eos_token_id: Schema.optionalKey(Schema.NullOr(Ids)),
  decoder_start_token_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
})

/**
 * Fields that change what is generated in ways that redag does not have, with what they may be. Those of sampling are
 * not among them: the paper's authors never sampled, and without sampling they have no effect.
 */
const ONLY: Readonly<Record<string, readonly unknown[]>> = {
  num_beam_groups: [1],
  diversity_penalty: [0],
  penalty_alpha: [0],
  encoder_repetition_penalty: [1],
  encoder_no_repeat_ngram_size: [0],
  guidance_scale: [1],
  renormalize_logits: [false],
  token_healing: [false],
  num_return_sequences: [1],
  bad_words_ids: [],
  force_words_ids: [],
  constraints: [],
  forced_decoder_ids: [],
  suppress_tokens: [],
  begin_suppress_tokens: [],
  sequence_bias: [],
  exponential_decay_length_penalty: [],
  stop_strings: [],
  max_time: [],
  dola_layers: [],
  watermarking_config: [],
}

/**
 * How a model decodes by itself, from its configuration and, where it has one, its `generation_config.json`, which then
 * alone counts. Throws `UnsupportedConfig`, which names file and field.
 */
export const decodingOf = (config: Json, generation: Json | undefined): Decoding =>
  generation === undefined
    ? read(legacy(config), "config.json")
    : read(generation, GENERATION_CONFIG)

const read = (config: Json, file: string): Decoding => {
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value)))
  requireValues(set, ONLY, file)
  const fields = readFields(Fields, config, file)
  const forcedEos = [fields.forced_eos_token_id ?? []].flat()
  requireValues({ forced_eos_token_id: forcedEos.length }, { forced_eos_token_id: [0, 1] }, file)
  return {
    numBeams: fields.num_beams ?? GREEDY.numBeams,
    lengthPenalty: fields.length_penalty ?? GREEDY.lengthPenalty,
    earlyStopping: fields.early_stopping ?? GREEDY.earlyStopping,
    noRepeatNgramSize: fields.no_repeat_ngram_size ?? GREEDY.noRepeatNgramSize,
    repetitionPenalty: fields.repetition_penalty ?? GREEDY.repetitionPenalty,
    forcedBosTokenId: fields.forced_bos_token_id ?? null,
    forcedEosTokenId: forcedEos[0] ?? null,
    minLength: fields.min_length ?? GREEDY.minLength,
    minNewTokens: fields.min_new_tokens ?? null,
    maxLength: null,
    eosTokenIds: fields.eos_token_id === undefined || fields.eos_token_id === null
      ? null
      : [fields.eos_token_id].flat(),
    decoderStartTokenId: fields.decoder_start_token_id ?? null,
  }
}

/**
 * A configuration with what `BartConfig` of transformers 4.32, which the authors used, puts where nothing is said: a
 * BART then ends with EOS where the length is used up. transformers 5 forces no end there.
 */
const legacy = (config: Json): Json => {
  // Tokens of the architecture are checked where it is made.
  const { eos_token_id: _, decoder_start_token_id: __, ...rest } = config
  if (config["model_type"] !== "bart") return rest
  const forcesBos = config["force_bos_token_to_be_generated"] === true
  return {
    forced_eos_token_id: 2,
    ...rest,
    ...forcesBos ? { forced_bos_token_id: config["forced_bos_token_id"] ?? config["bos_token_id"] ?? 0 } : {},
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).length === 0
