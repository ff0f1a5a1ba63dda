// BART: Lewis et al. 2020, https://aclanthology.org/2020.acl-main.703, as Hugging Face's modeling_bart.py computes it;
// also BioBART and In-BoXBART. Shapes: B batch, S source length, T target length, L either, K beams, d width, H heads,
// D head width, V vocabulary.
import { Schema } from "effect"
import type { Node } from "../ir/node.ts"
import { add, gather, matmul, mul, slice } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import { activate, type ActivationName, activationNamed } from "./activations.ts"
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
  headWidthOf,
  Parameters,
  Positive,
  Probability,
  readFields,
  requireIds,
  requireModelType,
  requireValues,
} from "./config.ts"
import {
  attend,
  attendMemory,
  attendStep,
  causalMask,
  joinHeads,
  linear,
  norm,
  rowsOf,
  scoreMask,
  splitHeads,
} from "./layers.ts"

/** The fields that shape the computation; what is missing is as in Hugging Face's `BartConfig`. */
const Fields = Schema.Struct({
  vocab_size: Schema.optionalKey(Positive),
  max_position_embeddings: Schema.optionalKey(Positive),
  d_model: Schema.optionalKey(Positive),
  encoder_layers: Schema.optionalKey(Positive),
  encoder_attention_heads: Schema.optionalKey(Positive),
  encoder_ffn_dim: Schema.optionalKey(Positive),
  decoder_layers: Schema.optionalKey(Positive),
  decoder_attention_heads: Schema.optionalKey(Positive),
  decoder_ffn_dim: Schema.optionalKey(Positive),
  activation_function: Schema.optionalKey(Schema.String),
  dropout: Schema.optionalKey(Probability),
  attention_dropout: Schema.optionalKey(Probability),
  activation_dropout: Schema.optionalKey(Probability),
  init_std: Schema.optionalKey(Schema.Finite),
  scale_embedding: Schema.optionalKey(Schema.Boolean),
  pad_token_id: Schema.optionalKey(Schema.Int),
  eos_token_id: Schema.optionalKey(Schema.Int),
  decoder_start_token_id: Schema.optionalKey(Schema.Int),
})

const ALIASES = {
  hidden_size: "d_model",
  num_attention_heads: "encoder_attention_heads",
  num_hidden_layers: "encoder_layers",
}

// The second line is of fields that only the first releases wrote, when they chose among kinds of model.
const ONLY = {
  is_encoder_decoder: [true],
  is_decoder: [false],
  tie_word_embeddings: [true],
  encoder_layerdrop: [0],
  decoder_layerdrop: [0],
  normalize_before: [false],
  add_final_layer_norm: [false],
  normalize_embedding: [true],
  static_position_embeddings: [false],
  extra_pos_embeddings: [2],
}

/** One of the two stacks of layers. */
interface Stack {
  readonly layers: number
  readonly heads: number
  /** Width inside the feed-forward layer. */
  readonly innerWidth: number
}

/** A BART as its configuration sets it. */
interface Bart {
  readonly vocabulary: number
  readonly positions: number
  readonly width: number
  readonly encoder: Stack
  readonly decoder: Stack
  readonly activation: ActivationName
  readonly dropout: number
  readonly attentionDropout: number
  readonly activationDropout: number
  readonly deviation: number
  /** What multiplies the embeddings of tokens, but not the head, which is the same table. */
  readonly embeddingScale: number
  readonly padId: number
}

/** Reads a BART's `config.json`. Throws `UnsupportedConfig`, which names the field. */
const readConfig = (config: Config): { readonly model: Bart; readonly description: EncoderDecoderDescription } => {
  requireModelType(config, "bart")
  const fields = readFields(Fields, canonicalFields(config, ALIASES))
  requireValues(config, ONLY)
  const { vocab_size: vocabulary = 50265, d_model: width = 1024 } = fields
  const { pad_token_id: padId = 1, eos_token_id: eosId = 2, decoder_start_token_id: decoderStartId = 2 } = fields
  requireIds(vocabulary, { pad_token_id: padId, eos_token_id: eosId, decoder_start_token_id: decoderStartId })
  const model: Bart = {
    vocabulary,
    positions: fields.max_position_embeddings ?? 1024,
    width,
    encoder: {
      layers: fields.encoder_layers ?? 12,
      heads: fields.encoder_attention_heads ?? 16,
      innerWidth: fields.encoder_ffn_dim ?? 4096,
    },
    decoder: {
      layers: fields.decoder_layers ?? 12,
      heads: fields.decoder_attention_heads ?? 16,
      innerWidth: fields.decoder_ffn_dim ?? 4096,
    },
    activation: activationNamed("activation_function", fields.activation_function ?? "gelu"),
    dropout: fields.dropout ?? 0.1,
    attentionDropout: fields.attention_dropout ?? 0,
    activationDropout: fields.activation_dropout ?? 0,
    deviation: fields.init_std ?? 0.02,
    embeddingScale: fields.scale_embedding ?? false ? Math.sqrt(width) : 1,
    padId,
  }
  headWidthOf("encoder_attention_heads", width, model.encoder.heads)
  return {
    model,
    description: {
      kind: "encoder-decoder",
      modelType: "bart",
      vocabulary,
      padId,
      eosId,
      decoderStartId,
      blocks: model.decoder.layers,
      heads: model.decoder.heads,
      headWidth: headWidthOf("decoder_attention_heads", width, model.decoder.heads),
      positions: model.positions,
      parameters: parameters(model),
      prefix: "model.",
      copies: new Map([["model.shared.weight", COPIES]]),
      redundant: (name) => VERSION.test(name),
    },
  }
}

/** The tensors and limits of a BART by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const descriptionOf = (config: Config): EncoderDecoderDescription => readConfig(config).description

/** A BART by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const architectureOf = (config: Config): EncoderDecoder => {
  const { model, description } = readConfig(config)
  return {
    ...description,
    logits: (build, { sourceIds, sourceMask, decoderIds }) =>
      decode(model, build, decoderIds, encode(model, build, sourceIds, sourceMask), sourceMask),
    memory: (build, sourceIds, sourceMask) => {
      const encoded = encode(model, build, sourceIds, sourceMask)
      return Array.from({ length: model.decoder.layers }, (_, block) => crossMemory(model, build, block, encoded))
    },
    step: (build) => decodeStep(model, build),
  }
}

// The shared table's names in the two stacks, and the head's.
const COPIES = [
  ...["model.encoder", "model.decoder", "encoder", "decoder"].map((side) => `${side}.embed_tokens.weight`),
  "lm_head.weight",
]

// Marks of the first releases.
const VERSION = /^(model\.)?(encoder|decoder)\.version$/

// torch's default, which no field changes.
const EPSILON = 1e-5

// The position tables begin with two rows that are never read.
const FIRST_POSITION = 2

/** Names, shapes and initial deviations as in modeling_bart.py; a linear weight is [outputs, inputs]. */
const parameters = (model: Bart): ReadonlyMap<string, Parameter> => {
  const { vocabulary, positions, width, deviation } = model
  const made = new Parameters()
  const stack = (side: "encoder" | "decoder", { layers, innerWidth }: Stack): void => {
    const attentions = side === "encoder" ? ["self_attn"] : ["self_attn", "encoder_attn"]
    made.table(`model.${side}.embed_positions`, FIRST_POSITION + positions, width, deviation)
    made.norm(`model.${side}.layernorm_embedding`, width)
    for (let index = 0; index < layers; index++) {
      const name = `model.${side}.layers.${index}`
      for (const attention of attentions) {
        for (const part of ["q", "k", "v", "out"]) {
          made.linear(`${name}.${attention}.${part}_proj`, width, width, deviation)
        }
        made.norm(`${name}.${attention}_layer_norm`, width)
      }
      made.linear(`${name}.fc1`, innerWidth, width, deviation)
      made.linear(`${name}.fc2`, width, innerWidth, deviation)
      made.norm(`${name}.final_layer_norm`, width)
    }
  }
  made.table("model.shared", vocabulary, width, deviation, model.padId)
  stack("encoder", model.encoder)
  stack("decoder", model.decoder)
  made.buffer("final_logits_bias", [1, vocabulary], 0)
  return made.all
}

/** Encodes `ids` int32 [B,S] under `mask` [B,S]: [B,S,d]. */
const encode = (model: Bart, build: Build, ids: Node, mask: Node): Node =>
  build.graph.scope("encoder", () => {
    const { layers, heads } = model.encoder
    const options = { scale: (model.width / heads) ** -0.5, bias: scoreMask(mask), dropout: model.attentionDropout }
    let x = embed(model, build, "model.encoder", ids, positions(build, "model.encoder", dimension(ids.shape, 1)))
    for (let index = 0; index < layers; index++) {
      const name = `model.encoder.layers.${index}`
      x = build.graph.scope(`layers.${index}`, () => {
        const query = project(build, `${name}.self_attn.q_proj`, x, heads) // [B,H,S,D]
        const mixed = attend(build, query, keysValues(build, `${name}.self_attn`, x, heads), options)
        return feedForward(model, build, name, output(model, build, `${name}.self_attn`, x, mixed))
      })
    }
    return x
  })

/** Decodes `ids` int32 [B,T] attending to `encoded` [B,S,d] under `mask` [B,S]: logits [B·T,V]. */
const decode = (model: Bart, build: Build, ids: Node, encoded: Node, mask: Node): Node =>
  build.graph.scope("decoder", () => {
    const length = dimension(ids.shape, 1)
    const [causal, padding] = [causalMask(build.graph, length), scoreMask(mask)] // [1,1,T,T], [B,1,1,S]
    const options = { scale: decoderScale(model), dropout: model.attentionDropout }
    const x = embed(model, build, "model.decoder", ids, positions(build, "model.decoder", length)) // [B,T,d]
    return decodeLayers(model, build, x, {
      own: (_, query, own) => attend(build, query, own, { ...options, bias: causal }),
      cross: (block, query) =>
        attend(build, query, crossMemory(model, build, block, encoded), { ...options, bias: padding }),
    }).logits
  })

const decodeStep = (model: Bart, build: StepBuild): Step =>
  build.graph.scope("decoder step", () => {
    const position = build.ints("position", [1], (array, { step }) => array.fill(FIRST_POSITION + step))
    const places = gather(build.table(positionTable("model.decoder")), position) // [1,d]
    const x = embed(model, build, "model.decoder", build.ids, places) // [B,K,d]
    const scale = decoderScale(model)
    return decodeLayers(model, build, x, {
      own: (block, query, own) => attendStep(build, block, query, own, { mask: build.ownMask, scale }),
      cross: (block, query) => attendMemory(build, block, query, scale),
    })
  })

/** What the queries [B,H,T,D] of a decoder layer attend to, among the target so far and in the source: [B,H,T,D]. */
interface Attentions {
  readonly own: (block: number, query: Node, own: KeysValues) => Node
  readonly cross: (block: number, query: Node) => Node
}

/** Runs `x` [B,T,d] through the decoder's layers: logits [B·T,V], and the keys and values that the layers made of it. */
const decodeLayers = (model: Bart, build: Build, x: Node, attentions: Attentions): Step => {
  const { layers, heads } = model.decoder
  const made: KeysValues[] = []
  let hidden = x
  for (let block = 0; block < layers; block++) {
    const name = `model.decoder.layers.${block}`
    hidden = build.graph.scope(`layers.${block}`, () => {
      const own = keysValues(build, `${name}.self_attn`, hidden, heads)
      made.push(own)
      const mixed = attentions.own(block, project(build, `${name}.self_attn.q_proj`, hidden, heads), own)
      const between = output(model, build, `${name}.self_attn`, hidden, mixed)
      const seen = attentions.cross(block, project(build, `${name}.encoder_attn.q_proj`, between, heads))
      return feedForward(model, build, name, output(model, build, `${name}.encoder_attn`, between, seen))
    })
  }
  const products = matmul(rowsOf(hidden), build.parameter("model.shared.weight"), { transposeB: true }) // [B·T,V]
  return { logits: add(products, build.parameter("final_logits_bias")), made }
}

const decoderScale = (model: Bart): number => (model.width / model.decoder.heads) ** -0.5

/** Keys and values of the cross-attention of one decoder layer over `encoded` [B,S,d]: each [B,H,S,D]. */
const crossMemory = (model: Bart, build: Build, block: number, encoded: Node): KeysValues =>
  keysValues(build, `model.decoder.layers.${block}.encoder_attn`, encoded, model.decoder.heads)

/** Tokens `ids` [B,L] at `places` [L,d]: [B,L,d]. */
const embed = (model: Bart, build: Build, side: string, ids: Node, places: Node): Node => {
  const tokens = gather(build.table("model.shared.weight"), ids)
  const scaled = model.embeddingScale === 1 ? tokens : mul(tokens, model.embeddingScale)
  return build.dropout(norm(build, `${side}.layernorm_embedding`, add(scaled, places), EPSILON), model.dropout)
}

const positionTable = (side: string): string => `${side}.embed_positions.weight`

/** The embeddings of the first `length` positions: [L,d]. */
const positions = (build: Build, side: string, length: number): Node =>
  slice(build.parameter(positionTable(side)), 0, FIRST_POSITION, length)

/** [B,L,d] to one query, key or value for each head: [B,H,L,D]. */
const project = (build: Build, name: string, x: Node, heads: number): Node => splitHeads(linear(build, name, x), heads)

const keysValues = (build: Build, name: string, x: Node, heads: number): KeysValues => ({
  keys: project(build, `${name}.k_proj`, x, heads),
  values: project(build, `${name}.v_proj`, x, heads),
})

/** Adds what the heads found, `mixed` [B,H,L,D], to `x` [B,L,d]. */
const output = (model: Bart, build: Build, name: string, x: Node, mixed: Node): Node =>
  addNormed(model, build, `${name}_layer_norm`, x, linear(build, `${name}.out_proj`, joinHeads(mixed)))

const feedForward = (model: Bart, build: Build, name: string, x: Node): Node => {
  const inner = build.dropout(activate(model.activation, linear(build, `${name}.fc1`, x)), model.activationDropout)
  return addNormed(model, build, `${name}.final_layer_norm`, x, linear(build, `${name}.fc2`, inner))
}

/** `norm(x + dropout(added))`: BART normalises after each part of a layer. */
const addNormed = (model: Bart, build: Build, name: string, x: Node, added: Node): Node =>
  norm(build, name, add(x, build.dropout(added, model.dropout)), EPSILON)
