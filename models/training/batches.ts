import {
  type DecoderOnlyDescription,
  type Description,
  type EncoderDecoderDescription,
  MASKED,
} from "../architectures/architecture.ts"
import type { TensorData } from "../ir/program.ts"
import { Random } from "../kernels/random.ts"
import type { Tokenizer } from "../tokenizers/tokenizer.ts"
import { joinedLimit, sourceLimit, targetLimit, type TokenLimits } from "./limits.ts"
import type { BatchShape } from "./programs.ts"

/** An example as the model is trained on it. */
export interface Example {
  readonly source: string
  readonly target: string
}

/** Token ids of an example; the target ends with EOS, unless it is that of a decoder-only model taught no end. */
export interface EncodedExample {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** How examples become token ids. */
export interface Encoding extends TokenLimits {
  /** Whether a decoder-only model's target ends with EOS, true where it is not given; any other model's does. */
  readonly endOfSequence?: boolean
}

/**
 * The ids of a source, with the special tokens that the tokenizer puts around a text. A decoder-only model, whose
 * tokenizer may put none, is never given an empty sequence.
 */
export const encodeSource = (
  architecture: Description,
  tokenizer: Tokenizer,
  source: string,
  limits: Omit<TokenLimits, "maxTargetTokens">,
): { readonly ids: readonly number[]; readonly truncated: boolean } => {
  const encoded = tokenizer.encode(source, sourceLimit(architecture, limits))
  return architecture.kind === "decoder-only" && encoded.ids.length === 0
    ? { ids: [architecture.eosId], truncated: false }
    : encoded
}

/**
 * The ids of a target behind so many tokens of the source, of which the end goes where there are too many; EOS takes a
 * place of its own.
 */
export const encodeTarget = (
  architecture: Description,
  tokenizer: Tokenizer,
  target: string,
  encoding: Encoding,
  sourceTokens: number,
): readonly number[] => {
  const limit = targetLimit(architecture, encoding, sourceTokens)
  if (architecture.kind === "encoder-decoder") return tokenizer.encode(target, limit).ids
  // What follows a prompt begins no new text: it has no special tokens but the EOS that ends it.
  const end = encoding.endOfSequence ?? true ? [architecture.eosId] : []
  return [...tokenizer.encode(target, limit - end.length, { specials: false }).ids, ...end]
}

/** Encodes and truncates examples. */
export const encodeExamples = (
  architecture: Description,
  tokenizer: Tokenizer,
  examples: readonly Example[],
  encoding: Encoding,
): readonly EncodedExample[] =>
  examples.map(({ source, target }) => {
    const { ids } = encodeSource(architecture, tokenizer, source, encoding)
    return { source: ids, target: encodeTarget(architecture, tokenizer, target, encoding, ids.length) }
  })

/** How examples become optimizer steps: micro-batches of `batchSize`, `accumulation` of them to a step. */
export interface Batching {
  readonly examples: number
  readonly batchSize: number
  readonly accumulation: number
}

/** The micro-batches of one optimizer step. */
export interface StepPlan {
  /** Indices of examples. */
  readonly microBatches: readonly (readonly number[])[]
  /** Epochs trained on with this step, the share of the current one included. */
  readonly epoch: number
  /** The epoch that is over before the next step. */
  readonly epochEnd: number | undefined
}

/** Micro-batches of an epoch, the last of which may be smaller, and how many of them a step takes. */
const batchesOf = ({ examples, batchSize, accumulation }: Batching) => {
  const epoch = Math.ceil(examples / batchSize)
  return { epoch, step: Math.min(accumulation, epoch) }
}

/** How many whole steps an epoch has, at least one; Hugging Face's Trainer counts the steps of a training by it. */
export const stepsPerEpoch = (batching: Batching): number => {
  const { epoch, step } = batchesOf(batching)
  return Math.floor(epoch / step)
}

/**
 * What step `index` (from 0) trains on, as the Trainer of transformers 4.32 does: an accumulation goes on over the end
 * of an epoch, and an epoch of fewer micro-batches than `accumulation` is one step. Each epoch takes every example once
 * in an order drawn from seed and epoch alone, so that any step can be planned without those before it.
 */
export const planStep = (index: number, batching: Batching, seed: number): StepPlan => {
  const { examples, batchSize } = batching
  const batches = batchesOf(batching)
  const orders = new Map<number, Int32Array>()
  const orderOf = (epoch: number): Int32Array => {
    const order = orders.get(epoch) ?? new Random(seed, 1, epoch).permutation(examples)
    orders.set(epoch, order)
    return order
  }
  const done = (index + 1) * batches.step
  const microBatches = Array.from({ length: batches.step }, (_, part) => {
    const at = index * batches.step + part
    const start = at % batches.epoch * batchSize
    return [...orderOf(Math.floor(at / batches.epoch)).subarray(start, start + batchSize)]
  })
  const epoch = Math.ceil(done / batches.epoch)
  const over = epoch * batches.epoch < done + batches.step
  return { microBatches, epoch: done / batches.epoch, epochEnd: over ? epoch : undefined }
}

/** The padded length for sequences of up to `length` tokens: four lengths to each doubling, none longer than `limit`. */
export const bucketLength = (length: number, limit: number): number => {
  const step = Math.max(8, 2 ** Math.floor(Math.log2(Math.max(1, length - 1))) / 4)
  return Math.min(Math.ceil(length / step) * step, Math.max(limit, length))
}

/** The padded shape that holds a batch of examples. */
export const batchShape = (
  architecture: Description,
  batch: number,
  examples: readonly EncodedExample[],
  limits: TokenLimits,
): BatchShape => {
  const longest = (length: (example: EncodedExample) => number): number =>
    examples.reduce((most, example) => Math.max(most, length(example)), 1)
  const target = bucketLength(longest((example) => example.target.length), targetLimit(architecture, limits, 0))
  return architecture.kind === "encoder-decoder"
    ? { batch, source: bucketLength(longest((example) => example.source.length), limits.maxSourceTokens), target }
    : { batch, source: bucketLength(longest(joinedLength), joinedLimit(architecture, limits)), target }
}

// The last token of the target is predicted and never read.
const joinedLength = ({ source, target }: EncodedExample): number => source.length + target.length - 1

/** The inputs of a program for batches of one shape, and how a batch is written into them. */
export interface Batch {
  readonly inputs: ReadonlyMap<string, TensorData>
  /**
   * Writes examples; rows beyond them are padding. Each target token weighs `1 / (tokens · accumulation)`, so that a
   * step's loss is the mean over micro-batches of their mean token loss, as Hugging Face's Trainer has it.
   */
  readonly write: (examples: readonly EncodedExample[], accumulation: number) => void
}

/** The inputs for batches of one shape. */
export const batchOf = (architecture: Description, shape: BatchShape): Batch =>
  architecture.kind === "decoder-only" ? joinedBatch(architecture, shape) : pairedBatch(architecture, shape)

/** The decoder reads the target shifted right behind the start token. */
const pairedBatch = (architecture: EncoderDecoderDescription, shape: BatchShape): Batch => {
  const [sources, targets] = [shape.batch * shape.source, shape.batch * shape.target]
  const sourceIds = new Int32Array(sources)
  const sourceMask = new Float32Array(sources)
  const decoderIds = new Int32Array(targets)
  const labels = labelArrays(architecture, shape)
  return {
    inputs: new Map<string, TensorData>([
      ["source ids", sourceIds],
      ["source mask", sourceMask],
      ["decoder ids", decoderIds],
      ...labels.inputs,
    ]),
    write: (examples, accumulation) => {
      fillSources(sourceIds, sourceMask, shape.source, examples.map(({ source }) => source), architecture.padId)
      decoderIds.fill(architecture.padId)
      examples.forEach(({ target }, row) => {
        decoderIds[row * shape.target] = architecture.decoderStartId
        decoderIds.set(target.slice(0, -1), row * shape.target + 1)
      })
      labels.write(examples, accumulation)
    },
  }
}

/** Source and target are one sequence; each token of the target is predicted from the one before it. */
const joinedBatch = (architecture: DecoderOnlyDescription, shape: BatchShape): Batch => {
  const ids = new Int32Array(shape.batch * shape.source)
  const rows = new Int32Array(shape.batch * shape.target)
  const labels = labelArrays(architecture, shape)
  return {
    inputs: new Map<string, TensorData>([["source ids", ids], ["rows", rows], ...labels.inputs]),
    write: (examples, accumulation) => {
      ids.fill(architecture.padId)
      rows.fill(0)
      examples.forEach(({ source, target }, row) => {
        const start = row * shape.source
        ids.set(source, start)
        ids.set(target.slice(0, -1), start + source.length)
        target.forEach((_, index) => {
          rows[row * shape.target + index] = start + source.length - 1 + index
        })
      })
      labels.write(examples, accumulation)
    },
  }
}

const labelArrays = ({ padId }: Description, { batch, target: length }: BatchShape): Batch => {
  const labels = new Int32Array(batch * length)
  const weights = new Float32Array(batch * length)
  return {
    inputs: new Map<string, TensorData>([["labels", labels], ["label weights", weights]]),
    write: (examples, accumulation) => {
      const tokens = examples.reduce((total, { target }) => total + target.length, 0)
      labels.fill(padId)
      weights.fill(0)
      examples.forEach(({ target }, row) => {
        labels.set(target, row * length)
        weights.fill(1 / (tokens * accumulation), row * length, row * length + target.length)
      })
    },
  }
}

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
