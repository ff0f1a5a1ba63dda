import { type Graph, type Node, Wires } from "../node.ts"
import { AllNames } from "./all-names.ts"

/** The nodes of a graph by their positions: every node stands after its sources. */
export interface Positions {
  readonly byName: Graph["nodes"]
  readonly names: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<Node>
  /** The positions of what a node takes input from, some more than once. */
  readonly sources: (at: number) => ReadonlyArray<number>
}

const known = new WeakMap<Graph["nodes"], Positions>()

/** The positions of a graph's nodes, made once for a graph. */
export const positionsOf = ({ nodes }: Graph): Positions => {
  const found = known.get(nodes) ?? made(nodes)
  known.set(nodes, found)
  return found
}

const made = (byName: Graph["nodes"]): Positions => {
  const names = [...byName.keys()]
  const nodes = [...byName.values()]
  let look: Positions["sources"] | undefined
  return { byName, names, nodes, sources: (at) => (look ??= sourcesIn(nodes))(at) }
}

/** Looks up no name where nodes are known by the place of their declaration, which mostly is their position too. */
const sourcesIn = (nodes: ReadonlyArray<Node>): Positions["sources"] => {
  const positions = declaredAt(nodes)
  let byName: ReadonlyMap<string, number> | undefined
  return (at) => {
    const inputs = nodes[at]?.inputs
    if (inputs instanceof Wires && !inputs.from.includes(-1)) {
      return positions === undefined ? inputs.from : inputs.from.map((from) => positions[from] ?? at)
    }
    byName ??= new Map(nodes.map(({ name }, position) => [name, position]))
    const found: Array<number> = []
    for (const wire of inputs?.values() ?? []) {
      if (wire._tag === "Artifacts") { for (const { node } of wire.refs) found.push(byName.get(node) ?? at) }
    }
    return found
  }
}

/** By its place in the order of declaration, where a node stands; undefined where each stands at its place. */
const declaredAt = (nodes: ReadonlyArray<Node>): Int32Array | undefined => {
  const isInOrder = nodes.every(({ inputs }, at) => inputs instanceof Wires && inputs.at === at)
  if (isInOrder) return undefined
  let last = -1
  for (const { inputs } of nodes) if (inputs instanceof Wires && inputs.at > last) last = inputs.at
  const positions = new Int32Array(last + 1)
  for (let at = 0; at < nodes.length; at++) {
    const inputs = nodes[at]?.inputs
    if (inputs instanceof Wires) positions[inputs.at] = at
  }
  return positions
}

/** Some of a graph's nodes: 1 at the position of each. */
export type Members = Uint8Array

/** Adds what members depend on, up to some edges away. */
export const withAncestors = ({ sources }: Positions, members: Members, edges: number): Members => {
  if (!members.includes(0)) return members
  const reached = members.slice()
  if (edges === Infinity) {
    // Nodes stand after their sources, so one pass from the last finds all.
    for (let at = reached.lastIndexOf(1); at >= 0; at--) {
      if (reached[at] === 1) { for (const source of sources(at)) reached[source] = 1 }
    }
    return reached
  }
  let level = positionsIn(members)
  for (let edge = 0; edge < edges && level.length > 0; edge++) {
    const next: Array<number> = []
    for (const at of level) {
      for (const source of sources(at)) {
        if (reached[source] === 1) continue
        reached[source] = 1
        next.push(source)
      }
    }
    level = next
  }
  return reached
}

const positionsIn = (members: Members): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = members.indexOf(1); at >= 0; at = members.indexOf(1, at + 1)) found.push(at)
  return found
}

/** Adds what depends on members, up to some edges away, in one pass from the first of them. */
export const withDescendants = ({ names, sources }: Positions, members: Members, edges: number): Members => {
  const first = members.indexOf(1)
  if (first < 0 || !members.includes(0)) return members
  const reached = members.slice()
  if (edges === Infinity) {
    for (let at = first; at < names.length; at++) {
      if (reached[at] !== 1 && sources(at).some((source) => reached[source] === 1)) reached[at] = 1
    }
    return reached
  }
  /** Of what is reached, one more than the edges that it is away; 0 of the rest. */
  const distances = new Uint32Array(names.length)
  for (let at = first; at < names.length; at++) {
    let nearest = members[at] === 1 ? 1 : 0
    if (nearest === 0) {
      for (const source of sources(at)) {
        const distance = distances[source] ?? 0
        if (distance > 0 && (nearest === 0 || distance < nearest)) nearest = distance + 1
      }
    }
    if (nearest === 0 || nearest > edges + 1) continue
    reached[at] = 1
    distances[at] = nearest
  }
  return reached
}

/** What both have. */
export const both = (one: Members, other: Members): Members => {
  const members = new Uint8Array(one.length)
  for (let at = 0; at < one.length; at++) members[at] = (one[at] ?? 0) & (other[at] ?? 0)
  return members
}

/** What any of the two has. */
export const either = (one: Members, other: Members): Members => {
  const members = new Uint8Array(one.length)
  for (let at = 0; at < one.length; at++) members[at] = (one[at] ?? 0) | (other[at] ?? 0)
  return members
}

/** What one has and the other has not. */
export const without = (one: Members, other: Members): Members => {
  const members = new Uint8Array(one.length)
  for (let at = 0; at < one.length; at++) members[at] = (one[at] ?? 0) & ~(other[at] ?? 0)
  return members
}

/** The names of members, in the graph's order. */
export const namesOf = ({ byName, names }: Positions, members: Members): ReadonlySet<string> => {
  if (!members.includes(0)) return new AllNames(byName)
  const found = new Set<string>()
  for (let at = 0; at < names.length; at++) if (members[at] === 1) found.add(names[at] ?? "")
  return found
}
