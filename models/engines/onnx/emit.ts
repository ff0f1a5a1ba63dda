import type { Node, NodeOf, OpKind } from "../../ir/node.ts"
import { type Port, type Program, reachable, type TensorData } from "../../ir/program.ts"
import { dimension, type Shape, sizeOf } from "../../ir/shape.ts"
import {
  ANY_LENGTH,
  type Attribute,
  type Initializer,
  MICROSOFT,
  type OnnxModel,
  type OnnxNode,
  TensorType,
} from "./protobuf.ts"

/** A program as an ONNX model, with what a session needs beside it. */
export interface Emitted {
  readonly model: OnnxModel
  /** Bound inputs by name: the model refers to them as external data. */
  readonly external: ReadonlyMap<string, Float32Array>
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
}

/** What the provider that will run a model is to be spared. */
export interface EmitOptions {
  /** Whether a root mean square norm's second result is what it should be. */
  readonly normGivesInverseRms?: boolean
  /** Whether to put `UNREADABLE` before the outputs. */
  readonly unreadable?: boolean
}

/** The name of an output that onnxruntime-node cannot give to JavaScript: an empty sequence. */
export const UNREADABLE = "unreadable"

/** Collects the ONNX nodes and constants of one program. */
class Emitter {
  readonly nodes: OnnxNode[] = []
  readonly initializers: Initializer[] = []
  readonly #constants = new Set<string>()
  readonly #made = new Set<string>()
  readonly #names = new Map<Node, string>()
  readonly normGivesInverseRms: boolean

  constructor({ normGivesInverseRms = true }: EmitOptions) {
    this.normGivesInverseRms = normGivesInverseRms
  }

  /** The ONNX name of a node's value. */
  name(node: Node): string {
    return this.#names.get(node) ?? `v${node.id}`
  }

  /** Makes a node's value that of another name. */
  alias(node: Node, name: string): void {
    this.#names.set(node, name)
  }

  /** Whether an operator computes a value of this name. */
  makes(name: string): boolean {
    return this.#made.has(name)
  }

  /** The results of a norm: its value and the statistics of its input, unless another norm of that input has made them. */
  fresh(node: Node, statistics: readonly string[]): readonly string[] {
    return statistics.some((name) => this.#made.has(name)) ? [this.name(node)] : [this.name(node), ...statistics]
  }

  /** Emits one operator; the results are those of `node` unless others are named. */
  op(
    node: Node,
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: { readonly outputs?: readonly string[]; readonly domain?: string } = {},
  ): void {
    const { outputs = [this.name(node)], domain } = options
    for (const output of outputs) this.#made.add(output)
    const name = `${node.scope}/${node.kind} ${outputs[0]}`
    this.nodes.push({ type, name, inputs, outputs, attributes, ...(domain === undefined ? {} : { domain }) })
  }

  /** Emits one operator on the way to a node's value and returns the name of what it computes. */
  step(
    node: Node,
    part: string,
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const name = `${this.name(node)} ${part}`
    this.op(node, type, inputs, attributes, { outputs: [name] })
    return name
  }

  /** A value of `node` under another shape, on the way to its own. */
  reshaped(node: Node, part: string, value: Node, shape: Shape): string {
    return this.step(node, part, "Reshape", [this.name(value), this.constant("int64", shape)])
  }

  /** The name of a shape or a list of axes, or of a float32 scalar; equal ones are held once. */
  constant(type: "int64" | "float32", values: Shape | number): string {
    const list = typeof values === "number" ? [values] : values
    const name = `${type} ${list.join(" ")}`
    if (this.#constants.has(name)) return name
    this.#constants.add(name)
    const inline = bytesOf(type === "int64" ? BigInt64Array.from(list, BigInt) : Float32Array.from(list))
    this.initializers.push({ name, type, dims: typeof values === "number" ? [] : [values.length], data: { inline } })
    return name
  }

  /** The name of a float32 vector of ones; equal ones are held once. */
  ones(length: number): string {
    const name = `ones ${length}`
    if (this.#constants.has(name)) return name
    this.#constants.add(name)
    const data = { inline: bytesOf(new Float32Array(length).fill(1)) }
    this.initializers.push({ name, type: "float32", dims: [length], data })
    return name
  }
}

type Emit<K extends OpKind> = (emitter: Emitter, node: Node, typed: NodeOf<K>) => void

const plain = (type: string, attributes: Readonly<Record<string, Attribute>> = {}): Emit<OpKind> => (emitter, node) =>
  emitter.op(node, type, node.inputs.map((input) => emitter.name(input)), attributes)

/** Where a slice ends that takes in the last element. */
const TO_THE_END = Number.MAX_SAFE_INTEGER

// Scattering goes through ScatterElements, which runs in order: ScatterND with reduction=add loses updates of equal
// indices when onnxruntime 1.30 runs it on two threads (20,000 rows into 32 gave wrong sums).
const SCATTER = { reduction: "add" } as const

const emitters: { readonly [K in OpKind]: Emit<K> } = {
  input: () => undefined,
  constant: (emitter, node, { attributes: { data } }) => {
    emitter.initializers.push({
      name: emitter.name(node),
      type: node.dtype,
      dims: node.shape,
      data: { inline: bytesOf(data) },
    })
  },
  add: plain("Add"),
  sub: plain("Sub"),
  mul: plain("Mul"),
  div: plain("Div"),
  exp: plain("Exp"),
  tanh: plain("Tanh"),
  erf: plain("Erf"),
  relu: plain("Relu"),
  gelu: (emitter, node, { inputs: [x] }) => emitter.op(node, "Gelu", [emitter.name(x)], {}, { domain: MICROSOFT }),
  keepPositive: (emitter, node, { inputs: [values, reference] }) => {
    const positive = emitter.step(node, "positive", "Greater", [
      emitter.name(reference),
      emitter.constant("float32", 0),
    ])
    const mask = emitter.step(node, "mask", "Cast", [positive], { to: TensorType.float32 })
    emitter.op(node, "Mul", [emitter.name(values), mask])
  },
  matmul: (emitter, node, { inputs, attributes: { transposeA, transposeB, scale } }) => {
    const names = inputs.map((input) => emitter.name(input))
    if (!transposeA && !transposeB && scale === 1) {
      emitter.op(node, "MatMul", names)
    } else {
      const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } }
      emitter.op(node, "FusedMatMul", names, attributes, { domain: MICROSOFT })
    }
  },
  reshape: (emitter, node, { inputs: [x] }) =>
    emitter.op(node, "Reshape", [emitter.name(x), emitter.constant("int64", node.shape)]),
  transpose: (emitter, node, { inputs: [x], attributes: { order } }) =>
    emitter.op(node, "Transpose", [emitter.name(x)], { perm: order }),
  slice: (emitter, node, { inputs: [x], attributes: { axis, start, length } }) =>
    emitter.op(node, "Slice", [
      emitter.name(x),
      emitter.constant("int64", [start]),
      // An axis may be longer or shorter than the graph says: what goes to its end does so.
      emitter.constant("int64", [start + length === dimension(x.shape, axis) ? TO_THE_END : start + length]),
      emitter.constant("int64", [axis]),
    ]),
  pad: (emitter, node, { inputs: [x], attributes: { axis, before, after } }) => {
    const pads = [
      ...x.shape.map((_, at) => at === axis ? before : 0),
      ...x.shape.map((_, at) => at === axis ? after : 0),
    ]
    emitter.op(node, "Pad", [emitter.name(x), emitter.constant("int64", pads)])
  },
  concat: (emitter, node, { inputs, attributes: { axis } }) =>
    emitter.op(node, "Concat", inputs.map((input) => emitter.name(input)), { axis }),
  sum: (emitter, node, { inputs: [x], attributes: { axes } }) =>
    emitter.op(node, "ReduceSum", [emitter.name(x), emitter.constant("int64", axes)], { keepdims: 1 }),
  broadcast: (emitter, node, { inputs: [x] }) =>
    emitter.op(node, "Expand", [emitter.name(x), emitter.constant("int64", node.shape)]),
  softmax: plain("Softmax", { axis: -1 }),
  logSoftmax: plain("LogSoftmax", { axis: -1 }),
  rmsNorm: (emitter, node, { inputs: [x, weight], attributes: { epsilon } }) => {
    const outputs = emitter.fresh(node, emitter.normGivesInverseRms ? [inverseName(x, epsilon)] : [])
    const attributes = { axis: -1, epsilon: { float: epsilon } }
    emitter.op(node, "SimplifiedLayerNormalization", [emitter.name(x), emitter.name(weight)], attributes, { outputs })
  },
  inverseRms: (emitter, node, { inputs: [x], attributes: { epsilon } }) => {
    const name = inverseName(x, epsilon)
    // The norm whose gradient needs it has computed it as its second result.
    if (emitter.makes(name)) emitter.alias(node, name)
    else if (!emitter.normGivesInverseRms) {
      const axes = emitter.constant("int64", [x.shape.length - 1])
      const square = emitter.step(node, "square", "Mul", [emitter.name(x), emitter.name(x)])
      const mean = emitter.step(node, "mean", "ReduceMean", [square, axes], { keepdims: 1 })
      const above = emitter.step(node, "above 0", "Add", [mean, emitter.constant("float32", epsilon)])
      emitter.op(node, "Reciprocal", [emitter.step(node, "root", "Sqrt", [above])])
    } else {
      const ones = emitter.ones(dimension(x.shape, -1))
      const attributes = { axis: -1, epsilon: { float: epsilon } }
      const outputs = [`${name}_unused`, emitter.name(node)]
      emitter.op(node, "SimplifiedLayerNormalization", [emitter.name(x), ones], attributes, { outputs })
    }
  },
  layerNorm: (emitter, node, { inputs, attributes: { epsilon } }) => {
    const [x] = inputs
    const outputs = emitter.fresh(node, [meanName(x), deviationName(x, epsilon)])
    const attributes = { axis: -1, epsilon: { float: epsilon } }
    emitter.op(node, "LayerNormalization", inputs.map((input) => emitter.name(input)), attributes, { outputs })
  },
  mean: (emitter, node, { inputs: [x] }) => {
    if (emitter.makes(meanName(x))) emitter.alias(node, meanName(x))
    else {emitter.op(node, "ReduceMean", [emitter.name(x), emitter.constant("int64", [x.shape.length - 1])], {
        keepdims: 1,
      })}
  },
  inverseDeviation: (emitter, node, { inputs: [x], attributes: { epsilon } }) => {
    const name = deviationName(x, epsilon)
    // As with inverseRms, the norm has computed it on its way.
    if (emitter.makes(name)) emitter.alias(node, name)
    else {
      const ones = emitter.ones(dimension(x.shape, -1))
      const attributes = { axis: -1, epsilon: { float: epsilon } }
      const outputs = [`${name}_unused`, `${name}_mean`, emitter.name(node)]
      emitter.op(node, "LayerNormalization", [emitter.name(x), ones, ones], attributes, { outputs })
    }
  },
  gather: (emitter, node, { inputs: [table, indices] }) =>
    emitter.op(node, "Gather", [emitter.name(table), emitter.name(indices)], { axis: 0 }),
  scatterAdd: (emitter, node, { inputs: [base, indices, updates] }) => {
    const shape = [sizeOf(indices.shape), dimension(base.shape, 1)]
    const column = emitter.reshaped(node, "column", indices, [sizeOf(indices.shape), 1])
    const index = emitter.step(node, "index", "Expand", [column, emitter.constant("int64", shape)])
    const rows = emitter.reshaped(node, "rows", updates, shape)
    emitter.op(node, "ScatterElements", [emitter.name(base), index, rows], { axis: 0, ...SCATTER })
  },
  crossEntropy: (emitter, node, { inputs: [, logProbabilities, labels] }) => {
    const column = emitter.reshaped(node, "column", labels, [...labels.shape, 1])
    const picked = emitter.step(node, "picked", "GatherElements", [emitter.name(logProbabilities), column], { axis: 1 })
    const flat = emitter.step(node, "flat", "Reshape", [picked, emitter.constant("int64", labels.shape)])
    emitter.op(node, "Neg", [flat])
  },
  addAt: (emitter, node, { inputs: [base, columns, values] }) => {
    const index = emitter.reshaped(node, "index", columns, [...columns.shape, 1])
    const column = emitter.reshaped(node, "values", values, [...values.shape, 1])
    emitter.op(node, "ScatterElements", [emitter.name(base), index, column], { axis: 1, ...SCATTER })
  },
  argmax: (emitter, node, { inputs: [x] }) => {
    const long = emitter.step(node, "long", "ArgMax", [emitter.name(x)], { axis: -1, keepdims: 0 })
    emitter.op(node, "Cast", [long], { to: TensorType.int32 })
  },
}

const meanName = (x: Node): string => `v${x.id}_mean`

const deviationName = (x: Node, epsilon: number): string => `v${x.id}_inverse_deviation_${epsilon}`

const inverseName = (x: Node, epsilon: number): string => `v${x.id}_inverse_rms_${epsilon}`

const bytesOf = (data: TensorData | BigInt64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Writes a program as an ONNX model: bound inputs become external initializers, the others graph inputs. */
export const emit = (program: Program, options: EmitOptions = {}): Emitted => {
  const emitter = new Emitter(options)
  const external = new Map<string, Float32Array>()
  const inputs: Port[] = []
  // A result takes its output's name where it can, for a copy of every gradient is otherwise a pass over the weights.
  for (const [name, node] of program.outputs) emitter.alias(node, outputName(name))
  for (const node of reachable(program)) {
    if (node.kind === "input") {
      const { name } = node.attributes
      emitter.alias(node, name)
      const data = program.bound?.get(name)
      if (data === undefined) inputs.push({ name, shape: node.shape, dtype: node.dtype, free: program.free?.get(name) })
      else {
        external.set(name, data)
        const bytes = data.byteLength
        emitter.initializers.push({ name, type: node.dtype, dims: node.shape, data: { external: name, bytes } })
      }
    }
    ;(emitters[node.kind] as Emit<OpKind>)(emitter, node, node)
  }
  const outputs = [...program.outputs].map(([name, node]): Port => {
    const made = emitter.name(node)
    if (made !== outputName(name)) {
      emitter.nodes.push({ type: "Identity", name: `output ${name}`, inputs: [made], outputs: [outputName(name)] })
    }
    return { name, shape: node.shape, dtype: node.dtype }
  })
  const unreadable = options.unreadable === true ? [{ sequence: UNREADABLE }] : []
  for (const { sequence } of unreadable) {
    emitter.nodes.push({ type: "SequenceEmpty", name: sequence, inputs: [], outputs: [sequence] })
  }
  const model: OnnxModel = {
    inputs: inputs.map(({ name, shape, dtype, free }) => {
      return { name, type: dtype, dims: free === undefined ? shape : shape.with(free, ANY_LENGTH) }
    }),
    outputs: [
      ...unreadable,
      ...outputs.map(({ name, shape, dtype }) => ({ name: outputName(name), type: dtype, dims: shape })),
    ],
    initializers: emitter.initializers,
    nodes: emitter.nodes,
  }
  return { model, external, inputs, outputs }
}

/** The ONNX name of a program's output, kept apart from the names of inputs. */
export const outputName = (name: string): string => `output:${name}`
