import { gradients } from "../../../models/ir/autodiff.ts"
import { Graph } from "../../../models/ir/graph.ts"
import type { Node, OpKind } from "../../../models/ir/node.ts"
import * as op from "../../../models/ir/ops.ts"
import type { Shape } from "../../../models/ir/shape.ts"
import { sizeOf } from "../../../models/ir/shape.ts"
import { Random } from "../../../models/kernels/random.ts"

/** A small graph that exercises some ops. */
export interface OpCase {
  readonly kinds: readonly OpKind[]
  /** Shapes of the float32 inputs that are differentiated. */
  readonly inputs: readonly Shape[]
  readonly build: (inputs: readonly Node[], graph: Graph) => Node
}

/** Which ops have a gradient; the compiler wants an entry for every op. */
export const hasGradient: Readonly<Record<OpKind, boolean>> = {
  input: true,
  constant: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  exp: true,
  tanh: true,
  erf: true,
  relu: true,
  gelu: true,
  keepPositive: true,
  matmul: true,
  reshape: true,
  transpose: true,
  slice: true,
  pad: true,
  concat: true,
  sum: true,
  broadcast: true,
  softmax: true,
  logSoftmax: true,
  rmsNorm: true,
  inverseRms: true,
  layerNorm: true,
  mean: true,
  inverseDeviation: true,
  gather: true,
  scatterAdd: true,
  crossEntropy: true,
  addAt: false,
  argmax: false,
}

/** An int32 constant. */
export const ints = (graph: Graph, values: readonly number[], shape: Shape): Node =>
  graph.constant(Int32Array.from(values), shape)

const unary = (f: (x: Node) => Node) => ([x]: readonly Node[]): Node => f(x as Node)
const binary = (f: (a: Node, b: Node) => Node) => ([a, b]: readonly Node[]): Node => f(a as Node, b as Node)

/** Cases for every op that has a gradient, by what they show. */
export const opCases: Readonly<Record<string, OpCase>> = {
  "add, broadcast both ways": { kinds: ["add", "input"], inputs: [[2, 1, 3], [4, 1]], build: binary(op.add) },
  sub: { kinds: ["sub"], inputs: [[2, 3], [3]], build: binary(op.sub) },
  "mul of a value with itself": { kinds: ["mul"], inputs: [[2, 3]], build: unary((x) => op.mul(x, x)) },
  "mul, broadcast": { kinds: ["mul"], inputs: [[2, 3], [2, 1]], build: binary(op.mul) },
  "mul by a constant": { kinds: ["mul", "constant"], inputs: [[2, 3]], build: unary((x) => op.mul(x, -1.5)) },
  div: { kinds: ["div"], inputs: [[2, 3], [3]], build: binary((a, b) => op.div(a, op.add(op.mul(b, b), 1))) },
  exp: { kinds: ["exp"], inputs: [[5]], build: unary(op.exp) },
  tanh: { kinds: ["tanh"], inputs: [[5]], build: unary(op.tanh) },
  erf: { kinds: ["erf"], inputs: [[5]], build: unary(op.erf) },
  gelu: { kinds: ["gelu"], inputs: [[6]], build: unary(op.gelu) },
  slice: { kinds: ["slice"], inputs: [[2, 5, 3]], build: unary((x) => op.slice(x, 1, 1, 3)) },
  "slices that cover all": {
    kinds: ["slice", "concat"],
    inputs: [[2, 6]],
    build: unary((x) => op.mul(op.concat([op.slice(x, 1, 4, 2), op.slice(x, 1, 0, 4)], 1), op.exp(x))),
  },
  "slices that overlap": {
    kinds: ["slice"],
    inputs: [[2, 6]],
    build: unary((x) => op.mul(op.slice(x, 1, 0, 4), op.slice(x, 1, 2, 4))),
  },
  "slices side by side": {
    kinds: ["slice"],
    inputs: [[2, 6]],
    build: unary((x) => op.mul(op.slice(x, 1, 0, 3), op.slice(x, 1, 3, 3))),
  },
  pad: { kinds: ["pad"], inputs: [[2, 3]], build: unary((x) => op.mul(op.pad(x, 0, 1, 2), 2)) },
  concat: { kinds: ["concat"], inputs: [[2, 3], [2, 1]], build: binary((a, b) => op.concat([a, b, a], 1)) },
  layerNorm: {
    kinds: ["layerNorm"],
    inputs: [[2, 3, 5], [5], [5]],
    build: ([x, w, b]) => op.layerNorm(x as Node, w as Node, b as Node, 1e-5),
  },
  "layerNorm twice of one value": {
    kinds: ["layerNorm"],
    inputs: [[3, 4], [4], [4]],
    build: ([x, w, b]) => {
      const [value, weight, bias] = [x as Node, w as Node, b as Node]
      return op.mul(op.layerNorm(value, weight, bias, 1e-5), op.layerNorm(value, bias, weight, 1e-5))
    },
  },
  mean: { kinds: ["mean"], inputs: [[2, 4]], build: unary(op.mean) },
  inverseDeviation: {
    kinds: ["inverseDeviation"],
    inputs: [[2, 4]],
    build: unary((x) => op.inverseDeviation(x, 1e-3)),
  },
  relu: { kinds: ["relu"], inputs: [[3, 4]], build: unary(op.relu) },
  keepPositive: {
    kinds: ["keepPositive"],
    inputs: [[2, 2]],
    build: ([x], graph) => op.keepPositive(x as Node, graph.constant(Float32Array.of(1, -1, 0, 2), [2, 2])),
  },
  "gelu (composed)": { kinds: [], inputs: [[6]], build: unary(op.geluTanh) },
  "matmul by one matrix": { kinds: ["matmul"], inputs: [[2, 3, 4], [4, 5]], build: binary(op.matmul) },
  "matmul by one matrix, transposed, scaled": {
    kinds: ["matmul"],
    inputs: [[2, 3, 4], [5, 4]],
    build: binary((a, b) => op.matmul(a, b, { transposeB: true, scale: 0.5 })),
  },
  ...Object.fromEntries([false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): [string, OpCase] => [
      `matmul in batches${transposeA ? ", a transposed" : ""}${transposeB ? ", b transposed" : ""}`,
      {
        kinds: ["matmul"],
        inputs: [transposeA ? [2, 4, 3] : [2, 3, 4], transposeB ? [2, 5, 4] : [2, 4, 5]],
        build: binary((a, b) => op.matmul(a, b, { transposeA, transposeB, scale: 1.5 })),
      },
    ])
  )),
  reshape: { kinds: ["reshape"], inputs: [[2, 6]], build: unary((x) => op.reshape(x, [3, 4])) },
  transpose: { kinds: ["transpose"], inputs: [[2, 3, 4]], build: unary((x) => op.transpose(x, [2, 0, 1])) },
  sum: { kinds: ["sum"], inputs: [[2, 3, 4]], build: unary((x) => op.sum(x, [0, 2])) },
  broadcast: { kinds: ["broadcast"], inputs: [[3, 1]], build: unary((x) => op.broadcast(x, [2, 3, 4])) },
  softmax: { kinds: ["softmax"], inputs: [[3, 4]], build: unary(op.softmax) },
  logSoftmax: { kinds: ["logSoftmax"], inputs: [[3, 4]], build: unary(op.logSoftmax) },
  rmsNorm: { kinds: ["rmsNorm"], inputs: [[2, 3, 4], [4]], build: binary((x, w) => op.rmsNorm(x, w, 1e-2)) },
  inverseRms: { kinds: ["inverseRms"], inputs: [[3, 4]], build: unary((x) => op.inverseRms(x, 1e-2)) },
  "gather, rows repeated": {
    kinds: ["gather"],
    inputs: [[4, 3]],
    build: ([table], graph) => op.gather(table as Node, ints(graph, [2, 0, 2, 2, 3, 0], [2, 3])),
  },
  "gather twice from one table that a product reads too": {
    kinds: ["gather"],
    inputs: [[4, 3]],
    build: ([table], graph) => {
      const both = op.add(
        op.gather(table as Node, ints(graph, [2, 0], [2])),
        op.gather(table as Node, ints(graph, [2, 1], [2])),
      )
      return op.matmul(both, table as Node, { transposeB: true })
    },
  },
  scatterAdd: {
    kinds: ["scatterAdd"],
    inputs: [[4, 3], [2, 2, 3]],
    build: ([base, updates], graph) => op.scatterAdd(base as Node, ints(graph, [1, 3, 1, 0], [2, 2]), updates as Node),
  },
  crossEntropy: {
    kinds: ["crossEntropy"],
    inputs: [[3, 5]],
    build: ([logits], graph) => op.crossEntropy(logits as Node, ints(graph, [4, 0, 0], [3])),
  },
}

/** A scalar that weighs every element of a result differently. */
export const weigh = (y: Node, random: Random): Node => {
  const weights = y.graph.constant(Float32Array.from({ length: sizeOf(y.shape) }, () => random.normal()), y.shape)
  return op.reshape(op.sum(op.mul(y, weights), y.shape.map((_, axis) => axis)), [])
}

/** Random values for a case's inputs; they stay away from 0, where relu has no derivative. */
export const pointOf = (inputs: readonly Shape[], random: Random): readonly Float32Array[] =>
  inputs.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => {
      const value = random.normal()
      return value + Math.sign(value) * 0.1
    })
  )

/** A case's value `y` and the gradient `dx…` of each input at a random point. */
export const differentiated = ({ inputs, build }: OpCase): {
  readonly graph: Graph
  readonly outputs: Readonly<Record<string, Node>>
  readonly point: Readonly<Record<string, Float32Array>>
} => {
  const graph = new Graph()
  const random = new Random(11, inputs.length)
  const nodes = inputs.map((shape, index) => graph.input(`x${index}`, shape))
  const y = build(nodes, graph)
  const parts = gradients(weigh(y, random), nodes)
  return {
    graph,
    outputs: { y, ...Object.fromEntries(parts.map((node, index) => [`dx${index}`, node])) },
    point: Object.fromEntries(pointOf(inputs, random).map((data, index) => [`x${index}`, data])),
  }
}
