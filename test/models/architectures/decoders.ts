import { type Architecture, type DecoderOnly, MASKED } from "../../../models/architectures/architecture.ts"
import type { TensorData } from "../../../models/ir/program.ts"
import {
  arrayFor,
  fillStep,
  logitsProgram,
  memoryProgram,
  portName,
  stepProgram,
  trainedShapes,
  trainingProgram,
} from "../../../models/programs.ts"
import type { Weights } from "../../../models/weights.ts"
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
  const { heads, headWidth, blocks, padId } = architecture
  const [batch, lengths] = [prompts.length, prompts.map((prompt) => prompt.length - 1)]
  const source = Math.max(...lengths)
  const sourceIds = new Int32Array(batch * source).fill(padId)
  const memoryMask = new Float32Array(batch * source).fill(MASKED)
  prompts.forEach((prompt, row) => {
    sourceIds.set(prompt.slice(0, -1), row * source)
    memoryMask.fill(0, row * source, row * source + prompt.length - 1)
  })
  const memory = memoryProgram(architecture, batch, source)
  const known = { ...arrays(weights), "source ids": sourceIds }
  const inputs: Record<string, TensorData> = {
    ...arrays(weights),
    ...await evaluate(memory.graph, Object.fromEntries(memory.outputs), known),
    "memory mask": memoryMask,
  }
  const step = stepProgram(architecture, weights, { batch, source, capacity: tokens })
  const kept = Array.from(
    { length: blocks },
    (_, block) =>
      [["new key", "own keys"], ["new value", "own values"]].map(([from, to]) => ({
        from: portName.cache(from === "new key" ? "new key" : "new value", block),
        to: portName.cache(to === "own keys" ? "own keys" : "own values", block),
      })),
  ).flat()
  for (const { to } of kept) inputs[to] = new Float32Array(batch * heads * tokens * headWidth)
  for (const [name, { dtype, shape }] of step.inputs) inputs[name] = arrayFor(dtype, shape)
  let last: TensorData = Int32Array.from(prompts, (prompt) => prompt.at(-1) ?? padId)
  const results: number[][] = prompts.map(() => [])
  for (let token = 0; token < tokens; token++) {
    inputs.ids = last
    for (const [name, input] of step.inputs) fillStep(input, inputs[name] ?? last, { step: token, lengths })
    const { graph, outputs } = step.program
    const made = await evaluate(graph, Object.fromEntries(outputs), inputs)
    for (const { from, to } of kept) {
      for (let row = 0; row < batch * heads; row++) {
        const values = made[from]?.subarray(row * headWidth, (row + 1) * headWidth) ?? []
        inputs[to]?.set(values, (row * tokens + token) * headWidth)
      }
    }
    last = made["next ids"] ?? last
    last.forEach((id, row) => results[row]?.push(id))
  }
  return results
}
