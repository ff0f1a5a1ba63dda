import { bucketLength, encodeSource, requirePositions } from "./batches.ts"
import type { Checkpoint, Model } from "./checkpoints/checkpoint.ts"
import { GreedyDecoder } from "./greedy.ts"
import type { Engine } from "./ir/program.ts"
import { requireInteger } from "./options.ts"
import type { GenerationShape } from "./programs.ts"

/** How text is generated. */
export interface GenerationOptions {
  /** Sources decoded side by side. */
  readonly batchSize: number
  /** Tokens after which an output is cut, its EOS included. */
  readonly maxNewTokens: number
  readonly maxSourceTokens: number
  readonly engine: Engine
  readonly threads: number
}

/** A model that reads and writes text, and what it is to read. */
export interface GenerateOptions extends GenerationOptions {
  readonly checkpoint: Checkpoint
  readonly sources: readonly string[]
}

/** A model, and what it is to read, as token ids. */
export interface GenerateEncodedOptions extends GenerationOptions {
  readonly model: Model
  readonly sources: readonly (readonly number[])[]
}

/** What the model wrote for one source. */
export interface Generation {
  readonly text: string
  /** New tokens, the EOS included. */
  readonly tokens: number
  /** Whether the model ended the text itself rather than being cut. */
  readonly finished: boolean
  readonly sourceTruncated: boolean
}

/** How many sources are done. */
export interface GenerationProgress {
  readonly done: number
  readonly total: number
}

/**
 * Decodes greedily with a key-value cache: yields after each batch and returns the outputs in the order of the
 * sources. Throws `InvalidOption` or `EngineError`.
 */
export async function* generate(
  options: GenerateOptions,
): AsyncGenerator<GenerationProgress, readonly Generation[], void> {
  const { checkpoint, sources, ...generation } = options
  validateGeneration(checkpoint, generation)
  const { architecture, tokenizer } = checkpoint
  const encoded = sources.map((source) => encodeSource(architecture, tokenizer, source, options.maxSourceTokens))
  const outputs = yield* generateEncoded({ ...generation, model: checkpoint, sources: encoded.map(({ ids }) => ids) })
  return outputs.map((output, index) => ({
    text: tokenizer.decode(output),
    tokens: output.length,
    finished: output.at(-1) === architecture.eosId,
    sourceTruncated: encoded[index]?.truncated ?? false,
  }))
}

/**
 * `generate` on token ids: the new ids of each source, its EOS included. Sources are decoded from the longest to the
 * shortest, so that a batch has little padding and the first one shows whether the memory suffices.
 */
export async function* generateEncoded(
  options: GenerateEncodedOptions,
): AsyncGenerator<GenerationProgress, readonly (readonly number[])[], void> {
  const { model, sources, maxSourceTokens } = options
  validateGeneration(model, options)
  const shape = generationShape(sources, options)
  if (shape === undefined) return []
  const { batch } = shape
  const order = sources.map((_, index) => index)
  const lengthOf = (index: number): number => lengthToDecode(sources[index] ?? [])
  order.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b)

  const decoder = await GreedyDecoder.compile(options.engine, { threads: options.threads }, model, shape)
  const results: (readonly number[])[] = []
  try {
    for (let start = 0; start < order.length; start += batch) {
      const indices = order.slice(start, start + batch)
      const length = bucketLength(Math.max(...indices.map(lengthOf)), maxSourceTokens)
      const outputs = await decoder.decode(indices.map((index) => sources[index] ?? []), length)
      indices.forEach((index, row) => {
        results[index] = outputs[row] ?? []
      })
      yield { done: start + indices.length, total: order.length }
    }
  } finally {
    await decoder.release()
  }
  return results
}

/** The shape that holds every batch of these sources; undefined where there are none. */
export const generationShape = (
  sources: readonly (readonly number[])[],
  { batchSize, maxNewTokens, maxSourceTokens }: GenerationOptions,
): GenerationShape | undefined => {
  if (sources.length === 0) return undefined
  const longest = sources.reduce((length, source) => Math.max(length, lengthToDecode(source)), 1)
  return {
    batch: Math.min(batchSize, sources.length),
    source: bucketLength(longest, maxSourceTokens),
    capacity: maxNewTokens,
  }
}

const lengthToDecode = (source: readonly number[]): number => Math.max(1, source.length)

/** Throws `InvalidOption` for a generation that makes no sense for the model. */
export const validateGeneration = ({ architecture }: Pick<Model, "architecture">, options: GenerationOptions): void => {
  for (const option of ["batchSize", "maxNewTokens", "maxSourceTokens", "threads"] as const) {
    requireInteger(option, options[option], 1)
  }
  requirePositions(architecture, { maxSourceTokens: options.maxSourceTokens, maxTargetTokens: options.maxNewTokens })
}
