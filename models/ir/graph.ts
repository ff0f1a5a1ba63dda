import { ShapeError } from "./errors.ts"
import { infer } from "./infer.ts"
import { type DataType, describe, type Node, type NodeGraph, type NodeOf, type OpKind, type Ops } from "./node.ts"
import type { Shape } from "./shape.ts"

/** A static computation graph under construction; equal computations become one node. */
export class Graph implements NodeGraph {
  readonly nodes: Node[] = []
  readonly #known = new Map<string, Node>()
  readonly #scopes: string[] = []

  /** The dotted name of the innermost scope. */
  get currentScope(): string {
    return this.#scopes.join(".")
  }

  /** Runs `build` so that nodes made by it carry `name` in their scope. */
  scope<A>(name: string, build: () => A): A {
    this.#scopes.push(name)
    try {
      return build()
    } finally {
      this.#scopes.pop()
    }
  }

  /** Makes the node of an op, or returns the one that already computes it. Throws `ShapeError`. */
  node<K extends OpKind>(kind: K, inputs: Ops[K]["inputs"], attributes: Ops[K]["attributes"]): Node {
    const key = keyOf(kind, inputs, attributes)
    const known = key === undefined ? undefined : this.#known.get(key)
    if (known !== undefined) return known
    const scope = this.currentScope
    const { shape, dtype } = infer(kind, inputs, attributes, (reason) => {
      throw new ShapeError(kind, inputs.map(describe), scope, reason)
    })
    const made: NodeOf<K> = { graph: this, id: this.nodes.length, kind, inputs, attributes, shape, dtype, scope }
    const node = made as unknown as Node
    this.nodes.push(node)
    if (key !== undefined) this.#known.set(key, node)
    return node
  }

  /** A value fed at every run, such as token ids or a weight. */
  input(name: string, shape: Shape, dtype: DataType = "float32"): Node {
    return this.node("input", [], { name, shape, dtype })
  }

  /** A value fixed when the graph is built. */
  constant(data: Float32Array | Int32Array, shape: Shape): Node {
    return this.node("constant", [], { data, shape })
  }

  /** A float32 constant of shape `[]`. */
  scalar(value: number): Node {
    return this.constant(Float32Array.of(value), [])
  }
}

// Large constants are not compared: building the key would cost more than a repeated node does.
const COMPARED_CONSTANT = 16

const keyOf = (kind: OpKind, inputs: readonly Node[], attributes: object): string | undefined => {
  const { data, ...rest } = attributes as { readonly data?: Float32Array | Int32Array }
  if (data !== undefined && data.length > COMPARED_CONSTANT) return undefined
  const values = data === undefined ? "" : `${data.constructor.name}:${data.join(",")}`
  return `${kind} ${inputs.map((input) => input.id).join(",")} ${JSON.stringify(rest)} ${values}`
}
