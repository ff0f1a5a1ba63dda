// GPT-2: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", as Hugging Face's modeling_gpt2.py
// computes it; also BioMedLM. Shapes: B batch, L length, K beams, d width, H heads, D head width, R rows to predict at,
// V vocabulary.
import { Schema } from "effect"
import type { Node } from "../ir/node.ts"
import { add, gather, matmul, slice } from "../ir/ops.ts"
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
  attendStep,
  type Attention,
  causalMask,
  joinHeads,
  norm,
  type Read,
  rowsOf,
  splitHeads,
  stepPositions,
} from "./layers.ts"

/** The fields that shape the computation; what is missing is as in Hugging Face's `GPT2Config`. */
const Fields = Schema.Struct({
  vocab_size: Schema.optionalKey(Positive),
  n_positions: Schema.optionalKey(Positive),
  n_embd: Schema.optionalKey(Positive),
  n_layer: Schema.optionalKey(Positive),
  n_head: Schema.optionalKey(Positive),
  n_inner: Schema.optionalKey(Schema.NullOr(Positive)),
  activation_function: Schema.optionalKey(Schema.String),
  resid_pdrop: Schema.optionalKey(Probability),
  embd_pdrop: Schema.optionalKey(Probability),
  attn_pdrop: Schema.optionalKey(Probability),
  layer_norm_epsilon: Schema.optionalKey(Schema.Finite),
  initializer_range: Schema.optionalKey(Schema.Finite),
  scale_attn_weights: Schema.optionalKey(Schema.Boolean),
  scale_attn_by_inverse_layer_idx: Schema.optionalKey(Schema.Boolean),
  tie_word_embeddings: Schema.optionalKey(Schema.Boolean),
  eos_token_id: Schema.optionalKey(Schema.Int),
  pad_token_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
})

const ALIASES = {
  hidden_size: "n_embd",
  max_position_embeddings: "n_positions",
  num_attention_heads: "n_head",
  num_hidden_layers: "n_layer",
}

/** A GPT-2 as its configuration sets it. */
interface Gpt2 {
  readonly vocabulary: number
  readonly positions: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  /** Width inside the feed-forward layer. */
  readonly innerWidth: number
  readonly activation: ActivationName
  readonly embeddingDropout: number
  readonly attentionDropout: number
  /** Of what each half of a block adds. */
  readonly residualDropout: number
  readonly epsilon: number
  readonly deviation: number
  /** What multiplies the attention scores of each block. */
  readonly scales: readonly number[]
  /** The output head is the embedding table. */
  readonly tied: boolean
}

/** Reads a GPT-2's `config.json`. Throws `UnsupportedConfig`, which names the field. */
const readConfig = (config: Config): { readonly model: Gpt2; readonly description: DecoderOnlyDescription } => {
  requireModelType(config, "gpt2")
  const fields = readFields(Fields, canonicalFields(config, ALIASES))
  // `reorder_and_upcast_attn` is the same in exact arithmetic and in float32, so either value will do.
  requireValues(config, { add_cross_attention: [false] })
  const { vocab_size: vocabulary = 50257, n_embd: width = 768, n_layer: layers = 12, n_head: heads = 12 } = fields
  const headWidth = headWidthOf("n_head", width, heads)
  const eosId = fields.eos_token_id ?? 50256
  const padId = fields.pad_token_id ?? eosId
  requireIds(vocabulary, { eos_token_id: eosId, pad_token_id: padId })
  const scale = fields.scale_attn_weights ?? true ? headWidth ** -0.5 : 1
  const byDepth = fields.scale_attn_by_inverse_layer_idx ?? false
  const model: Gpt2 = {
    vocabulary,
    positions: fields.n_positions ?? 1024,
    width,
    layers,
    heads,
    innerWidth: fields.n_inner ?? 4 * width,
    activation: activationNamed("activation_function", fields.activation_function ?? "gelu_new"),
    embeddingDropout: fields.embd_pdrop ?? 0.1,
    attentionDropout: fields.attn_pdrop ?? 0.1,
    residualDropout: fields.resid_pdrop ?? 0.1,
    epsilon: fields.layer_norm_epsilon ?? 1e-5,
    deviation: fields.initializer_range ?? 0.02,
    scales: Array.from({ length: layers }, (_, index) => byDepth ? scale / (index + 1) : scale),
    tied: fields.tie_word_embeddings ?? true,
  }
  return {
    model,
    description: {
      kind: "decoder-only",
      modelType: "gpt2",
      vocabulary,
      padId,
      eosId,
      blocks: layers,
      heads,
      headWidth,
      positions: model.positions,
      parameters: parameters(model),
      prefix: "transformer.",
      copies: new Map(model.tied ? [["transformer.wte.weight", ["lm_head.weight"]]] : []),
      redundant: (name) => ATTENTION_BUFFER.test(name),
    },
  }
}

/** The tensors and limits of a GPT-2 by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const descriptionOf = (config: Config): DecoderOnlyDescription => readConfig(config).description

/** A GPT-2 by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
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

// Causal masks, which older checkpoints hold; `attn.c_attn.bias` is a parameter.
const ATTENTION_BUFFER = /^(transformer\.)?h\.\d+\.attn\.(bias|masked_bias)$/

/** Names, shapes and initial deviations as in modeling_gpt2.py; a `Conv1D` weight is [inputs, outputs]. */
const parameters = (model: Gpt2): ReadonlyMap<string, Parameter> => {
  const { vocabulary, positions, width, layers, innerWidth, deviation } = model
  const made = new Parameters()
  const conv1d = (name: string, inputs: number, outputs: number, spread: number): void => {
    made.put(`${name}.weight`, [inputs, outputs], { deviation: spread })
    made.put(`${name}.bias`, [outputs], { fill: 0 })
  }
  // Each block adds to the sum twice; smaller draws keep the sum's size.
  const residual = deviation / Math.sqrt(2 * layers)
  made.table("transformer.wte", vocabulary, width, deviation)
  made.table("transformer.wpe", positions, width, deviation)
  for (let index = 0; index < layers; index++) {
    const name = `transformer.h.${index}`
    made.norm(`${name}.ln_1`, width)
    conv1d(`${name}.attn.c_attn`, width, 3 * width, deviation)
    conv1d(`${name}.attn.c_proj`, width, width, residual)
    made.norm(`${name}.ln_2`, width)
    conv1d(`${name}.mlp.c_fc`, width, innerWidth, deviation)
    conv1d(`${name}.mlp.c_proj`, innerWidth, width, residual)
  }
  made.norm("transformer.ln_f", width)
  if (!model.tied) made.table("lm_head", vocabulary, width, deviation)
  return made.all
}

/** Runs `ids` int32 [B,L], each token attending to itself and those before it. */
const read = (model: Gpt2, build: Build, ids: Node): Read => {
  const length = dimension(ids.shape, 1)
  const bias = causalMask(build.graph, length) // [1,1,L,L]
  const positions = slice(build.parameter("transformer.wpe.weight"), 0, 0, length) // [L,d]
  return blocks(model, build, embed(model, build, ids, positions), (index, query, own) => {
    const scale = model.scales[index] ?? 1
    return attend(build, query, own, { scale, bias, dropout: model.attentionDropout })
  })
}

const decodeStep = (model: Gpt2, build: StepBuild): Step => {
  const positions = gather(build.table("transformer.wpe.weight"), stepPositions(build, model.positions)) // [B,K,d]
  const { hidden, made } = blocks(model, build, embed(model, build, build.ids, positions), (index, query, own) => {
    return attendStep(build, index, query, own, { scale: model.scales[index] ?? 1, mask: build.ownMask })
  })
  return { logits: head(model, build, rowsOf(hidden)), made }
}

/** Tokens `ids` [B,L] at `positions` [B or 1,L,d]: [B,L,d]. */
const embed = (model: Gpt2, build: Build, ids: Node, positions: Node): Node =>
  build.dropout(add(gather(build.table("transformer.wte.weight"), ids), positions), model.embeddingDropout)

/** Runs `x` [B,L,d] through all blocks. */
const blocks = (model: Gpt2, build: Build, x: Node, attention: Attention): Read => {
  const made: KeysValues[] = []
  let hidden = x
  for (let index = 0; index < model.layers; index++) {
    const name = `transformer.h.${index}`
    build.graph.scope(name, () => {
      const { query, own } = project(model, build, `${name}.attn`, norm(build, `${name}.ln_1`, hidden, model.epsilon))
      const mixed = joinHeads(attention(index, query, own)) // [B,L,d]
      hidden = add(hidden, build.dropout(conv1d(build, `${name}.attn.c_proj`, mixed), model.residualDropout))
      const normal = norm(build, `${name}.ln_2`, hidden, model.epsilon)
      hidden = add(hidden, build.dropout(feedForward(model, build, `${name}.mlp`, normal), model.residualDropout))
      made.push(own)
    })
  }
  return { hidden, made }
}

/** Query, key and value of each head, [B,H,L,D]: one product of `x` [B,L,d] holds all three beside each other. */
const project = (
  model: Gpt2,
  build: Build,
  name: string,
  x: Node,
): { readonly query: Node; readonly own: KeysValues } => {
  const joined = conv1d(build, `${name}.c_attn`, x) // [B,L,3d]
  const part = (index: number): Node => splitHeads(slice(joined, 2, index * model.width, model.width), model.heads)
  return { query: part(0), own: { keys: part(1), values: part(2) } }
}

const feedForward = (model: Gpt2, build: Build, name: string, x: Node): Node =>
  conv1d(build, `${name}.c_proj`, activate(model.activation, conv1d(build, `${name}.c_fc`, x)))

/** `x W + b`: unlike a linear layer's, the weight is [inputs, outputs]. */
const conv1d = (build: Build, name: string, x: Node): Node =>
  add(matmul(x, build.parameter(`${name}.weight`)), build.parameter(`${name}.bias`))

/** [R,d] to logits [R,V]. */
const head = (model: Gpt2, build: Build, x: Node): Node => {
  const normal = norm(build, "transformer.ln_f", x, model.epsilon)
  const table = build.parameter(model.tied ? "transformer.wte.weight" : "lm_head.weight")
  return matmul(normal, table, { transposeB: true })
}
