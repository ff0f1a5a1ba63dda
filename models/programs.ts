// The programs that training and generation run, for any architecture. Shapes as in architectures/architecture.ts.
import {
  type Architecture,
  type Build,
  type Fill,
  type KeysValues,
  MASKED,
  type StepBuild,
  type StepState,
} from "./architectures/architecture.ts"
import { gradients } from "./ir/autodiff.ts"
import { type DataType, Graph, type Node, type Shape } from "./ir/graph.ts"
import { add, argmax, crossEntropy, mul, reshape, sum } from "./ir/ops.ts"
import type { Program, TensorData } from "./ir/program.ts"
import type { Weights } from "./weights.ts"

/**
 * The padded size of a batch: `source` tokens of the source and `target` of the target for an encoder-decoder model; a
 * decoder-only model reads both joined, `source` tokens in all, and predicts `target` of them.
 */
export interface BatchShape {
  readonly batch: number
  readonly source: number
  readonly target: number
}

/** An input of 0 where a value is dropped and `1 / (1 - probability)` where it is kept, to be drawn before every run. */
export interface DropoutMask {
  readonly shape: Shape
  readonly probability: number
}

/** A training program with the dropout masks it wants filled before every run. */
export interface TrainingProgram {
  readonly program: Program
  readonly masks: ReadonlyMap<string, DropoutMask>
}

/** Each dropout's probability: as the model's configuration sets it, or the same for all. */
export type Dropout = "model" | number

/** Names of a program's inputs and outputs that belong to a parameter or a block. */
export const portName = {
  gradient: (parameter: string): string => `gradient of ${parameter}`,
  accumulated: (parameter: string): string => `accumulated ${parameter}`,
  cache: (part: CachePart, block: number): string => `${part} ${block}`,
}

/** What a block holds or yields while generating. */
export type CachePart =
  | "memory keys"
  | "memory values"
  | "own keys"
  | "own values"
  | "new key"
  | "new value"

/** The names and shapes of what is trained, in the architecture's order. */
export const trainedShapes = ({ parameters }: Architecture): ReadonlyMap<string, Shape> =>
  new Map([...parameters].flatMap(([name, { shape, buffer }]) => buffer === true ? [] : [[name, shape]]))

const build = (architecture: Architecture, dropout: (graph: Graph, x: Node, probability: number) => Node): Build => {
  const graph = new Graph()
  return {
    graph,
    parameter: (name) => {
      const parameter = architecture.parameters.get(name)
      if (parameter === undefined) throw new Error(`${architecture.modelType} has no parameter ${name}`)
      return graph.input(name, parameter.shape)
    },
    dropout: (x, probability) => dropout(graph, x, probability),
  }
}

const keepAll = (_: Graph, x: Node): Node => x

/** The logits [B·T,V] of a batch. */
const batchLogits = (architecture: Architecture, made: Build, shape: BatchShape): Node => {
  const { graph } = made
  const [source, target]: [Shape, Shape] = [[shape.batch, shape.source], [shape.batch, shape.target]]
  const sourceIds = graph.input("source ids", source, "int32")
  return architecture.kind === "decoder-only"
    ? architecture.logits(made, sourceIds, graph.input("rows", [shape.batch * shape.target], "int32"))
    : architecture.logits(made, {
      sourceIds,
      sourceMask: graph.input("source mask", source),
      decoderIds: graph.input("decoder ids", target, "int32"),
    })
}

/**
 * Loss and gradients of one batch. Inputs: those of `logitsProgram`, `labels` int32 [B,T], `label weights` [B,T] and
 * the dropout masks. Outputs: `loss`, the sum of weight · cross-entropy over labels, and the gradient of each trained
 * parameter; with `accumulate` each is added to an input of its own, which may be the very array that receives it.
 */
export const trainingProgram = (
  architecture: Architecture,
  shape: BatchShape,
  options: { readonly dropout: Dropout; readonly accumulate: boolean },
): TrainingProgram => {
  const masks = new Map<string, DropoutMask>()
  const made = build(architecture, (graph, x, model) => {
    const probability = options.dropout === "model" ? model : options.dropout
    if (probability === 0) return x
    const name = `dropout ${masks.size}`
    masks.set(name, { shape: x.shape, probability })
    return mul(x, graph.input(name, x.shape))
  })
  const { graph } = made
  const logits = batchLogits(architecture, made, shape)
  const [target, rows]: [Shape, Shape] = [[shape.batch, shape.target], [shape.batch * shape.target]]
  const losses = crossEntropy(logits, reshape(graph.input("labels", target, "int32"), rows))
  const loss = reshape(sum(mul(losses, reshape(graph.input("label weights", target), rows)), [0]), [])
  const names = [...trainedShapes(architecture).keys()]
  const parts = gradients(loss, names.map(made.parameter))
  const outputs = new Map<string, Node>([["loss", loss]])
  names.forEach((name, index) => {
    const gradient = parts[index]
    if (gradient === undefined) return
    const total = options.accumulate ? add(gradient, graph.input(portName.accumulated(name), gradient.shape)) : gradient
    outputs.set(portName.gradient(name), total)
  })
  return { program: { graph, outputs }, masks }
}

/**
 * The `logits` [B·T,V] of a batch without dropout. Inputs: every parameter and `source ids` int32 [B,S], then for an
 * encoder-decoder model `source mask` [B,S] and `decoder ids` int32 [B,T], for a decoder-only one `rows` int32 [B·T],
 * the positions in [B·S] whose next token is predicted.
 */
export const logitsProgram = (architecture: Architecture, shape: BatchShape): Program => {
  const made = build(architecture, keepAll)
  return { graph: made.graph, outputs: new Map([["logits", batchLogits(architecture, made, shape)]]) }
}

/**
 * What generation remembers of the source: from `source ids` int32 [B,S], the parameters and, for an encoder-decoder
 * model, `source mask` [B,S], the `memory keys` and `memory values` of every block, [B,H,S,D].
 */
export const memoryProgram = (architecture: Architecture, batch: number, source: number): Program => {
  const made = build(architecture, keepAll)
  const { graph } = made
  const ids = graph.input("source ids", [batch, source], "int32")
  const memory = architecture.kind === "decoder-only"
    ? architecture.memory(made, ids)
    : architecture.memory(made, ids, graph.input("source mask", [batch, source]))
  const outputs = new Map<string, Node>()
  memory.forEach(({ keys, values }, block) => {
    outputs.set(portName.cache("memory keys", block), keys)
    outputs.set(portName.cache("memory values", block), values)
  })
  return { graph, outputs }
}

/** Rows generated for together, the longest memory, and the most new tokens. */
export interface GenerationShape {
  readonly batch: number
  readonly source: number
  readonly capacity: number
}

/** An input of one step that is written anew before it. */
export type StepInput =
  & { readonly shape: Shape }
  & ({ readonly dtype: "float32"; readonly fill: Fill<Float32Array> } | {
    readonly dtype: "int32"
    readonly fill: Fill<Int32Array>
  })

/** A program of one step with the inputs to be written before it. */
export interface StepProgram {
  readonly program: Program
  readonly inputs: ReadonlyMap<string, StepInput>
}

/**
 * One greedy step with the weights bound. Inputs: `ids` int32 [B,1], `memory mask` [B,1,1,S], the memory and the own
 * keys and values of every block, and those that are written before each step; outputs: `next ids` int32 [B] and each
 * block's `new key` and `new value` [B,H,1,D].
 */
export const stepProgram = (architecture: Architecture, weights: Weights, shape: GenerationShape): StepProgram => {
  const made = build(architecture, keepAll)
  const { graph } = made
  const { blocks, heads, headWidth } = architecture
  const { batch, source, capacity } = shape
  const inputs = new Map<string, StepInput>()
  const floats = (name: string, size: Shape, fill: Fill<Float32Array>): Node => {
    inputs.set(name, { shape: size, dtype: "float32", fill })
    return graph.input(name, size)
  }
  const ints = (name: string, size: Shape, fill: Fill<Int32Array>): Node => {
    inputs.set(name, { shape: size, dtype: "int32", fill })
    return graph.input(name, size, "int32")
  }
  const cache = (part: CachePart, block: number, length: number): Node =>
    graph.input(portName.cache(part, block), [batch, heads, length, headWidth])
  const caches = (keys: CachePart, values: CachePart, length: number): readonly KeysValues[] =>
    Array.from({ length: blocks }, (_, block) => ({
      keys: cache(keys, block, length),
      values: cache(values, block, length),
    }))
  const step: StepBuild = {
    ...made,
    ids: graph.input("ids", [batch, 1], "int32"),
    memory: caches("memory keys", "memory values", source),
    memoryMask: graph.input("memory mask", [batch, 1, 1, source]),
    own: caches("own keys", "own values", capacity),
    place: floats("place", [1, 1, 1, capacity], (array, state) => array.fill(0).fill(1, state.step, state.step + 1)),
    ownMask: floats(
      "own mask",
      [1, 1, 1, capacity],
      (array, state) => array.fill(0, 0, state.step + 1).fill(MASKED, state.step + 1),
    ),
    floats,
    ints,
  }
  const { logits, made: added } = architecture.step(step)
  const outputs = new Map([["next ids", argmax(logits)]])
  added.forEach(({ keys, values }, block) => {
    outputs.set(portName.cache("new key", block), keys)
    outputs.set(portName.cache("new value", block), values)
  })
  const bound = new Map([...weights].map(([name, { data }]) => [name, data]))
  return { program: { graph, outputs, bound }, inputs }
}

/** Writes one of a step's inputs into its array. */
export const fillStep = (input: StepInput, array: TensorData, state: StepState): void => {
  if (input.dtype === "float32" && array instanceof Float32Array) input.fill(array, state)
  else if (input.dtype === "int32" && array instanceof Int32Array) input.fill(array, state)
  else throw new Error("an array of another type than its input")
}

/** An array for an input of a program. */
export const arrayFor = (dtype: DataType, shape: Shape): TensorData => {
  const size = shape.reduce((product, dim) => product * dim, 1)
  return dtype === "float32" ? new Float32Array(size) : new Int32Array(size)
}
