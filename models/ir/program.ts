import type { DataType, Node, NodeGraph } from "./node.ts"
import type { Shape } from "./shape.ts"

/** The values of one element type. */
export type TensorData = Float32Array | Int32Array

/** What is to be computed: named results of a graph, whatever engine runs it. */
export interface Program {
  readonly graph: NodeGraph
  readonly outputs: ReadonlyMap<string, Node>
  /** Inputs whose values are fixed for the life of the session; an engine may rearrange them once for speed. */
  readonly bound?: ReadonlyMap<string, Float32Array>
  /** The axis of some inputs whose length may be another in each binding, which the graph's ops must all allow. */
  readonly free?: ReadonlyMap<string, number>
}

/** A compiled program. It holds memory outside the JavaScript heap until it is released. */
export interface Session {
  /**
   * Computes into the arrays of `outputs`, which are those of a call to `binding`.
   * Arrays are read and written in place, without copies.
   */
  run(binding: Binding): Promise<void>
  /** Ties every unbound input and every output of the program to the array it is read from or written to. */
  bind(inputs: ReadonlyMap<string, TensorData>, outputs: ReadonlyMap<string, TensorData>): Binding
  release(): Promise<void>
}

/** Inputs and outputs prepared for repeated runs; opaque to all but the session that made it. */
export interface Binding {
  readonly session: Session
}

/** An engine that runs programs. */
export interface Engine {
  readonly name: string
  compile(program: Program, options: EngineOptions): Promise<Session>
}

/** Settings of an engine. */
export interface EngineOptions {
  /** The number of cores that one op may use. */
  readonly threads: number
  /** "low" where ops are so short that waking a thread for each costs: threads look out for the next one for a moment. */
  readonly latency?: "low"
}

/** A program that an engine could not build or run, or a binding that does not fit it. */
export class EngineError extends Error {
  readonly _tag = "EngineError"
  readonly engine: string
  readonly reason: string

  constructor(engine: string, reason: string, cause?: unknown) {
    super(`${engine}: ${reason}`, { cause })
    this.engine = engine
    this.reason = reason
  }
}

/** The nodes that the outputs need, in the order in which they can be computed. */
export const reachable = (program: Program): readonly Node[] => {
  const needed = new Set<Node>()
  const visit = (nodes: Iterable<Node>): void => {
    const stack = [...nodes]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (needed.has(node)) continue
      needed.add(node)
      stack.push(...node.inputs)
    }
  }
  visit(program.outputs.values())
  return program.graph.nodes.filter((node) => needed.has(node))
}

/** The type of an input or output that must be bound. */
export interface Port {
  readonly name: string
  readonly shape: Shape
  readonly dtype: DataType
  /** The axis that may be of another length. */
  readonly free?: number | undefined
}
