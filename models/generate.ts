import { bucketLength, fillSources } from "./batches.ts"
import type { Checkpoint } from "./checkpoint.ts"
import { GreedyDecoder } from "./greedy.ts"
import { onnxEngine } from "./onnx/engine.ts"
import { requireInteger } from "./options.ts"

/** How `generate` decodes. */
export interface GenerateOptions {
  readonly checkpoint: Checkpoint
  readonly sources: readonly string[]
  /** Sources decoded side by side. */
  readonly batchSize: number
  /** Tokens after which an output is cut, its EOS included. */
  readonly maxNewTokens: number
  readonly maxSourceTokens: number
  readonly threads: number
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
 * sources. Sources are decoded from the longest to the shortest, so that a batch has little padding and the first
 * one shows whether the memory suffices. Throws `InvalidOption` or `EngineError`.
 */
export async function* generate(
  options: GenerateOptions,
): AsyncGenerator<GenerationProgress, readonly Generation[], void> {
  for (const option of ["batchSize", "maxNewTokens", "maxSourceTokens", "threads"] as const) {
    requireInteger(option, options[option], 1)
  }
  const { checkpoint, sources, maxSourceTokens, maxNewTokens } = options
  const { config, tokenizer } = checkpoint
  const encoded = sources.map((source) => tokenizer.encode(source, maxSourceTokens))
  const order = encoded.map((_, index) => index)
  const lengthOf = (index: number): number => encoded[index]?.ids.length ?? 0
  order.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b)
  const longest = order[0]
  if (longest === undefined) return []

  const batch = Math.min(options.batchSize, order.length)
  const source = bucketLength(Math.max(1, lengthOf(longest)), maxSourceTokens)
  const decoder = await GreedyDecoder.compile(onnxEngine, { threads: options.threads }, checkpoint, {
    batch,
    source,
    capacity: maxNewTokens,
  })
  const results: Generation[] = []
  try {
    for (let start = 0; start < order.length; start += batch) {
      const indices = order.slice(start, start + batch)
      const inputs = indices.map((index) => encoded[index]?.ids ?? [])
      const length = bucketLength(Math.max(1, ...inputs.map((ids) => ids.length)), maxSourceTokens)
      const ids = new Int32Array(batch * length)
      const mask = new Float32Array(batch * length)
      fillSources(ids, mask, length, inputs, config.padId)
      const outputs = await decoder.decode(ids, mask, length, inputs.length)
      indices.forEach((index, row) => {
        const output = outputs[row] ?? []
        results[index] = {
          text: tokenizer.decode(output),
          tokens: output.length,
          finished: output.at(-1) === config.eosId,
          sourceTruncated: encoded[index]?.truncated ?? false,
        }
      })
      yield { done: start + indices.length, total: order.length }
    }
  } finally {
    await decoder.release()
  }
  return results
}
