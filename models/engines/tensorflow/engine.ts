import type { Tensor } from "@tensorflow/tfjs-core"
import { describe, type Node, type NodeOf } from "../../ir/node.ts"
import { boundShape, boundTo } from "../../ir/port.ts"
import {
  type Binding,
  type Engine,
  EngineError,
  type Port,
  type Program,
  reachable,
  type Session,
  type TensorData,
} from "../../ir/program.ts"
import type { Shape } from "../../ir/shape.ts"
import { atNode, disposedEarly, otherSession, released } from "../messages.ts"
import { compute, type TensorFlow } from "./kernels.ts"

/** The caller's own arrays by the node that is read from or written to them. */
class TensorflowBinding implements Binding {
  readonly session: Session
  readonly inputs: ReadonlyMap<Node, TensorData>
  readonly outputs: readonly (readonly [Node, TensorData])[]

  constructor(
    session: Session,
    inputs: ReadonlyMap<Node, TensorData>,
    outputs: readonly (readonly [Node, TensorData])[],
  ) {
    this.session = session
    this.inputs = inputs
    this.outputs = outputs
  }
}

/** A node whose value is made again in every run. */
type Pending = Exclude<Node, NodeOf<"constant">>

/** One node to compute, and the values that nothing reads after it. */
interface Step {
  readonly node: Pending
  readonly spent: readonly Node[]
}

class TensorflowSession implements Session {
  readonly #tf: TensorFlow
  readonly #engine: string
  readonly #program: Program
  readonly #steps: readonly Step[]
  /** Constants and bound inputs, which are uploaded once. */
  readonly #fixed = new Map<Node, Tensor>()
  #released = false

  constructor(tf: TensorFlow, engine: string, program: Program) {
    this.#tf = tf
    this.#engine = engine
    this.#program = program
    const pending: Pending[] = []
    for (const node of reachable(program)) {
      const data = node.kind === "input" ? program.bound?.get(node.attributes.name) : undefined
      if (node.kind === "constant") this.#fixed.set(node, this.#upload(node, node.attributes.data))
      else if (data === undefined || node.kind !== "input") pending.push(node)
      else this.#fixed.set(node, this.#upload(node, boundTo(engine, node.attributes, data)))
    }
    this.#steps = stepsOf(pending, new Set(program.outputs.values()))
  }

  bind(inputs: ReadonlyMap<string, TensorData>, outputs: ReadonlyMap<string, TensorData>): Binding {
    const read = new Map<Node, TensorData>()
    for (const { node } of this.#steps) {
      if (node.kind !== "input") continue
      read.set(node, boundTo(this.#engine, this.#port(node), inputs.get(node.attributes.name)))
    }
    const written = [...this.#program.outputs].map(([name, node]) => {
      return [node, boundTo(this.#engine, { name, shape: node.shape, dtype: node.dtype }, outputs.get(name))] as const
    })
    return new TensorflowBinding(this, read, written)
  }

  // Results are copied when all is computed, since an array may be bound as an input and as an output.
  async run(binding: Binding): Promise<void> {
    if (!(binding instanceof TensorflowBinding) || binding.session !== this) {
      throw new EngineError(this.#engine, otherSession)
    }
    if (this.#released) throw new EngineError(this.#engine, released)
    const live = new Map<Node, Tensor>()
    try {
      for (const { node, spent } of this.#steps) {
        live.set(node, this.#at(node, () => this.#value(node, binding, live)))
        for (const one of spent) {
          live.get(one)?.dispose()
          live.delete(one)
        }
      }
      for (const [node, data] of binding.outputs) {
        this.#at(node, () => data.set(this.#held(node, live).dataSync<"float32" | "int32">()))
      }
    } finally {
      for (const tensor of live.values()) tensor.dispose()
    }
  }

  async release(): Promise<void> {
    this.#released = true
    for (const tensor of this.#fixed.values()) tensor.dispose()
    this.#fixed.clear()
  }

  #value(node: Pending, binding: TensorflowBinding, live: ReadonlyMap<Node, Tensor>): Tensor {
    if (node.kind !== "input") return compute(this.#tf, node, node.inputs.map((input) => this.#held(input, live)))
    const data = binding.inputs.get(node) ?? new Float32Array(0)
    return this.#upload(node, data, boundShape(this.#port(node), data))
  }

  #port({ attributes }: NodeOf<"input">): Port {
    return { ...attributes, free: this.#program.free?.get(attributes.name) }
  }

  /** Names the node and its place in the model where the work on it fails. */
  #at<A>(node: Node, work: () => A): A {
    try {
      return work()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new EngineError(this.#engine, atNode(describe(node), node.scope, reason), cause)
    }
  }

  #held(node: Node, live: ReadonlyMap<Node, Tensor>): Tensor {
    const tensor = live.get(node) ?? this.#fixed.get(node)
    if (tensor === undefined) throw new Error(disposedEarly(describe(node)))
    return tensor
  }

  #upload(node: Node, data: TensorData, shape: Shape = node.shape): Tensor {
    return this.#tf.tensor(data, [...shape], node.dtype)
  }
}

/** The nodes in order, each with the inputs and results that may be disposed of once it is computed. */
const stepsOf = (nodes: readonly Pending[], outputs: ReadonlySet<Node>): readonly Step[] => {
  const last = new Map<Node, Node>()
  for (const node of nodes) for (const input of node.inputs) last.set(input, node)
  return nodes.map((node) => {
    const spent = [...new Set(node.inputs)].filter((input) => last.get(input) === node && !outputs.has(input))
    return { node, spent }
  })
}

/**
 * Runs programs op after op on the backend that is set in `tf`; a tensor is disposed of after its last use. `run` blocks
 * the event loop. The same inputs give the same bits on one machine with one number of threads.
 *
 * `threads` has no effect: TensorFlow makes its pool once for the process, of the size that the environment variable
 * `TF_NUM_INTRAOP_THREADS` names when the library is loaded, and tfjs's own backends have one thread.
 */
export const tensorflowEngine = (tf: TensorFlow, name: string): Engine => ({
  name,
  compile: async (program) => new TensorflowSession(tf, name, program),
})
