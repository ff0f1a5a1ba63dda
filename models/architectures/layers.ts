// Pieces that several architectures share. Shapes as in architecture.ts.
import type { Graph, Node } from "../ir/graph.ts"
import { add, concat, layerNorm, matmul, mul, reshape, slice, softmax, sum, transpose } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import { type Build, type KeysValues, MASKED, type StepBuild } from "./architecture.ts"

/** `x Wᵀ + b` with `weight` [outputs, inputs] and `bias` [outputs]. */
export const linear = (build: Build, name: string, x: Node): Node =>
  add(matmul(x, build.parameter(`${name}.weight`), { transposeB: true }), build.parameter(`${name}.bias`))

/** Layer normalisation by `weight` and `bias`. */
export const norm = (build: Build, name: string, x: Node, epsilon: number): Node =>
  layerNorm(x, build.parameter(`${name}.weight`), build.parameter(`${name}.bias`), epsilon)

/** [B,L,H·D] to [B,H,L,D]. */
export const splitHeads = (x: Node, heads: number): Node => {
  const [batch, length, width] = [dimension(x.shape, 0), dimension(x.shape, 1), dimension(x.shape, 2)]
  return transpose(reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3])
}

/** [B,H,L,D] to [B,L,H·D]. */
export const joinHeads = (x: Node): Node => {
  const [batch, heads, length, width] = [0, 1, 2, 3].map((axis) => dimension(x.shape, axis)) as [
    number,
    number,
    number,
    number,
  ]
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, length, heads * width])
}

/** [B,L,d] to [B·L,d]. */
export const rowsOf = (x: Node): Node =>
  reshape(x, [dimension(x.shape, 0) * dimension(x.shape, 1), dimension(x.shape, 2)])

/** How queries attend. */
export interface AttentionOptions {
  /** Multiplies the scores of queries and keys. */
  readonly scale: number
  /** Added to the scores: masks and position biases that broadcast to [B,H,L,M]. */
  readonly bias: Node
  /** Probability of dropping an attention weight. */
  readonly dropout: number
}

/** Attention of queries [B,H,L,D] over keys and values [B,H,M,D]: [B,H,L,D]. */
export const attend = (build: Build, query: Node, { keys, values }: KeysValues, options: AttentionOptions): Node => {
  const scores = add(matmul(query, keys, { transposeB: true, scale: options.scale }), options.bias) // [B,H,L,M]
  return matmul(build.dropout(softmax(scores), options.dropout), values)
}

/** Masks that let one block of a decoder-only model see less than everything before the token. */
export interface StepMasks {
  /** [B,1,1,S]. */
  readonly memoryMask: Node
  /** [1,1,1,C], or with heads [1,H,1,C] where positions have a bias. */
  readonly ownMask: Node
}

/**
 * Self-attention of the token at hand over the new tokens so far, itself included, and with `memory` over that before
 * them. Query, key and value [B,H,1,D] give [B,H,1,D]. The cache is zero at the token's own place: its score and value
 * are added there rather than the cache copied.
 */
export const attendStep = (
  step: StepBuild,
  query: Node,
  made: KeysValues,
  own: KeysValues,
  masks: Pick<StepMasks, "ownMask"> & { readonly scale: number },
  memory?: KeysValues & Pick<StepMasks, "memoryMask">,
): Node => {
  const { place } = step
  const { scale } = masks
  const itself = mul(mul(sum(mul(query, made.keys), [3]), scale), place) // [B,H,1,C]
  const scores = add(add(matmul(query, own.keys, { transposeB: true, scale }), itself), masks.ownMask) // [B,H,1,C]
  const mix = (weights: Node): Node => add(matmul(weights, own.values), mul(sum(mul(weights, place), [3]), made.values)) // [B,H,1,D]
  if (memory === undefined) return mix(softmax(scores))
  const before = add(matmul(query, memory.keys, { transposeB: true, scale }), memory.memoryMask) // [B,H,1,S]
  const weights = softmax(concat([before, scores], 3)) // [B,H,1,S+C]
  const [source, capacity] = [dimension(before.shape, 3), dimension(scores.shape, 3)]
  return add(matmul(slice(weights, 3, 0, source), memory.values), mix(slice(weights, 3, source, capacity)))
}

/** Attention of block `index` of a decoder-only model: query, key and value of each head, [B,H,L,D], give [B,H,L,D]. */
export type Attention = (index: number, query: Node, own: KeysValues) => Node

/** What a decoder-only model makes of a sequence. */
export interface Read {
  /** [B,L,d]. */
  readonly hidden: Node
  /** Keys and values of each block, [B,H,L,D]. */
  readonly made: readonly KeysValues[]
}

/** `attendStep` of a decoder-only model's block `index`, over its memory and the new tokens so far. */
export const attendRemembered = (
  step: StepBuild,
  index: number,
  query: Node,
  made: KeysValues,
  { scale, ownMask, memoryMask }: StepMasks & { readonly scale: number },
): Node => {
  const [memory, own] = [step.memory[index], step.own[index]]
  if (memory === undefined || own === undefined) throw new Error(`block ${index} has no memory`)
  return attendStep(step, query, made, own, { scale, ownMask }, { ...memory, memoryMask })
}

/** 0 where a query may see a key, that is itself and what is up to `window` - 1 before it, else `MASKED`: [1,1,L,L]. */
export const causalMask = (graph: Graph, length: number, window = Infinity): Node => {
  const mask = new Float32Array(length * length)
  for (let query = 0; query < length; query++) {
    for (let key = 0; key < length; key++) {
      mask[query * length + key] = key > query || query - key >= window ? MASKED : 0
    }
  }
  return graph.constant(mask, [1, 1, length, length])
}

/** A padding mask [B,S] as it is added to scores: [B,1,1,S]. */
export const scoreMask = (mask: Node): Node => reshape(mask, [dimension(mask.shape, 0), 1, 1, dimension(mask.shape, 1)])

/** The position of the token at hand in a decoder-only model, counted from `offset`: int32 [B,1]. */
export const stepPositions = (build: StepBuild, offset = 0): Node =>
  build.ints("positions", build.ids.shape, (array, { step, lengths }) => {
    for (let row = 0; row < array.length; row++) array[row] = offset + (lengths[row] ?? 0) + step
  })
