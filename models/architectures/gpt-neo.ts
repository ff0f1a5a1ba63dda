// GPT-Neo: Black et al. 2021, https://doi.org/10.5281/zenodo.5297715, as Hugging Face's modeling_gpt_neo.py computes
// it. It is GPT-2 but for attention, which is not scaled and in some blocks sees a window only. Shapes: B batch,
// L length, S memory, C capacity, d width, H heads, D head width, R rows to predict at, V vocabulary.
import { Schema } from "effect"
import type { Node } from "../ir/node.ts"
import { add, gather, matmul, slice } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import { activate, type ActivationName, activationNamed } from "./activations.ts"
import {
  type Build,
  type Config,
  type DecoderOnly,
  type DecoderOnlyDescription,
  type KeysValues,
  MASKED,
  type Parameter,
  type Step,
  type StepBuild,
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
  UnsupportedConfig,
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
  stepOfSlot,
  stepPositions,
} from "./layers.ts"
import { layersNamed } from "./messages.ts"

const Kind = Schema.Literals(["global", "local"])

/** Whether a block attends to all that is before a token or to a window of it. */
type Kind = typeof Kind.Type

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** The fields that shape the computation; what is missing is as in Hugging Face's `GPTNeoConfig`. */
const Fields = Schema.Struct({
  vocab_size: Schema.optionalKey(Positive),
  max_position_embeddings: Schema.optionalKey(Positive),
  hidden_size: Schema.optionalKey(Positive),
  num_layers: Schema.optionalKey(Positive),
  num_heads: Schema.optionalKey(Positive),
  intermediate_size: Schema.optionalKey(Schema.NullOr(Positive)),
  /** Lists of kinds with how often each is repeated. */
  attention_types: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Tuple([Schema.Array(Kind), Count])))),
  window_size: Schema.optionalKey(Positive),
  activation_function: Schema.optionalKey(Schema.String),
  resid_dropout: Schema.optionalKey(Probability),
  embed_dropout: Schema.optionalKey(Probability),
  attention_dropout: Schema.optionalKey(Probability),
  layer_norm_epsilon: Schema.optionalKey(Schema.Finite),
  initializer_range: Schema.optionalKey(Schema.Finite),
  tie_word_embeddings: Schema.optionalKey(Schema.Boolean),
  eos_token_id: Schema.optionalKey(Schema.Int),
  pad_token_id: Schema.optionalKey(Schema.NullOr(Schema.Int)),
})

const ALIASES = { num_attention_heads: "num_heads", num_hidden_layers: "num_layers" }

/** A GPT-Neo as its configuration sets it. */
interface GptNeo {
  readonly vocabulary: number
  readonly positions: number
  readonly width: number
  readonly heads: number
  /** Width inside the feed-forward layer. */
  readonly innerWidth: number
  /** One for each block. */
  readonly kinds: readonly Kind[]
  /** How many tokens a local block sees, the token itself among them. */
  readonly window: number
  readonly activation: ActivationName
  readonly embeddingDropout: number
  readonly attentionDropout: number
  /** Of what each half of a block adds. */
  readonly residualDropout: number
  readonly epsilon: number
  readonly deviation: number
  /** The output head is the embedding table. */
  readonly tied: boolean
}

/** Reads a GPT-Neo's `config.json`. Throws `UnsupportedConfig`, which names the field. */
const readConfig = (config: Config): { readonly model: GptNeo; readonly description: DecoderOnlyDescription } => {
  requireModelType(config, "gpt_neo")
  const fields = readFields(Fields, canonicalFields(config, ALIASES))
  const { vocab_size: vocabulary = 50257, hidden_size: width = 2048, num_heads: heads = 16 } = fields
  const headWidth = headWidthOf("num_heads", width, heads)
  const eosId = fields.eos_token_id ?? 50256
  const padId = fields.pad_token_id ?? eosId
  requireIds(vocabulary, { eos_token_id: eosId, pad_token_id: padId })
  const model: GptNeo = {
    vocabulary,
    positions: fields.max_position_embeddings ?? 2048,
    width,
    heads,
    innerWidth: fields.intermediate_size ?? 4 * width,
    kinds: expand(fields.attention_types ?? [[["global", "local"], 12]], fields.num_layers ?? 24),
    window: fields.window_size ?? 256,
    activation: activationNamed("activation_function", fields.activation_function ?? "gelu_new"),
    embeddingDropout: fields.embed_dropout ?? 0,
    attentionDropout: fields.attention_dropout ?? 0,
    residualDropout: fields.resid_dropout ?? 0,
    epsilon: fields.layer_norm_epsilon ?? 1e-5,
    deviation: fields.initializer_range ?? 0.02,
    tied: fields.tie_word_embeddings ?? true,
  }
  return {
    model,
    description: {
      kind: "decoder-only",
      modelType: "gpt_neo",
      vocabulary,
      padId,
      eosId,
      blocks: model.kinds.length,
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

/** The tensors and limits of a GPT-Neo by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
export const descriptionOf = (config: Config): DecoderOnlyDescription => readConfig(config).description

/** A GPT-Neo by its `config.json`. Throws `UnsupportedConfig`, which names the field. */
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

// Causal masks, which older checkpoints hold; `attn.attention.out_proj.bias` is a parameter.
const ATTENTION_BUFFER = /^(transformer\.)?h\.\d+\.attn\.attention\.(bias|masked_bias)$/

/** The kind of each block. */
const expand = (types: readonly (readonly [readonly Kind[], number])[], layers: number): readonly Kind[] => {
  const count = types.reduce((total, [kinds, times]) => total + kinds.length * times, 0)
  if (count !== layers) throw new UnsupportedConfig("attention_types", layersNamed(count, layers))
  return types.flatMap(([kinds, times]) => Array.from({ length: kinds.length === 0 ? 0 : times }, () => kinds).flat())
}

/** Names, shapes and initial deviations as in modeling_gpt_neo.py; a linear weight is [outputs, inputs]. */
const parameters = (model: GptNeo): ReadonlyMap<string, Parameter> => {
  const { vocabulary, positions, width, innerWidth, deviation } = model
  const made = new Parameters()
  made.table("transformer.wte", vocabulary, width, deviation)
  made.table("transformer.wpe", positions, width, deviation)
  model.kinds.forEach((_, index) => {
    const name = `transformer.h.${index}`
    made.norm(`${name}.ln_1`, width)
    for (const part of ["k_proj", "v_proj", "q_proj"]) {
      made.table(`${name}.attn.attention.${part}`, width, width, deviation)
    }
    made.linear(`${name}.attn.attention.out_proj`, width, width, deviation)
    made.norm(`${name}.ln_2`, width)
    made.linear(`${name}.mlp.c_fc`, innerWidth, width, deviation)
    made.linear(`${name}.mlp.c_proj`, width, innerWidth, deviation)
  })
  made.norm("transformer.ln_f", width)
  if (!model.tied) made.table("lm_head", vocabulary, width, deviation)
  return made.all
}

/** Runs `ids` int32 [B,L], each token attending to itself and those before it. */
const read = (model: GptNeo, build: Build, ids: Node): Read => {
  const length = dimension(ids.shape, 1)
  const global = causalMask(build.graph, length) // [1,1,L,L]
  const local = model.window < length ? causalMask(build.graph, length, model.window) : global
  const positions = slice(build.parameter("transformer.wpe.weight"), 0, 0, length) // [L,d]
  return blocks(model, build, embed(model, build, ids, positions), (index, query, own) => {
    const bias = model.kinds[index] === "local" ? local : global
    return attend(build, query, own, { scale: 1, bias, dropout: model.attentionDropout })
  })
}

const decodeStep = (model: GptNeo, build: StepBuild): Step => {
  const positions = gather(build.table("transformer.wpe.weight"), stepPositions(build, model.positions)) // [B,K,d]
  const local = model.kinds.includes("local") ? localMask(model, build) : build.ownMask
  const { hidden, made } = blocks(model, build, embed(model, build, build.ids, positions), (index, query, own) => {
    return attendStep(build, index, query, own, {
      scale: 1,
      mask: model.kinds[index] === "local" ? local : build.ownMask,
    })
  })
  return { logits: head(model, build, rowsOf(hidden)), made }
}

/** What local blocks see in a step: the last of the prompt, whose length differs from row to row, and of the new tokens. */
const localMask = ({ window }: GptNeo, build: StepBuild): Node =>
  build.slotFloats("local mask", build.ownMask.shape.slice(0, 3), (array, state) => {
    const { step, beams, before, lengths, mask } = state
    const slots = array.length / (lengths.length * beams)
    array.set(mask)
    for (let slot = beams; slot < slots; slot++) {
      for (const [row, length] of lengths.entries()) {
        const at = slot < beams + before ? slot - beams : length + stepOfSlot(slot, state)
        if (at > length + step - window) continue
        for (let beam = 0; beam < beams; beam++) array[(row * beams + beam) * slots + slot] = MASKED
      }
    }
  })

/** Tokens `ids` [B,L] at `positions` [B or 1,L,d]: [B,L,d]. */
const embed = (model: GptNeo, build: Build, ids: Node, positions: Node): Node =>
  build.dropout(add(gather(build.table("transformer.wte.weight"), ids), positions), model.embeddingDropout)

/** Runs `x` [B,L,d] through all blocks. */
const blocks = (model: GptNeo, build: Build, x: Node, attention: Attention): Read => {
  const made: KeysValues[] = []
  let hidden = x
  model.kinds.forEach((_, index) => {
    const name = `transformer.h.${index}`
    build.graph.scope(name, () => {
      const normal = norm(build, `${name}.ln_1`, hidden, model.epsilon)
      const project = (part: string): Node =>
        splitHeads(unbiased(build, `${name}.attn.attention.${part}`, normal), model.heads) // [B,H,L,D]
      const own = { keys: project("k_proj"), values: project("v_proj") }
      const mixed = joinHeads(attention(index, project("q_proj"), own)) // [B,L,d]
      hidden = add(
        hidden,
        build.dropout(linear(build, `${name}.attn.attention.out_proj`, mixed), model.residualDropout),
      )
      const inner = linear(build, `${name}.mlp.c_fc`, norm(build, `${name}.ln_2`, hidden, model.epsilon)) // [B,L,F]
      const fed = linear(build, `${name}.mlp.c_proj`, activate(model.activation, inner))
      hidden = add(hidden, build.dropout(fed, model.residualDropout))
      made.push(own)
    })
  })
  return { hidden, made }
}

/** `x Wᵀ`. */
const unbiased = (build: Build, name: string, x: Node): Node =>
  matmul(x, build.parameter(`${name}.weight`), { transposeB: true })

/** [R,d] to logits [R,V]. */
const head = (model: GptNeo, build: Build, x: Node): Node =>
  unbiased(build, model.tied ? "transformer.wte" : "lm_head", norm(build, "transformer.ln_f", x, model.epsilon))
