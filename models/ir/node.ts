import type { Shape } from "./shape.ts"

/** Element types of the graph: `float32` values, `int32` token ids and indices. */
export type DataType = "float32" | "int32"

type None = Readonly<Record<string, never>>
interface Op<Inputs extends readonly Node[], Attributes = None> {
  readonly inputs: Inputs
  readonly attributes: Attributes
}

/** Every op of the graph with its inputs and attributes; what each computes is said at its function in ops.ts. */
export interface Ops {
  readonly input: Op<readonly [], { readonly name: string; readonly shape: Shape; readonly dtype: DataType }>
  readonly constant: Op<readonly [], { readonly data: Float32Array | Int32Array; readonly shape: Shape }>
  readonly add: Op<readonly [Node, Node]>
  readonly sub: Op<readonly [Node, Node]>
  readonly mul: Op<readonly [Node, Node]>
  readonly div: Op<readonly [Node, Node]>
  readonly exp: Op<readonly [Node]>
  readonly tanh: Op<readonly [Node]>
  readonly erf: Op<readonly [Node]>
  readonly relu: Op<readonly [Node]>
  readonly gelu: Op<readonly [Node]>
  readonly keepPositive: Op<readonly [Node, Node]>
  readonly matmul: Op<
    readonly [Node, Node],
    { readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number }
  >
  readonly reshape: Op<readonly [Node], { readonly shape: Shape }>
  readonly transpose: Op<readonly [Node], { readonly order: readonly number[] }>
  readonly slice: Op<readonly [Node], { readonly axis: number; readonly start: number; readonly length: number }>
  readonly pad: Op<readonly [Node], { readonly axis: number; readonly before: number; readonly after: number }>
  readonly concat: Op<readonly Node[], { readonly axis: number }>
  readonly sum: Op<readonly [Node], { readonly axes: readonly number[] }>
  readonly broadcast: Op<readonly [Node], { readonly shape: Shape }>
  readonly softmax: Op<readonly [Node]>
  readonly logSoftmax: Op<readonly [Node]>
  readonly rmsNorm: Op<readonly [Node, Node], { readonly epsilon: number }>
  readonly inverseRms: Op<readonly [Node], { readonly epsilon: number }>
  readonly layerNorm: Op<readonly [Node, Node, Node], { readonly epsilon: number }>
  readonly mean: Op<readonly [Node]>
  readonly inverseDeviation: Op<readonly [Node], { readonly epsilon: number }>
  readonly gather: Op<readonly [Node, Node]>
  readonly scatterAdd: Op<readonly [Node, Node, Node]>
  readonly crossEntropy: Op<readonly [Node, Node, Node]>
  readonly addAt: Op<readonly [Node, Node, Node]>
  readonly argmax: Op<readonly [Node]>
}

/** The name of an op. */
export type OpKind = keyof Ops

/** A node of one op. */
export interface NodeOf<K extends OpKind> {
  readonly graph: NodeGraph
  /** Nodes are numbered as they are made, so that the order of ids is a topological order. */
  readonly id: number
  readonly kind: K
  readonly inputs: Ops[K]["inputs"]
  readonly attributes: Ops[K]["attributes"]
  readonly shape: Shape
  readonly dtype: DataType
  readonly scope: string
}

/** A value of the graph. */
export type Node = { readonly [K in OpKind]: NodeOf<K> }[OpKind]

/** Says what a node is to a reader of an error: an input's own name, else its op, with the shape. */
export const describe = (node: Node): string =>
  `${node.kind === "input" ? node.attributes.name : node.kind} [${node.shape.join(",")}]`

/** The graph of a node, as far as further nodes are made from it. */
export interface NodeGraph {
  readonly nodes: readonly Node[]
  scope<A>(name: string, build: () => A): A
  node<K extends OpKind>(kind: K, inputs: Ops[K]["inputs"], attributes: Ops[K]["attributes"]): Node
  constant(data: Float32Array | Int32Array, shape: Shape): Node
  scalar(value: number): Node
}
