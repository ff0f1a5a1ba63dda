import { Random } from "./random.ts"
import type { T5Config } from "./t5-config.ts"
import type { BatchShape } from "./t5-programs.ts"
import { MASKED } from "./t5.ts"
import type { Tokenizer } from "./tokenizer.ts"

/** An example as the model is trained on it. */
export interface Example {
  readonly source: string
  readonly target: string
}

/** Token ids of an example, with the EOS that the tokenizer appends. */
export interface EncodedExample {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** Encodes and truncates examples. */
export const encodeExamples = (
  tokenizer: Tokenizer,
  examples: readonly Example[],
  maxSourceTokens: number,
  maxTargetTokens: number,
): readonly EncodedExample[] =>
  examples.map(({ source, target }) => ({
    source: tokenizer.encode(source, maxSourceTokens).ids,
    target: tokenizer.encode(target, maxTargetTokens).ids,
  }))

/** The micro-batches of one optimizer step, as indices of examples. */
export interface StepPlan {
  readonly epoch: number
  readonly microBatches: readonly (readonly number[])[]
}

/** How many steps an epoch has: micro-batches of `batchSize`, `accumulation` of them to a step, the last ones smaller. */
export const stepsPerEpoch = (examples: number, batchSize: number, accumulation: number): number =>
  Math.ceil(Math.ceil(examples / batchSize) / accumulation)

/**
 * What step `step` (from 0) trains on: each epoch takes every example once in an order drawn from seed and epoch
 * alone, so that any step can be planned without those before it.
 */
export const planStep = (
  step: number,
  examples: number,
  batchSize: number,
  accumulation: number,
  seed: number,
): StepPlan => {
  const perEpoch = stepsPerEpoch(examples, batchSize, accumulation)
  const epoch = Math.floor(step / perEpoch)
  const order = new Random(seed, 1, epoch).permutation(examples)
  const start = (step % perEpoch) * batchSize * accumulation
  const microBatches: number[][] = []
  for (let at = start; at < Math.min(start + batchSize * accumulation, examples); at += batchSize) {
    microBatches.push([...order.subarray(at, at + batchSize)])
  }
  return { epoch, microBatches }
}

/** The padded length for sequences of up to `length` tokens: four lengths to each doubling, none longer than `limit`. */
export const bucketLength = (length: number, limit: number): number => {
  const step = Math.max(8, 2 ** Math.floor(Math.log2(Math.max(1, length - 1))) / 4)
  return Math.min(Math.ceil(length / step) * step, Math.max(limit, length))
}

/** The arrays of one padded batch. */
export interface BatchArrays {
  readonly sourceIds: Int32Array
  readonly sourceMask: Float32Array
  readonly decoderIds: Int32Array
  readonly labels: Int32Array
  readonly labelWeights: Float32Array
}

/** Arrays for batches of one shape. */
export const batchArrays = ({ batch, source, target }: BatchShape): BatchArrays => ({
  sourceIds: new Int32Array(batch * source),
  sourceMask: new Float32Array(batch * source),
  decoderIds: new Int32Array(batch * target),
  labels: new Int32Array(batch * target),
  labelWeights: new Float32Array(batch * target),
})

/** Writes padded sources into `ids` and `mask`, each [rows, length]; rows beyond them are padding. */
export const fillSources = (
  ids: Int32Array,
  mask: Float32Array,
  length: number,
  sources: readonly (readonly number[])[],
  padId: number,
): void => {
  ids.fill(padId)
  mask.fill(MASKED)
  sources.forEach((source, row) => {
    ids.set(source, row * length)
    mask.fill(0, row * length, row * length + source.length)
  })
}

/**
 * Writes a batch. The decoder reads the target shifted right behind the start token; each target token weighs
 * `1 / (tokens · microBatches)`, so that the step's loss is the mean over micro-batches of their mean token loss,
 * as Hugging Face's Trainer has it. Padding weighs nothing.
 */
export const fillBatch = (
  arrays: BatchArrays,
  shape: BatchShape,
  examples: readonly EncodedExample[],
  microBatches: number,
  config: T5Config,
): void => {
  fillSources(arrays.sourceIds, arrays.sourceMask, shape.source, examples.map(({ source }) => source), config.padId)
  const tokens = examples.reduce((total, { target }) => total + target.length, 0)
  arrays.decoderIds.fill(config.padId)
  arrays.labels.fill(config.padId)
  arrays.labelWeights.fill(0)
  examples.forEach(({ target }, row) => {
    const start = row * shape.target
    arrays.decoderIds[start] = config.decoderStartId
    arrays.decoderIds.set(target.slice(0, shape.target - 1), start + 1)
    arrays.labels.set(target, start)
    arrays.labelWeights.fill(1 / (tokens * microBatches), start, start + target.length)
  })
}
