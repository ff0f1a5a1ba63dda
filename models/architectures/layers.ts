// Pieces that several architectures share. Shapes as in architecture.ts.
import type { Graph } from "../ir/graph.ts"
import type { Node } from "../ir/node.ts"
import { add, concat, layerNorm, matmul, reshape, slice, softmax, transpose } from "../ir/ops.ts"
import { dimension } from "../ir/shape.ts"
import { type Build, type KeysValues, MASKED, type StepBuild, type StepState } from "./architecture.ts"
import { noKeysAndValues, noMemory } from "./messages.ts"

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

/**
 * Self-attention of a step's tokens over those before them, queries [B,H,K,D] giving [B,H,K,D]: each beam sees what the
 * mask [B,1 or H,K,K+N] leaves it of the tokens at hand, that is itself, and of the slots.
 */
export const attendStep = (
  step: StepBuild,
  block: number,
  query: Node,
  made: KeysValues,
  { scale, mask }: { readonly scale: number; readonly mask: Node },
): Node => {
  const { keys, values } = atBlock(step.own, block)
  const beams = dimension(query.shape, 2)
  const scores = [made.keys, keys].map((each) => matmul(query, each, { transposeB: true, scale })) as [Node, Node]
  const weights = softmax(add(concat(scores, 3), mask)) // [B,H,K,K+N]
  const slots = dimension(weights.shape, 3) - beams
  const [own, earlier] = [slice(weights, 3, 0, beams), slice(weights, 3, beams, slots)]
  return add(matmul(own, made.values), matmul(earlier, values))
}

/** Attention of a step's tokens to the source, [B,H,K,D] to [B,H,K,D]. */
export const attendMemory = (step: StepBuild, block: number, query: Node, scale: number): Node => {
  if (step.memoryMask === undefined) throw new Error(noMemory)
  return attend(step, query, atBlock(step.memory, block), { scale, bias: step.memoryMask, dropout: 0 })
}

const atBlock = (all: readonly KeysValues[], block: number): KeysValues => {
  const found = all[block]
  if (found === undefined) throw new Error(noKeysAndValues(block))
  return found
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

/**
 * The positions of a step's tokens in a decoder-only model of so many, counted from `offset`: int32 [B,K]. A row that is
 * done stays at the last one while others of its batch go on.
 */
export const stepPositions = (build: StepBuild, positions: number, offset = 0): Node =>
  build.ints("positions", build.ids.shape, (array, { step, lengths, beams }) => {
    for (let row = 0; row < array.length; row++) {
      array[row] = offset + Math.min((lengths[Math.floor(row / beams)] ?? 0) + step, positions - 1)
    }
  })

/** The step that filled a slot of those that `ownMask` speaks of, which begin with those of the tokens at hand. */
export const stepOfSlot = (slot: number, { step, beams, before }: StepState): number =>
  slot < beams ? step : Math.floor((slot - beams - before) / beams)
