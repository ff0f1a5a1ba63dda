// The programs of training, for any architecture; those of generation are in generation/. Shapes as in
// architectures/architecture.ts.
import type { Architecture, Build, Description } from "../architectures/architecture.ts"
import { gradients } from "../ir/autodiff.ts"
import { Graph } from "../ir/graph.ts"
import type { DataType, Node } from "../ir/node.ts"
import { add, crossEntropy, mul, reshape, sum } from "../ir/ops.ts"
import type { Program, TensorData } from "../ir/program.ts"
import type { Shape } from "../ir/shape.ts"
import { noParameter } from "./messages.ts"

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

/** Names of a program's inputs and outputs that belong to a parameter. */
export const portName = {
  gradient: (parameter: string): string => `gradient of ${parameter}`,
  accumulated: (parameter: string): string => `accumulated ${parameter}`,
}

/** The names and shapes of what is trained, in the architecture's order. */
export const trainedShapes = ({ parameters }: Description): ReadonlyMap<string, Shape> =>
  new Map([...parameters].flatMap(([name, { shape, buffer }]) => buffer === true ? [] : [[name, shape]]))

/** What an architecture's layers are built from; without `how` tables are parameters and nothing is dropped. */
export const buildOf = (
  architecture: Architecture,
  how: {
    readonly table?: (graph: Graph, name: string, shape: Shape) => Node
    readonly dropout?: (graph: Graph, x: Node, probability: number) => Node
  } = {},
): Build => {
  const graph = new Graph()
  const shapeOf = (name: string): Shape => {
    const parameter = architecture.parameters.get(name)
    if (parameter === undefined) throw new Error(noParameter(architecture.modelType, name))
    return parameter.shape
  }
  const parameter = (name: string): Node => graph.input(name, shapeOf(name))
  return {
    graph,
    parameter,
    table: (name) => how.table?.(graph, name, shapeOf(name)) ?? parameter(name),
    dropout: (x, probability) => how.dropout?.(graph, x, probability) ?? x,
  }
}

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
  const made = buildOf(architecture, {
    dropout: (graph, x, model) => {
      const probability = options.dropout === "model" ? model : options.dropout
      if (probability === 0) return x
      const name = `dropout ${masks.size}`
      masks.set(name, { shape: x.shape, probability })
      return mul(x, graph.input(name, x.shape))
    },
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
  const made = buildOf(architecture)
  return { graph: made.graph, outputs: new Map([["logits", batchLogits(architecture, made, shape)]]) }
}

/** An array for an input of a program. */
export const arrayFor = (dtype: DataType, shape: Shape): TensorData => {
  const size = shape.reduce((product, dim) => product * dim, 1)
  return dtype === "float32" ? new Float32Array(size) : new Int32Array(size)
}
