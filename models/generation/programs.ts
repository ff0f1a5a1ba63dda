// The programs that generation runs, for any architecture. Shapes as in architectures/architecture.ts.
import type { Architecture, KeysValues, StepBuild, StepInputs, StepState } from "../architectures/architecture.ts"
import type { Weights } from "../architectures/weights.ts"
import type { DataType, Node } from "../ir/node.ts"
import { concat, logSoftmax } from "../ir/ops.ts"
import type { Program, TensorData } from "../ir/program.ts"
import type { Shape } from "../ir/shape.ts"
import { buildOf } from "../training/programs.ts"
import { noBlocks, otherArray } from "./messages.ts"

/** What a block holds while generating. */
export type CachePart = "memory keys" | "memory values" | "own keys" | "own values"

/** Names of inputs and outputs. */
export const cacheName = (part: CachePart, block: number): string => `${part} ${block}`

/** What a step reads the embeddings from: the array of the weight itself, of which an engine then keeps no copy. */
export const tableName = (parameter: string): string => `table ${parameter}`

/** Sources decoded together with so many beams each, the longest source, and the most new tokens. */
export interface GenerationShape {
  readonly batch: number
  readonly beams: number
  readonly source: number
  readonly capacity: number
}

/**
 * What generation remembers of the source: from `source ids` int32 [B,S], the parameters and, for an encoder-decoder
 * model, `source mask` [B,S], the `memory keys` and `memory values` of every block, [B,H,S,D].
 */
export const memoryProgram = (architecture: Architecture, batch: number, source: number): Program => {
  const made = buildOf(architecture)
  const { graph } = made
  const ids = graph.input("source ids", [batch, source], "int32")
  const memory = architecture.kind === "decoder-only"
    ? architecture.memory(made, ids)
    : architecture.memory(made, ids, graph.input("source mask", [batch, source]))
  const outputs = new Map<string, Node>()
  memory.forEach(({ keys, values }, block) => {
    outputs.set(cacheName("memory keys", block), keys)
    outputs.set(cacheName("memory values", block), values)
  })
  return { graph, outputs }
}

/** An input of one step that is written before each step; the axis that is `free` may get longer or shorter. */
export type StepInput =
  & { readonly shape: Shape; readonly free: number | undefined }
  & ({ readonly dtype: "float32"; readonly fill: (array: Float32Array, state: StepState) => void } | {
    readonly dtype: "int32"
    readonly fill: (array: Int32Array, state: StepState) => void
  })

/** A program of one step with its architecture's own inputs, which are to be written before it. */
export interface StepProgram {
  readonly program: Program
  readonly inputs: ReadonlyMap<string, StepInput>
  /** Parameters that are read as tables, from inputs of the name that `tableName` gives. */
  readonly tables: ReadonlySet<string>
}

/** The slots of the shape's keys and values: a decoder-only model's begin with those of its prompt. */
export const slotsOf = ({ kind }: Architecture, { beams, source, capacity }: GenerationShape): number =>
  (kind === "decoder-only" ? source : 0) + beams * capacity

/**
 * One step with the weights bound. Inputs: `ids` int32 [B,K], `own mask` [B,1,K,K+N], the own keys and values of every
 * block [B,H,N,D], an encoder-decoder model's `memory mask` [B,1,1,S] with its memory [B,H,S,D], tables, and those that
 * are the architecture's own; S and N may differ from binding to binding. Outputs: `scores` [B·K,V], which are logits or,
 * with several beams, log probabilities; and `made` [2·blocks·B,H,K,D], the new keys of every block, then the values.
 */
export const stepProgram = (architecture: Architecture, weights: Weights, shape: GenerationShape): StepProgram => {
  const inputs = new Map<string, StepInput>()
  const tables = new Set<string>()
  const free = new Map<string, number>()
  const made = buildOf(architecture, {
    table: (graph, name, dims) => {
      tables.add(name)
      return graph.input(tableName(name), dims)
    },
  })
  const { graph } = made
  const { blocks, heads, headWidth, kind } = architecture
  const { batch, beams, source } = shape
  const slots = slotsOf(architecture, shape)
  const freeInput = (name: string, dims: Shape, axis: number, dtype: DataType = "float32"): Node => {
    free.set(name, axis)
    return graph.input(name, dims, dtype)
  }
  const caches = (keys: CachePart, values: CachePart, length: number): readonly KeysValues[] =>
    Array.from({ length: blocks }, (_, block) => {
      const cache = (part: CachePart): Node => freeInput(cacheName(part, block), [batch, heads, length, headWidth], 2)
      return { keys: cache(keys), values: cache(values) }
    })
  const stepInputs: StepInputs = {
    ints: (name, dims, fill) => {
      inputs.set(name, { shape: dims, dtype: "int32", fill, free: undefined })
      return graph.input(name, dims, "int32")
    },
    slotInts: (name, dims, fill) => {
      const whole = [...dims, beams + slots]
      inputs.set(name, { shape: whole, dtype: "int32", fill, free: dims.length })
      return freeInput(name, whole, dims.length, "int32")
    },
    slotFloats: (name, dims, fill) => {
      const whole = [...dims, beams + slots]
      inputs.set(name, { shape: whole, dtype: "float32", fill, free: dims.length })
      return freeInput(name, whole, dims.length)
    },
  }
  const step: StepBuild = {
    ...made,
    ...stepInputs,
    ids: graph.input("ids", [batch, beams], "int32"),
    memory: kind === "decoder-only" ? [] : caches("memory keys", "memory values", source),
    memoryMask: kind === "decoder-only" ? undefined : freeInput("memory mask", [batch, 1, 1, source], 3),
    own: caches("own keys", "own values", slots),
    ownMask: freeInput("own mask", [batch, 1, beams, beams + slots], 3),
  }
  const { logits, made: added } = architecture.step(step)
  const [first, ...rest] = [...added.map(({ keys }) => keys), ...added.map(({ values }) => values)]
  if (first === undefined) throw new Error(noBlocks(architecture.modelType))
  const outputs = new Map([
    ["scores", beams === 1 ? logits : logSoftmax(logits)],
    ["made", concat([first, ...rest], 0)],
  ])
  const bound = new Map([...weights].map(([name, { data }]) => [name, data]))
  return { program: { graph, outputs, bound, free }, inputs, tables }
}

/** Writes one of a step's inputs into its array. */
export const fillStep = (input: StepInput, array: TensorData, state: StepState): void => {
  if (input.dtype === "float32" && array instanceof Float32Array) input.fill(array, state)
  else if (input.dtype === "int32" && array instanceof Int32Array) input.fill(array, state)
  else throw new Error(otherArray)
}
