// T5: Raffel et al. 2020, https://arxiv.org/abs/1910.10683, as Hugging Face's modeling_t5.py computes it; also Flan-T5
// and SciFive. Shapes: B batch, S source length, T target length, d width, H heads, D head width, V vocabulary.
import { Schema } from "effect"
import type { Node } from "../ir/node.ts"
import { add, gather, geluTanh, matmul, mul, relu, reshape, rmsNorm, transpose } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import type {
  Build,
  Config,
  EncoderDecoder,
  EncoderDecoderDescription,
  KeysValues,
  Parameter,
  Step,
  StepBuild,
} from "./architecture.ts"
import {
  canonicalFields,
  Parameters,
  Positive,
  Probability,
  readFields,
  requireIds,
  requireModelType,
  requireValues,
  UnsupportedConfig,
} from "./config.ts"
import {
  attend,
  attendMemory,
  attendStep,
  causalMask,
  joinHeads,
  rowsOf,
  scoreMask,
  splitHeads,
  stepOfSlot,
} from "./layers.ts"
import { bucketsNotEven } from "./messages.ts"

/** The fields that shape the computation; what is missing is as in Hugging Face's `T5Config`. */
const Fields = Schema.Struct({
  vocab_size: Schema.optionalKey(Positive),
  d_model: Schema.optionalKey(Positive),
  d_kv: Schema.optionalKey(Positive),
  d_ff: Schema.optionalKey(Positive),
  num_layers: Schema.optionalKey(Positive),
  num_decoder_layers: Schema.optionalKey(Schema.NullOr(Positive)),
  num_heads: Schema.optionalKey(Positive),
  relative_attention_num_buckets: Schema.optionalKey(Positive),
  relative_attention_max_distance: Schema.optionalKey(Positive),
  dropout_rate: Schema.optionalKey(Probability),
  layer_norm_epsilon: Schema.optionalKey(Schema.Finite),
  initializer_factor: Schema.optionalKey(Schema.Finite),
  feed_forward_proj: Schema.optionalKey(Schema.String),
  tie_word_embeddings: Schema.optionalKey(Schema.Boolean),
  scale_decoder_outputs: Schema.optionalKey(Schema.Boolean),
  pad_token_id: Schema.optionalKey(Schema.Int),
  eos_token_id: Schema.optionalKey(Schema.Int),
  decoder_start_token_id: Schema.optionalKey(Schema.Int),
})

// Hugging Face's other names of some fields.
const ALIASES = {
  hidden_size: "d_model",
  head_dim: "d_kv",
  num_hidden_layers: "num_layers",
  num_attention_heads: "num_heads",
}

/** A T5 as its configuration sets it. */
interface T5 {
  readonly vocabulary: number
  readonly width: number
  /** heads · headWidth need not be `width`. */
  readonly headWidth: number
  readonly heads: number
  /** Width inside the feed-forward layer. */
  readonly innerWidth: number
  readonly encoderLayers: number
  readonly decoderLayers: number
  readonly buckets: number
  readonly maxDistance: number
  readonly dropout: number
  readonly epsilon: number
  readonly initializerFactor: number
  /** Gated GELU (T5 1.1, Flan-T5) rather than ReLU. */
  readonly gated: boolean
  /** The output head is the embedding table. */
  readonly tied: boolean
  /** The head's products are scaled by `width^-0.5`. */
  readonly scaled: boolean
}

/** Reads a T5's `config.json`. Throws `UnsupportedConfig`, which names the field. */
const readConfig = (config: Config): { readonly model: T5; readonly description: EncoderDecoderDescription } => {
  requireModelType(config, "t5")
  const fields = readFields(Fields, canonicalFields(config, ALIASES))
  requireValues(config, { feed_forward_proj: ["relu", "gated-gelu"] })
  const gated = fields.feed_forward_proj === "gated-gelu"
  requireValues(config, { is_gated_act: [gated], dense_act_fn: gated ? ["gelu_new"] : ["relu"] })
  const buckets = fields.relative_attention_num_buckets ?? 32
  if (buckets % 4 !== 0) throw new UnsupportedConfig("relative_attention_num_buckets", bucketsNotEven)
  const { vocab_size: vocabulary = 32128, num_layers: layers = 6 } = fields
  const { pad_token_id: padId = 0, eos_token_id: eosId = 1, decoder_start_token_id: decoderStartId = padId } = fields
  requireIds(vocabulary, { pad_token_id: padId, eos_token_id: eosId, decoder_start_token_id: decoderStartId })
  const model: T5 = {
    vocabulary,
    width: fields.d_model ?? 512,
    headWidth: fields.d_kv ?? 64,
    heads: fields.num_heads ?? 8,
    innerWidth: fields.d_ff ?? 2048,
    encoderLayers: layers,
    decoderLayers: fields.num_decoder_layers ?? layers,
    buckets,
    maxDistance: fields.relative_attention_max_distance ?? 128,
    dropout: fields.dropout_rate ?? 0.1,
    epsilon: fields.layer_norm_epsilon ?? 1e-6,
    initializerFactor: fields.initializer_factor ?? 1,
    gated,
    // transformers 5 says of an untied T5 that it saves that it is tied, and then that its outputs are not scaled.
    tied: fields.tie_word_embeddings !== false && fields.scale_decoder_outputs !== false,
    scaled: fields.scale_decoder_outputs ?? fields.tie_word_embeddings ?? true,
  }
  return {
    model,
    description: {
      kind: "encoder-decoder",
      modelType: "t5",
      vocabulary: model.vocabulary,
      padId,
      eosId,
      decoderStartId,
      blocks: model.decoderLayers,
      heads: model.heads,
      headWidth: model.headWidth,
      positions: undefined,
      parameters: parameters(model),
      prefix: "",
      copies: new Map([["shared.weight", model.tied ? [...EMBEDDINGS, HEAD] : EMBEDDINGS]]),
      redundant: (name) => name === UNUSED,
    },
  }
}

/** The tensors and limits of a T5 by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const descriptionOf = (config: Config): EncoderDecoderDescription => readConfig(config).description

/** A T5 by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const architectureOf = (config: Config): EncoderDecoder => {
  const { model, description } = readConfig(config)
  return {
    ...description,
    logits: (build, { sourceIds, sourceMask, decoderIds }) =>
      decode(model, build, decoderIds, encode(model, build, sourceIds, sourceMask), sourceMask),
    memory: (build, sourceIds, sourceMask) => {
      const encoded = encode(model, build, sourceIds, sourceMask)
      return Array.from({ length: model.decoderLayers }, (_, block) => crossMemory(model, build, block, encoded))
    },
    step: (build) => decodeStep(model, build),
  }
}

// The shared table's names in the two stacks, and the head's.
const EMBEDDINGS = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
const HEAD = "lm_head.weight"

// A table that the first T5 releases held but never used.
const UNUSED = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"

/** Names, shapes and initial deviations as in modeling_t5.py, `_init_weights`; a linear weight is [outputs, inputs]. */
const parameters = (model: T5): ReadonlyMap<string, Parameter> => {
  const { vocabulary, width, heads, headWidth, innerWidth, buckets, initializerFactor } = model
  const inner = heads * headWidth
  const made = new Parameters()
  const put = (name: string, rows: number, columns: number, deviation: number): void =>
    made.table(name, rows, columns, deviation * initializerFactor)
  const norm = (name: string): void => made.put(`${name}.weight`, [width], { fill: initializerFactor })
  const attention = (name: string, biased: boolean): void => {
    put(`${name}.q`, inner, width, (width * headWidth) ** -0.5)
    put(`${name}.k`, inner, width, width ** -0.5)
    put(`${name}.v`, inner, width, width ** -0.5)
    put(`${name}.o`, width, inner, inner ** -0.5)
    if (biased) put(`${name}.relative_attention_bias`, buckets, heads, width ** -0.5)
  }
  const stack = (name: "encoder" | "decoder", layers: number): void => {
    for (let block = 0; block < layers; block++) {
      const layer = (index: number): string => `${name}.block.${block}.layer.${index}`
      const last = name === "encoder" ? 1 : 2
      attention(`${layer(0)}.SelfAttention`, block === 0)
      norm(`${layer(0)}.layer_norm`)
      if (name === "decoder") {
        attention(`${layer(1)}.EncDecAttention`, false)
        norm(`${layer(1)}.layer_norm`)
      }
      for (const wi of model.gated ? ["wi_0", "wi_1"] : ["wi"]) {
        put(`${layer(last)}.DenseReluDense.${wi}`, innerWidth, width, width ** -0.5)
      }
      put(`${layer(last)}.DenseReluDense.wo`, width, innerWidth, innerWidth ** -0.5)
      norm(`${layer(last)}.layer_norm`)
    }
    norm(`${name}.final_layer_norm`)
  }
  put("shared", vocabulary, width, 1)
  stack("encoder", model.encoderLayers)
  stack("decoder", model.decoderLayers)
  if (!model.tied) put("lm_head", vocabulary, width, 1)
  return made.all
}

/** Encodes `ids` int32 [B,S] under `mask` [B,S]: [B,S,d]. */
const encode = (model: T5, build: Build, ids: Node, mask: Node): Node =>
  build.graph.scope("encoder", () => {
    const bias = add(positionBias(model, build, "encoder", dimension(ids.shape, 1)), scoreMask(mask)) // [B,H,S,S]
    let x = build.dropout(gather(build.parameter("shared.weight"), ids), model.dropout) // [B,S,d]
    for (let block = 0; block < model.encoderLayers; block++) {
      const name = `encoder.block.${block}`
      x = layer(model, build, `${name}.layer.0`, x, (normal, at) => selfAttention(model, build, at, normal, bias))
      x = layer(model, build, `${name}.layer.1`, x, (normal, at) => feedForward(model, build, at, normal))
    }
    return build.dropout(norm(model, build, "encoder.final_layer_norm", x), model.dropout)
  })

/** Decodes `ids` int32 [B,T] attending to `encoded` [B,S,d] under `mask` [B,S]: logits [B·T,V]. */
const decode = (model: T5, build: Build, ids: Node, encoded: Node, mask: Node): Node =>
  build.graph.scope("decoder", () => {
    const length = dimension(ids.shape, 1)
    const causal = causalMask(build.graph, length)
    const selfBias = add(positionBias(model, build, "decoder", length), causal) // [1,H,T,T]
    const crossBias = scoreMask(mask) // [B,1,1,S]
    let x = build.dropout(gather(build.parameter("shared.weight"), ids), model.dropout) // [B,T,d]
    for (let block = 0; block < model.decoderLayers; block++) {
      const name = `decoder.block.${block}`
      x = layer(model, build, `${name}.layer.0`, x, (normal, at) => selfAttention(model, build, at, normal, selfBias))
      x = layer(model, build, `${name}.layer.1`, x, (normal) => {
        const cross = crossMemory(model, build, block, encoded)
        const query = project(model, build, `${name}.layer.1.EncDecAttention.q`, normal)
        return output(build, `${name}.layer.1.EncDecAttention`, attended(model, build, query, cross, crossBias))
      })
      x = layer(model, build, `${name}.layer.2`, x, (normal, at) => feedForward(model, build, at, normal))
    }
    return head(model, build, build.dropout(norm(model, build, "decoder.final_layer_norm", x), model.dropout))
  })

/** Keys and values of the cross-attention of one decoder block over `encoded` [B,S,d]: each [B,H,S,D]. */
const crossMemory = (model: T5, build: Build, block: number, encoded: Node): KeysValues => {
  const name = `decoder.block.${block}.layer.1.EncDecAttention`
  return { keys: project(model, build, `${name}.k`, encoded), values: project(model, build, `${name}.v`, encoded) }
}

const decodeStep = (model: T5, build: StepBuild): Step =>
  build.graph.scope("decoder step", () => {
    const buckets = build.slotInts("position buckets", [1, 1], (array, state) => {
      for (let slot = 0; slot < array.length; slot++) {
        array[slot] = t5Bucket(model, Math.min(0, stepOfSlot(slot, state) - state.step), false)
      }
    })
    const bias = gather(build.parameter(biasName("decoder")), buckets) // [1,1,K+N,H]
    const mask = add(transpose(bias, [0, 3, 1, 2]), build.ownMask) // [B,H,K,K+N]
    const made: KeysValues[] = []
    let x = gather(build.table("shared.weight"), build.ids) // [B,K,d]
    for (let block = 0; block < model.decoderLayers; block++) {
      const name = `decoder.block.${block}`
      x = layer(model, build, `${name}.layer.0`, x, (normal) => {
        const at = `${name}.layer.0.SelfAttention`
        const own = { keys: project(model, build, `${at}.k`, normal), values: project(model, build, `${at}.v`, normal) }
        made.push(own)
        const query = project(model, build, `${at}.q`, normal) // [B,H,K,D]
        return output(build, at, attendStep(build, block, query, own, { mask, scale: 1 }))
      })
      x = layer(model, build, `${name}.layer.1`, x, (normal) => {
        const at = `${name}.layer.1.EncDecAttention`
        return output(build, at, attendMemory(build, block, project(model, build, `${at}.q`, normal), 1))
      })
      x = layer(model, build, `${name}.layer.2`, x, (normal, at) => feedForward(model, build, at, normal))
    }
    return { logits: head(model, build, norm(model, build, "decoder.final_layer_norm", x)), made }
  })

/** `x + dropout(f(norm(x)))`. */
const layer = (model: T5, build: Build, name: string, x: Node, f: (normal: Node, name: string) => Node): Node =>
  build.graph.scope(
    name.slice(name.indexOf(".") + 1),
    () => add(x, build.dropout(f(norm(model, build, `${name}.layer_norm`, x), name), model.dropout)),
  )

const norm = (model: T5, build: Build, name: string, x: Node): Node =>
  rmsNorm(x, build.parameter(`${name}.weight`), model.epsilon)

/** A linear layer; T5's have no bias. */
const linear = (build: Build, name: string, x: Node): Node =>
  matmul(x, build.parameter(`${name}.weight`), { transposeB: true })

/** [B,L,d] to one query, key or value for each head: [B,H,L,D]. */
const project = (model: T5, build: Build, name: string, x: Node): Node =>
  splitHeads(linear(build, name, x), model.heads)

/** The heads' results [B,H,L,D] to [B,L,d]. */
const output = (build: Build, name: string, x: Node): Node => linear(build, `${name}.o`, joinHeads(x))

/** Attention without the usual scaling by √D: T5 has it in the initial weights. */
const attended = (model: T5, build: Build, query: Node, memory: KeysValues, bias: Node): Node =>
  attend(build, query, memory, { scale: 1, bias, dropout: model.dropout })

const selfAttention = (model: T5, build: Build, layerName: string, x: Node, bias: Node): Node => {
  const name = `${layerName}.SelfAttention`
  const query = project(model, build, `${name}.q`, x)
  const memory = { keys: project(model, build, `${name}.k`, x), values: project(model, build, `${name}.v`, x) }
  return output(build, name, attended(model, build, query, memory, bias))
}

const feedForward = (model: T5, build: Build, layerName: string, x: Node): Node => {
  const name = `${layerName}.DenseReluDense`
  const inner = model.gated
    ? mul(geluTanh(linear(build, `${name}.wi_0`, x)), linear(build, `${name}.wi_1`, x))
    : relu(linear(build, `${name}.wi`, x))
  return linear(build, `${name}.wo`, build.dropout(inner, model.dropout))
}

/** [B,L,d] to logits [B·L,V]. */
const head = (model: T5, build: Build, x: Node): Node =>
  matmul(rowsOf(x), build.parameter(model.tied ? "shared.weight" : HEAD), {
    transposeB: true,
    ...model.scaled ? { scale: model.width ** -0.5 } : {},
  })

const biasName = (stack: "encoder" | "decoder"): string =>
  `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`

/** The first layer's learned bias for every pair of positions, which all layers use: [1,H,L,L]. */
const positionBias = (model: T5, build: Build, stack: "encoder" | "decoder", length: number): Node => {
  const buckets = new Int32Array(length * length)
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < length; key++) {
      buckets[query * length + key] = t5Bucket(model, key - query, stack === "encoder")
    }
  }
  const bias = gather(build.parameter(biasName(stack)), build.graph.constant(buckets, [length, length])) // [L,L,H]
  return reshape(transpose(bias, [2, 0, 1]), [1, model.heads, length, length])
}

/**
 * The bucket of a relative position (key minus query): one for each near distance, then logarithmically wider ones
 * up to `maxDistance`. In float32, as Hugging Face's `_relative_position_bucket` computes it.
 */
export const t5Bucket = (
  model: Pick<T5, "buckets" | "maxDistance">,
  relative: number,
  bidirectional: boolean,
): number => {
  const buckets = bidirectional ? model.buckets / 2 : model.buckets
  const start = bidirectional && relative > 0 ? buckets : 0
  const distance = bidirectional ? Math.abs(relative) : Math.max(-relative, 0)
  const exact = buckets / 2
  if (distance < exact) return start + distance
  const logarithm = Math.fround(Math.log(Math.fround(distance / exact)))
  const share = Math.fround(logarithm / Math.fround(Math.log(model.maxDistance / exact)))
  return start + Math.min(exact + Math.trunc(Math.fround(share * (buckets - exact))), buckets - 1)
}
