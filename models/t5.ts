// T5: Raffel et al. 2020, https://arxiv.org/abs/1910.10683, as Hugging Face's modeling_t5.py computes it.
// Shapes: B batch, S source length, T target length, d width, H heads, D head width, V vocabulary.
import type { Graph, Node, Shape } from "./ir/graph.ts"
import { add, gather, geluTanh, matmul, mul, relu, reshape, rmsNorm, softmax, sum, transpose } from "./ir/ops.ts"
import { dimension } from "./ir/shape.ts"
import type { T5Config } from "./t5-config.ts"

/** What the layers are built from. */
export interface T5 {
  readonly config: T5Config
  readonly graph: Graph
  /** The parameter of a Hugging Face name. */
  readonly parameter: (name: string) => Node
  /** Dropout in training, else the identity. */
  readonly dropout: (x: Node) => Node
}

/** Added to the scores of positions that must not be attended to: large, yet a sum with a score stays finite. */
export const MASKED = -1e9

/** Encodes `ids` int32 [B,S] under `mask` [B,S] (0 for a token, `MASKED` for padding): [B,S,d]. */
export const t5Encode = (t5: T5, ids: Node, mask: Node): Node =>
  t5.graph.scope("encoder", () => {
    const [batch, length] = [dimension(ids.shape, 0), dimension(ids.shape, 1)]
    const bias = add(positionBias(t5, "encoder", length), reshape(mask, [batch, 1, 1, length])) // [B,H,S,S]
    let x = t5.dropout(gather(t5.parameter("shared.weight"), ids)) // [B,S,d]
    for (let block = 0; block < t5.config.encoderLayers; block++) {
      x = layer(t5, `encoder.block.${block}.layer.0`, x, (normal, name) => selfAttention(t5, name, normal, bias))
      x = layer(t5, `encoder.block.${block}.layer.1`, x, (normal, name) => feedForward(t5, name, normal))
    }
    return t5.dropout(norm(t5, "encoder.final_layer_norm", x))
  })

/** Decodes `ids` int32 [B,T] attending to `encoded` [B,S,d] under `mask` [B,S]: logits [B·T,V]. */
export const t5Decode = (t5: T5, ids: Node, encoded: Node, mask: Node): Node =>
  t5.graph.scope("decoder", () => {
    const length = dimension(ids.shape, 1)
    const selfBias = positionBias(t5, "decoder", length) // [1,H,T,T]
    const crossBias = reshape(mask, [dimension(mask.shape, 0), 1, 1, dimension(mask.shape, 1)]) // [B,1,1,S]
    let x = t5.dropout(gather(t5.parameter("shared.weight"), ids)) // [B,T,d]
    for (let block = 0; block < t5.config.decoderLayers; block++) {
      const name = `decoder.block.${block}`
      x = layer(t5, `${name}.layer.0`, x, (normal, at) => selfAttention(t5, at, normal, selfBias))
      x = layer(t5, `${name}.layer.1`, x, (normal) => {
        const { keys, values } = t5CrossMemory(t5, block, encoded)
        const cross = `${name}.layer.1.EncDecAttention`
        return attend(t5, cross, project(t5, `${cross}.q`, normal), keys, values, crossBias)
      })
      x = layer(t5, `${name}.layer.2`, x, (normal, at) => feedForward(t5, at, normal))
    }
    return head(t5, t5.dropout(norm(t5, "decoder.final_layer_norm", x)))
  })

/** Keys and values of the cross-attention of one decoder block over `encoded` [B,S,d]: each [B,H,S,D]. */
export const t5CrossMemory = (t5: T5, block: number, encoded: Node): { readonly keys: Node; readonly values: Node } => {
  const name = `decoder.block.${block}.layer.1.EncDecAttention`
  return { keys: project(t5, `${name}.k`, encoded), values: project(t5, `${name}.v`, encoded) }
}

/** What one decoder block remembers while decoding token by token. */
export interface T5Cache {
  /** Earlier tokens' keys and values, [B,H,C,D] for a capacity of C tokens, zero from the current position on. */
  readonly selfKeys: Node
  readonly selfValues: Node
  /** The source's keys and values, [B,H,S,D]. */
  readonly crossKeys: Node
  readonly crossValues: Node
}

/** One decoding step. */
export interface T5Step {
  /** [B,V]. */
  readonly logits: Node
  /** The new token's keys and values of each block, [B,H,1,D], to be put into the caches at its position. */
  readonly keys: readonly Node[]
  readonly values: readonly Node[]
}

/**
 * Decodes one token for each row: `ids` int32 [B,1], `place` [1,1,1,C] is 1 at the token's position and else 0,
 * `selfBias` [1,H,1,C] is the position bias, `MASKED` beyond the position, `mask` [B,S] that of the source.
 */
export const t5DecodeStep = (
  t5: T5,
  ids: Node,
  place: Node,
  selfBias: Node,
  mask: Node,
  caches: readonly T5Cache[],
): T5Step =>
  t5.graph.scope("decoder step", () => {
    const batch = dimension(ids.shape, 0)
    const crossBias = reshape(mask, [batch, 1, 1, dimension(mask.shape, 1)]) // [B,1,1,S]
    const [keys, values]: [Node[], Node[]] = [[], []]
    let x = gather(t5.parameter("shared.weight"), ids) // [B,1,d]
    caches.forEach((cache, block) => {
      const name = `decoder.block.${block}`
      x = layer(t5, `${name}.layer.0`, x, (normal) => {
        const at = `${name}.layer.0.SelfAttention`
        const query = project(t5, `${at}.q`, normal) // [B,H,1,D]
        const key = project(t5, `${at}.k`, normal) // [B,H,1,D]
        const value = project(t5, `${at}.v`, normal) // [B,H,1,D]
        keys.push(key)
        values.push(value)
        // The cache is zero at the token's own position: its score and value are added there instead of copying the cache.
        const own = mul(sum(mul(query, key), [3]), place) // [B,H,1,C]
        const scores = add(add(matmul(query, cache.selfKeys, { transposeB: true }), own), selfBias)
        const weights = softmax(scores) // [B,H,1,C]
        const mixed = add(matmul(weights, cache.selfValues), mul(sum(mul(weights, place), [3]), value)) // [B,H,1,D]
        return join(t5, `${at}.o`, mixed)
      })
      x = layer(t5, `${name}.layer.1`, x, (normal) => {
        const at = `${name}.layer.1.EncDecAttention`
        return attend(t5, at, project(t5, `${at}.q`, normal), cache.crossKeys, cache.crossValues, crossBias)
      })
      x = layer(t5, `${name}.layer.2`, x, (normal, at) => feedForward(t5, at, normal))
    })
    return { logits: head(t5, norm(t5, "decoder.final_layer_norm", x)), keys, values }
  })

/** `x + dropout(f(norm(x)))`. */
const layer = (t5: T5, name: string, x: Node, f: (normal: Node, name: string) => Node): Node =>
  t5.graph.scope(
    name.slice(name.indexOf(".") + 1),
    () => add(x, t5.dropout(f(norm(t5, `${name}.layer_norm`, x), name))),
  )

const norm = (t5: T5, name: string, x: Node): Node => rmsNorm(x, t5.parameter(`${name}.weight`), t5.config.epsilon)

const linear = (t5: T5, name: string, x: Node): Node => matmul(x, t5.parameter(`${name}.weight`), { transposeB: true })

/** [B,L,d] to one query, key or value for each head: [B,H,L,D]. */
const project = (t5: T5, name: string, x: Node): Node => {
  const shape: Shape = [dimension(x.shape, 0), dimension(x.shape, 1), t5.config.heads, t5.config.headWidth]
  return transpose(reshape(linear(t5, name, x), shape), [0, 2, 1, 3])
}

/** The heads' results [B,H,L,D] back to [B,L,d]. */
const join = (t5: T5, name: string, x: Node): Node => {
  const shape: Shape = [dimension(x.shape, 0), dimension(x.shape, 2), t5.config.heads * t5.config.headWidth]
  return linear(t5, name, reshape(transpose(x, [0, 2, 1, 3]), shape))
}

/** Attention without the usual scaling by √D: T5 has it in the initial weights. Queries [B,H,L,D], keys [B,H,M,D]. */
const attend = (t5: T5, name: string, query: Node, keys: Node, values: Node, bias: Node): Node => {
  const scores = add(matmul(query, keys, { transposeB: true }), bias) // [B,H,L,M]
  return join(t5, `${name}.o`, matmul(t5.dropout(softmax(scores)), values))
}

const selfAttention = (t5: T5, layerName: string, x: Node, bias: Node): Node => {
  const name = `${layerName}.SelfAttention`
  const [query, keys, values] = [project(t5, `${name}.q`, x), project(t5, `${name}.k`, x), project(t5, `${name}.v`, x)]
  return attend(t5, name, query, keys, values, bias)
}

const feedForward = (t5: T5, layerName: string, x: Node): Node => {
  const name = `${layerName}.DenseReluDense`
  const inner = t5.config.gated
    ? mul(geluTanh(linear(t5, `${name}.wi_0`, x)), linear(t5, `${name}.wi_1`, x))
    : relu(linear(t5, `${name}.wi`, x))
  return linear(t5, `${name}.wo`, t5.dropout(inner))
}

/** [B,L,d] to logits [B·L,V]. */
const head = (t5: T5, x: Node): Node => {
  const { tied, width } = t5.config
  const rows = reshape(x, [dimension(x.shape, 0) * dimension(x.shape, 1), width])
  return tied
    ? matmul(rows, t5.parameter("shared.weight"), { transposeB: true, scale: width ** -0.5 })
    : matmul(rows, t5.parameter("lm_head.weight"), { transposeB: true })
}

/** The first layer's learned bias for every pair of positions: [1,H,L,L]; in the decoder, later positions are masked. */
const positionBias = (t5: T5, stack: "encoder" | "decoder", length: number): Node => {
  const { config, graph } = t5
  const table = t5.parameter(`${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`) // [buckets,H]
  const buckets = new Int32Array(length * length)
  const causal = new Float32Array(length * length)
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < length; key++) {
      buckets[query * length + key] = t5Bucket(config, key - query, stack === "encoder")
      causal[query * length + key] = key > query ? MASKED : 0
    }
  }
  const bias = gather(table, graph.constant(buckets, [length, length])) // [L,L,H]
  const heads = reshape(transpose(bias, [2, 0, 1]), [1, config.heads, length, length])
  return stack === "encoder" ? heads : add(heads, graph.constant(causal, [1, 1, length, length]))
}

/**
 * The bucket of a relative position (key minus query): one for each near distance, then logarithmically wider ones
 * up to `maxDistance`. In float32, as Hugging Face's `_relative_position_bucket` computes it.
 */
export const t5Bucket = (config: T5Config, relative: number, bidirectional: boolean): number => {
  const buckets = bidirectional ? config.buckets / 2 : config.buckets
  const start = bidirectional && relative > 0 ? buckets : 0
  const distance = bidirectional ? Math.abs(relative) : Math.max(-relative, 0)
  const exact = buckets / 2
  if (distance < exact) return start + distance
  const logarithm = Math.fround(Math.log(Math.fround(distance / exact)))
  const share = Math.fround(logarithm / Math.fround(Math.log(config.maxDistance / exact)))
  return start + Math.min(exact + Math.trunc(Math.fround(share * (buckets - exact))), buckets - 1)
}
