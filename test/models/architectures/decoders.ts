import type { Architecture, DecoderOnly } from "../../../models/architectures/architecture.ts"
import type { Weights } from "../../../models/architectures/weights.ts"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { Decoder } from "../../../models/generation/decoder.ts"
import { GREEDY } from "../../../models/generation/decoding.ts"
import type { TensorData } from "../../../models/ir/program.ts"
import { logitsProgram, trainedShapes, trainingProgram } from "../../../models/training/programs.ts"
import { evaluate } from "../support.ts"

/** How many values a model has learned. */
export const trainedSize = (architecture: Architecture): number =>
  [...trainedShapes(architecture).values()].reduce(
    (total, shape) => total + shape.reduce((size, dim) => size * dim, 1),
    0,
  )

/** The probability of every dropout in training, from the embedding on. */
export const dropouts = (architecture: Architecture): readonly number[] => {
  const shape = { batch: 1, source: 4, target: 2 }
  const { masks } = trainingProgram(architecture, shape, { dropout: "model", accumulate: false })
  return [...masks.values()].map(({ probability }) => probability)
}

const arrays = (weights: Weights): Record<string, TensorData> =>
  Object.fromEntries([...weights].map(([name, { data }]) => [name, data]))

/** Logits at every position of one sequence. */
export const logitsOf = async (
  architecture: DecoderOnly,
  weights: Weights,
  ids: readonly number[],
): Promise<readonly (readonly number[])[]> => {
  const { graph, outputs } = logitsProgram(architecture, { batch: 1, source: ids.length, target: ids.length })
  const inputs = { ...arrays(weights), "source ids": Int32Array.from(ids), rows: Int32Array.from(ids.keys()) }
  const { logits } = await evaluate(graph, Object.fromEntries(outputs), inputs)
  const width = architecture.vocabulary
  return ids.map((_, row) => [...logits?.subarray(row * width, (row + 1) * width) ?? []])
}

/** The likeliest continuation of each prompt, which is read again with every token. */
export const continueByReading = async (
  architecture: DecoderOnly,
  weights: Weights,
  prompts: readonly (readonly number[])[],
  tokens: number,
): Promise<readonly (readonly number[])[]> => {
  const results: number[][] = []
  for (const prompt of prompts) {
    const ids = [...prompt]
    for (let token = 0; token < tokens; token++) {
      const last = (await logitsOf(architecture, weights, ids)).at(-1) ?? []
      ids.push(last.indexOf(Math.max(...last)))
    }
    results.push(ids.slice(prompt.length))
  }
  return results
}

/** The likeliest continuation of all prompts together: all but their last tokens are memory, then step by step. */
export const continueBySteps = async (
  architecture: DecoderOnly,
  weights: Weights,
  prompts: readonly (readonly number[])[],
  tokens: number,
): Promise<readonly (readonly number[])[]> => {
  const source = Math.max(...prompts.map((prompt) => prompt.length - 1))
  const shape = { batch: prompts.length, beams: 1, source, capacity: tokens }
  const model = { architecture, weights: { trained: new Float32Array(0), tensors: weights } }
  const decoder = await Decoder.compile(onnxEngine, { threads: 1 }, model, shape, { ...GREEDY, eosTokenIds: [] })
  try {
    return await decoder.decode(prompts, source)
  } finally {
    await decoder.release()
  }
}
