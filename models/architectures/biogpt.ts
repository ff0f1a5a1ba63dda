// BioGPT: Luo et al. 2022, https://doi.org/10.1093/bib/bbac409, as Hugging Face's modeling_biogpt.py computes it.
// Shapes: B batch, L length, K beams, d width, H heads, D head width, R rows to predict at, V vocabulary.
import { Schema } from "effect"
import type { Node } from "../ir/node.ts"
import { add, gather, matmul, mul, slice } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import { activate, type ActivationName, activationNamed } from "./activations.ts"
import type {
  Build,
  Config,
  DecoderOnly,
  DecoderOnlyDescription,
  KeysValues,
  Parameter,
  Step,
  StepBuild,
} from "./architecture.ts"
import {
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
  attendStep,
  type Attention,
  causalMask,
  joinHeads,
  linear,
  norm,
  type Read,
  rowsOf,
  splitHeads,
  stepPositions,
} from "./layers.ts"

/**
 * The fields that shape the computation; what is missing is as in Hugging Face's `BioGptConfig`. Its `layer_norm_eps`
 * is not among them: the model does not read it.
 */
const Fields = Schema.Struct({
  vocab_size: Schema.optionalKey(Positive),
  max_position_embeddings: Schema.optionalKey(Positive),
  hidden_size: Schema.optionalKey(Positive),
  num_hidden_layers: Schema.optionalKey(Positive),
  num_attention_heads: Schema.optionalKey(Positive),
  intermediate_size: Schema.optionalKey(Positive),
  hidden_act: Schema.optionalKey(Schema.String),
  hidden_dropout_prob: Schema.optionalKey(Probability),
  attention_probs_dropout_prob: Schema.optionalKey(Probability),
  activation_dropout: Schema.optionalKey(Probability),
  initializer_range: Schema.optionalKey(Schema.Finite),
  scale_embedding: Schema.optionalKey(Schema.Boolean),
  tie_word_embeddings: Schema.optionalKey(Schema.Boolean),
  pad_token_id: Schema.optionalKey(Schema.Int),
  eos_token_id: Schema.optionalKey(Schema.Int),
})

/** A BioGPT as its configuration sets it. */
interface BioGpt {
  readonly vocabulary: number
  readonly positions: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly headWidth: number
  /** Width inside the feed-forward layer. */
  readonly innerWidth: number
  readonly activation: ActivationName
  /** Of the embeddings and of what each half of a layer adds. */
  readonly dropout: number
  readonly attentionDropout: number
  readonly activationDropout: number
  readonly deviation: number
  /** What multiplies the embeddings of tokens, but not the head. */
  readonly embeddingScale: number
  /** The output head is the embedding table. */
  readonly tied: boolean
  readonly padId: number
}

/** Reads a BioGPT's `config.json`. Throws `UnsupportedConfig`, which names the field. */
const readConfig = (config: Config): { readonly model: BioGpt; readonly description: DecoderOnlyDescription } => {
  requireModelType(config, "biogpt")
  const fields = readFields(Fields, config)
  requireValues(config, { layerdrop: [0], is_encoder_decoder: [false], add_cross_attention: [false] })
  const { vocab_size: vocabulary = 42384, hidden_size: width = 1024, num_attention_heads: heads = 16 } = fields
  const { pad_token_id: padId = 1, eos_token_id: eosId = 2 } = fields
  requireIds(vocabulary, { pad_token_id: padId, eos_token_id: eosId })
  const model: BioGpt = {
    vocabulary,
    positions: fields.max_position_embeddings ?? 1024,
    width,
    layers: fields.num_hidden_layers ?? 24,
    heads,
    headWidth: headWidthOf("num_attention_heads", width, heads),
    innerWidth: fields.intermediate_size ?? 4096,
    activation: activationNamed("hidden_act", fields.hidden_act ?? "gelu"),
    dropout: fields.hidden_dropout_prob ?? 0.1,
    attentionDropout: fields.attention_probs_dropout_prob ?? 0.1,
    activationDropout: fields.activation_dropout ?? 0,
    deviation: fields.initializer_range ?? 0.02,
    embeddingScale: fields.scale_embedding ?? true ? Math.sqrt(width) : 1,
    tied: fields.tie_word_embeddings ?? true,
    padId,
  }
  return {
    model,
    description: {
      kind: "decoder-only",
      modelType: "biogpt",
      vocabulary,
      padId,
      eosId,
      blocks: model.layers,
      heads,
      headWidth: model.headWidth,
      positions: model.positions,
      parameters: parameters(model),
      prefix: "biogpt.",
      copies: new Map(model.tied ? [[EMBEDDING, [HEAD]]] : []),
      redundant: () => false,
    },
  }
}

/** The tensors and limits of a BioGPT by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const descriptionOf = (config: Config): DecoderOnlyDescription => readConfig(config).description

/** A BioGPT by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const architectureOf = (config: Config): DecoderOnly => {
  const { model, description } = readConfig(config)
  return {
    ...description,
    logits: (build, ids, rows) => {
      const { hidden } = read(model, build, ids) // [B,L,d]
      return head(model, build, gather(rowsOf(hidden), rows))
    },
    memory: (build, ids) => read(model, build, ids).made,
    step: (build) => decodeStep(model, build),
  }
}

const EMBEDDING = "biogpt.embed_tokens.weight"
const POSITIONS = "biogpt.embed_positions.weight"
const HEAD = "output_projection.weight"

// torch's default, which no field changes.
const EPSILON = 1e-5

// The position table begins with two rows that are never read.
const FIRST_POSITION = 2

/** Names, shapes and initial deviations as in modeling_biogpt.py; a linear weight is [outputs, inputs]. */
const parameters = (model: BioGpt): ReadonlyMap<string, Parameter> => {
  const { vocabulary, positions, width, layers, innerWidth, deviation } = model
  const made = new Parameters()
  made.table("biogpt.embed_tokens", vocabulary, width, deviation, model.padId)
  made.table("biogpt.embed_positions", FIRST_POSITION + positions, width, deviation)
  for (let index = 0; index < layers; index++) {
    const name = `biogpt.layers.${index}`
    for (const part of ["q", "k", "v", "out"]) made.linear(`${name}.self_attn.${part}_proj`, width, width, deviation)
    made.norm(`${name}.self_attn_layer_norm`, width)
    made.linear(`${name}.fc1`, innerWidth, width, deviation)
    made.linear(`${name}.fc2`, width, innerWidth, deviation)
    made.norm(`${name}.final_layer_norm`, width)
  }
  made.norm("biogpt.layer_norm", width)
  if (!model.tied) made.table("output_projection", vocabulary, width, deviation)
  return made.all
}

/** Runs `ids` int32 [B,L], each token attending to itself and those before it. */
const read = (model: BioGpt, build: Build, ids: Node): Read => {
  const length = dimension(ids.shape, 1)
  const options = { scale: scaleOf(model), bias: causalMask(build.graph, length), dropout: model.attentionDropout }
  const positions = slice(build.parameter(POSITIONS), 0, FIRST_POSITION, length) // [L,d]
  return runLayers(
    model,
    build,
    embed(model, build, ids, positions),
    (_, query, own) => attend(build, query, own, options),
  )
}

const decodeStep = (model: BioGpt, build: StepBuild): Step => {
  const scale = scaleOf(model)
  const positions = gather(build.table(POSITIONS), stepPositions(build, model.positions, FIRST_POSITION)) // [B,K,d]
  const { hidden, made } = runLayers(
    model,
    build,
    embed(model, build, build.ids, positions),
    (index, query, own) => attendStep(build, index, query, own, { scale, mask: build.ownMask }),
  )
  return { logits: head(model, build, rowsOf(hidden)), made }
}

const scaleOf = (model: BioGpt): number => model.headWidth ** -0.5

/** Tokens `ids` [B,L] at `positions` [B or 1,L,d]: [B,L,d]. */
const embed = (model: BioGpt, build: Build, ids: Node, positions: Node): Node => {
  const tokens = gather(build.table(EMBEDDING), ids)
  const scaled = model.embeddingScale === 1 ? tokens : mul(tokens, model.embeddingScale)
  return build.dropout(add(scaled, positions), model.dropout)
}

/** Runs `x` [B,L,d] through all layers. */
const runLayers = (model: BioGpt, build: Build, x: Node, attention: Attention): Read => {
  const made: KeysValues[] = []
  let hidden = x
  for (let index = 0; index < model.layers; index++) {
    const name = `biogpt.layers.${index}`
    build.graph.scope(name, () => {
      const normal = norm(build, `${name}.self_attn_layer_norm`, hidden, EPSILON)
      const project = (part: string): Node =>
        splitHeads(linear(build, `${name}.self_attn.${part}_proj`, normal), model.heads) // [B,H,L,D]
      const own = { keys: project("k"), values: project("v") }
      const mixed = joinHeads(attention(index, project("q"), own)) // [B,L,d]
      hidden = add(hidden, build.dropout(linear(build, `${name}.self_attn.out_proj`, mixed), model.dropout))
      hidden = add(hidden, build.dropout(feedForward(model, build, name, hidden), model.dropout))
      made.push(own)
    })
  }
  return { hidden, made }
}

const feedForward = (model: BioGpt, build: Build, name: string, x: Node): Node => {
  const normal = norm(build, `${name}.final_layer_norm`, x, EPSILON)
  const inner = activate(model.activation, linear(build, `${name}.fc1`, normal)) // [B,L,inner]
  return linear(build, `${name}.fc2`, build.dropout(inner, model.activationDropout))
}

/** [R,d] to logits [R,V]. */
const head = (model: BioGpt, build: Build, x: Node): Node =>
  matmul(norm(build, "biogpt.layer_norm", x, EPSILON), build.parameter(model.tied ? EMBEDDING : HEAD), {
    transposeB: true,
  })
