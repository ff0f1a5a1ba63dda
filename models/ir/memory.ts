import type { Node } from "./node.ts"
import { type Program, reachable } from "./program.ts"
import { sizeOf } from "./shape.ts"

/** Bytes that running a program takes, by whose they are. */
export interface ProgramBytes {
  /** Arrays that the caller binds and keeps, and those bound for the life of the session. */
  readonly inputs: number
  /** Arrays that the caller binds and keeps. */
  readonly outputs: number
  /** Values fixed when the graph was built. */
  readonly constants: number
  /** The most that intermediate values take at one time. */
  readonly activations: number
}

/**
 * The bytes that a program needs when its nodes run one after another in their order: an intermediate value takes its
 * place when it is computed and gives it up after its last use; a reshape has no place of its own.
 *
 * Nothing is computed in place, and what one op needs while it runs is left out; an engine may do better or worse.
 */
export const peakBytes = (program: Program): ProgramBytes => {
  const nodes = reachable(program)
  const results = new Set(program.outputs.values())
  /** Whose bytes a node's value stands in: those of what it reshapes, unless it goes to an array of the caller's. */
  const places = new Map<Node, Node>()
  const placeOf = (node: Node): Node => places.get(node) ?? node
  const lastUses = new Map<Node, number>()
  nodes.forEach((node, index) => {
    const [input] = node.inputs
    if (node.kind === "reshape" && input !== undefined && !results.has(node)) places.set(node, placeOf(input))
    for (const each of node.inputs) lastUses.set(placeOf(each), index)
  })

  let [inputs, constants, live, activations] = [0, 0, 0, 0]
  nodes.forEach((node, index) => {
    const bytes = 4 * sizeOf(node.shape)
    if (node.kind === "input") inputs += bytes
    else if (node.kind === "constant") constants += bytes
    else if (isIntermediate(node)) live += bytes
    activations = Math.max(activations, live)
    for (const place of new Set(node.inputs.map(placeOf))) {
      if (lastUses.get(place) === index && isIntermediate(place)) live -= 4 * sizeOf(place.shape)
    }
  })
  const outputs = [...program.outputs.values()].reduce((total, node) => total + 4 * sizeOf(node.shape), 0)
  return { inputs, outputs, constants, activations }

  function isIntermediate(node: Node): boolean {
    return node.kind !== "input" && node.kind !== "constant" && placeOf(node) === node && !results.has(node)
  }
}
