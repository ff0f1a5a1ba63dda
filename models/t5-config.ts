import { Schema } from "effect"

const Positive = Schema.Int.check(Schema.isGreaterThan(0))

/** The fields of a T5 `config.json` that shape the computation; the defaults are those of Hugging Face's `T5Config`. */
const Fields = Schema.Struct({
  model_type: Schema.Literal("t5"),
  vocab_size: Positive,
  d_model: Positive,
  d_kv: Positive,
  d_ff: Positive,
  num_layers: Positive,
  num_decoder_layers: Schema.optionalKey(Schema.NullOr(Positive)),
  num_heads: Positive,
  relative_attention_num_buckets: Schema.optionalKey(Positive),
  relative_attention_max_distance: Schema.optionalKey(Positive),
  layer_norm_epsilon: Schema.optionalKey(Schema.Finite),
  initializer_factor: Schema.optionalKey(Schema.Finite),
  feed_forward_proj: Schema.optionalKey(Schema.String),
  tie_word_embeddings: Schema.optionalKey(Schema.Boolean),
  pad_token_id: Schema.Int,
  eos_token_id: Schema.Int,
  decoder_start_token_id: Schema.optionalKey(Schema.Int),
})

/** A T5 architecture. */
export interface T5Config {
  readonly vocabulary: number
  /** Width of the residual stream, `d_model`. */
  readonly width: number
  /** Width of one attention head, `d_kv`; heads · headWidth need not be `width`. */
  readonly headWidth: number
  readonly heads: number
  /** Width inside the feed-forward layer, `d_ff`. */
  readonly innerWidth: number
  readonly encoderLayers: number
  readonly decoderLayers: number
  readonly buckets: number
  readonly maxDistance: number
  readonly epsilon: number
  readonly initializerFactor: number
  /** Gated GELU (T5 1.1, Flan-T5) rather than ReLU. */
  readonly gated: boolean
  /** The output head is the embedding table scaled by `width^-0.5`. */
  readonly tied: boolean
  readonly padId: number
  readonly eosId: number
  readonly decoderStartId: number
  /** The `config.json` it was read from, for saving: written anew, `1.0` would be `1`, which transformers 5 refuses. */
  readonly text: string
}

/** A model configuration that redag cannot honour. */
export class UnsupportedConfig extends Error {
  readonly _tag = "UnsupportedConfig"
  /** The field of `config.json`, or `config.json` itself. */
  readonly field: string
  readonly reason: string

  constructor(field: string, reason: string) {
    super(`config.json: ${field}: ${reason}`)
    this.field = field
    this.reason = reason
  }
}

const decode = Schema.decodeUnknownSync(Fields)

/** Reads a Hugging Face `config.json`, as text or parsed. Throws `UnsupportedConfig`, which names the field. */
export const parseT5Config = (content: string | object): T5Config => {
  const json = typeof content === "string" ? parseJson(content) : content
  if (typeof json !== "object" || json === null) throw new UnsupportedConfig("config.json", "is not an object")
  if (!("model_type" in json) || json.model_type !== "t5") {
    throw new UnsupportedConfig(
      "model_type",
      `${JSON.stringify("model_type" in json ? json.model_type : null)} is not "t5"`,
    )
  }
  const fields = decodeFields(json)
  const activation = fields.feed_forward_proj ?? "relu"
  if (activation !== "relu" && activation !== "gated-gelu") {
    throw new UnsupportedConfig("feed_forward_proj", `"${activation}" is neither "relu" nor "gated-gelu"`)
  }
  if ("is_gated_act" in json && json.is_gated_act !== (activation === "gated-gelu")) {
    throw new UnsupportedConfig("is_gated_act", `contradicts feed_forward_proj "${activation}"`)
  }
  const buckets = fields.relative_attention_num_buckets ?? 32
  if (buckets % 4 !== 0) throw new UnsupportedConfig("relative_attention_num_buckets", "is not a multiple of 4")
  for (const field of ["pad_token_id", "eos_token_id", "decoder_start_token_id"] as const) {
    const id = fields[field] ?? 0
    if (id < 0 || id >= fields.vocab_size) throw new UnsupportedConfig(field, `${id} is not in the vocabulary`)
  }
  return {
    vocabulary: fields.vocab_size,
    width: fields.d_model,
    headWidth: fields.d_kv,
    heads: fields.num_heads,
    innerWidth: fields.d_ff,
    encoderLayers: fields.num_layers,
    decoderLayers: fields.num_decoder_layers ?? fields.num_layers,
    buckets,
    maxDistance: fields.relative_attention_max_distance ?? 128,
    epsilon: fields.layer_norm_epsilon ?? 1e-6,
    initializerFactor: fields.initializer_factor ?? 1,
    gated: activation === "gated-gelu",
    tied: fields.tie_word_embeddings ?? true,
    padId: fields.pad_token_id,
    eosId: fields.eos_token_id,
    decoderStartId: fields.decoder_start_token_id ?? fields.pad_token_id,
    text: typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`,
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnsupportedConfig("config.json", "is not JSON")
  }
}

const decodeFields = (json: object): typeof Fields.Type => {
  try {
    return decode(json)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const field = /\["(?<field>[^"]+)"\]/u.exec(message)?.groups?.["field"]
    throw new UnsupportedConfig(field ?? "config.json", message.replaceAll(/\s*\n\s*/gu, " "))
  }
}
