import type { Description } from "../architectures/architecture.ts"
import type { Model } from "../architectures/weights.ts"
import { requireInteger } from "../ir/options.ts"
import type { Engine } from "../ir/program.ts"
import type { Tokenizer } from "../tokenizers/tokenizer.ts"
import { bucketLength, encodeSource } from "../training/batches.ts"
import { requireLimits, sourceLimit, targetLimit } from "../training/limits.ts"
import { Decoder } from "./decoder.ts"
import { type Decoding, requireTokens, resolveDecoding } from "./decoding.ts"
import type { GenerationShape } from "./programs.ts"
import { promptBefore } from "./prompt.ts"

/** How text is generated. */
export interface GenerationOptions {
  /** Sources decoded side by side. */
  readonly batchSize: number
  /** Tokens after which an output is cut, its EOS included. */
  readonly maxNewTokens: number
  readonly maxSourceTokens: number
  /** The most tokens of prompt and output together of a decoder-only model, in place of the two limits; null for none. */
  readonly sharedTokens?: number | null
  /** How each token is chosen; `resolveDecoding` gives the model's own. */
  readonly decoding: Decoding
  readonly engine: Engine
  readonly threads: number
}

/** A model that reads and writes text, and what it is to read. */
export interface GenerateOptions extends GenerationOptions {
  readonly checkpoint: Model & { readonly tokenizer: Tokenizer }
  readonly sources: readonly string[]
}

/** A model, and what it is to read, as token ids. */
export interface GenerateEncodedOptions extends GenerationOptions {
  readonly model: Model
  readonly sources: readonly (readonly number[])[]
}

/** What the model wrote for one source. */
export interface Generation {
  /** What a decoder-only model went on from, as its tokens read in front of `text`; `null` where an encoder read it. */
  readonly prompt: string | null
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
 * Decodes with a key-value cache: yields after each batch and returns the outputs in the order of the
 * sources. Throws `InvalidOption` or `EngineError`.
 */
export async function* generate(
  options: GenerateOptions,
): AsyncGenerator<GenerationProgress, readonly Generation[], void> {
  const { checkpoint, sources, ...generation } = options
  const { architecture, tokenizer } = checkpoint
  validateGeneration(architecture, generation)
  const encoded = sources.map((source) => encodeSource(architecture, tokenizer, source, options))
  const ids = encoded.map((each) => each.ids)
  const outputs = yield* generateEncoded({ ...generation, model: checkpoint, sources: ids })
  const { decoding } = generation
  const ends = decoding.eosTokenIds ?? [architecture.eosId]
  return outputs.map((output, index) => {
    const source = ids[index] ?? []
    // An end that is forced where the length is used up is a cut.
    const cut = decoding.forcedEosTokenId !== null
      && output.length >= limitOf(architecture, source, generation)
    return {
      prompt: architecture.kind === "decoder-only" ? promptBefore(tokenizer, source, output) : null,
      text: tokenizer.decode(output),
      tokens: output.length,
      finished: !cut && ends.includes(output.at(-1) ?? -1),
      sourceTruncated: encoded[index]?.truncated ?? false,
    }
  })
}

/**
 * `generate` on token ids: the new ids of each source, its EOS included. Sources are decoded from the longest to the
 * shortest, so that a batch has little padding and the first one shows whether the memory suffices.
 */
export async function* generateEncoded(
  options: GenerateEncodedOptions,
): AsyncGenerator<GenerationProgress, readonly (readonly number[])[], void> {
  const { model, sources } = options
  validateGeneration(model.architecture, options)
  const shape = generationShape(model.architecture, sources, options)
  if (shape === undefined) return []
  const { batch } = shape
  const order = sources.map((_, index) => index)
  const lengthOf = (index: number): number => lengthToDecode(sources[index] ?? [])
  order.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b)

  const { engine, threads } = options
  const decoder = await Decoder.compile(engine, { threads }, model, shape, sharing(model.architecture, options))
  const results: (readonly number[])[] = []
  try {
    for (let start = 0; start < order.length; start += batch) {
      const indices = order.slice(start, start + batch)
      const length = bucketLength(Math.max(...indices.map(lengthOf)), sourceLimit(model.architecture, options))
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
  architecture: Description,
  sources: readonly (readonly number[])[],
  options: GenerationOptions,
): GenerationShape | undefined => {
  if (sources.length === 0) return undefined
  const longest = sources.reduce((length, source) => Math.max(length, lengthToDecode(source)), 1)
  return {
    batch: Math.min(options.batchSize, sources.length),
    beams: options.decoding.numBeams,
    source: bucketLength(longest, sourceLimit(architecture, options)),
    capacity: sources.reduce((most, source) => Math.max(most, limitOf(architecture, source, options)), 1),
  }
}

const lengthToDecode = (source: readonly number[]): number => Math.max(1, source.length)

/** The most new tokens of a source's output. */
const limitOf = (
  architecture: Description,
  source: readonly number[],
  options: GenerationOptions,
): number => {
  const start = architecture.kind === "decoder-only" ? lengthToDecode(source) : 1
  const { maxLength } = options.decoding
  return Math.max(1, Math.min(targetLimit(architecture, limitsOf(options), start), (maxLength ?? Infinity) - start))
}

/** The decoding, with what prompt and output share as the most tokens of the whole sequence. */
const sharing = ({ kind }: Description, { decoding, sharedTokens }: GenerationOptions): Decoding =>
  kind === "encoder-decoder" || typeof sharedTokens !== "number"
    ? decoding
    : { ...decoding, maxLength: Math.min(sharedTokens, decoding.maxLength ?? Infinity) }

const limitsOf = ({ maxNewTokens, maxSourceTokens, sharedTokens = null }: GenerationOptions) => ({
  maxSourceTokens,
  maxTargetTokens: maxNewTokens,
  sharedTokens,
})

/** Throws `InvalidOption` for a generation that makes no sense for the model. */
export const validateGeneration = (architecture: Description, options: GenerationOptions): void => {
  for (const option of ["batchSize", "maxNewTokens", "maxSourceTokens", "threads"] as const) {
    requireInteger(option, options[option], 1)
  }
  const { maxSourceTokens, maxNewTokens, decoding } = options
  resolveDecoding(decoding)
  requireTokens(decoding, architecture)
  const start = architecture.kind === "decoder-only" ? maxSourceTokens : 1
  const maxTargetTokens = Math.max(1, Math.min(maxNewTokens, (decoding.maxLength ?? Infinity) - start))
  requireLimits(architecture, { ...limitsOf(options), maxTargetTokens })
}
