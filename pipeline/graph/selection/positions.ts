import type { Graph, Node } from "../node.ts"

/** The nodes of a graph by their positions: every node stands after its sources. */
export interface Positions {
  readonly names: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<Node>
  /** The sources of each node, made when they are first asked for. */
  readonly sources: () => Sources
}

/** The positions of the sources of node `i` are `all[first[i]]` to `all[first[i + 1] - 1]`. */
export interface Sources {
  readonly first: Int32Array
  readonly all: Int32Array
}

const known = new WeakMap<Graph["nodes"], Positions>()

/** The positions of a graph's nodes, made once for a graph. */
export const positionsOf = ({ nodes }: Graph): Positions => {
  const found = known.get(nodes) ?? makePositions(nodes)
  known.set(nodes, found)
  return found
}

const makePositions = (map: Graph["nodes"]): Positions => {
  const names = [...map.keys()]
  const nodes = [...map.values()]
  let made: Sources | undefined
  return { names, nodes, sources: () => made ??= sourcesOf(names, nodes) }
}

const sourcesOf = (names: ReadonlyArray<string>, nodes: ReadonlyArray<Node>): Sources => {
  const positions = new Map<string, number>()
  for (let at = 0; at < names.length; at++) positions.set(names[at] ?? "", at)
  const first = new Int32Array(nodes.length + 1)
  const all: Array<number> = []
  for (const [position, { inputs }] of nodes.entries()) {
    for (const wire of inputs.values()) {
      if (wire._tag !== "Artifacts") continue
      let last: string | undefined
      for (const { node } of wire.refs) {
        // Several outputs of one node are often wired one after another.
        if (node === last) continue
        last = node
        const source = positions.get(node)
        if (source !== undefined) all.push(source)
      }
    }
    first[position + 1] = all.length
  }
  return { first, all: Int32Array.from(all) }
}

/** Some of a graph's nodes: 1 at the position of each. */
export type Members = Uint8Array

/** Adds what members depend on, up to some edges away, in one pass from the end. */
export const withAncestors = (positions: Positions, members: Members, edges: number): Members => {
  const { first, all } = positions.sources()
  const count = members.length
  const most = Math.min(edges, count)
  const distances = distancesOf(members)
  for (let position = count - 1; position >= 0; position--) {
    const next = (distances[position] ?? 0) + 1
    if (next > most) continue
    for (let each = first[position] ?? 0; each < (first[position + 1] ?? 0); each++) {
      const source = all[each] ?? 0
      if (next < (distances[source] ?? 0)) distances[source] = next
    }
  }
  return reached(distances)
}

/** Adds what depends on members, up to some edges away, in one pass from the beginning. */
export const withDescendants = (positions: Positions, members: Members, edges: number): Members => {
  const { first, all } = positions.sources()
  const count = members.length
  const most = Math.min(edges, count)
  const distances = distancesOf(members)
  for (let position = 0; position < count; position++) {
    let nearest = distances[position] ?? 0
    for (let each = first[position] ?? 0; each < (first[position + 1] ?? 0); each++) {
      const next = (distances[all[each] ?? 0] ?? 0) + 1
      if (next <= most && next < nearest) nearest = next
    }
    distances[position] = nearest
  }
  return reached(distances)
}

/** More edges than any graph has. */
const far = 2 ** 31 - 2

// Loops, since a call for each of many nodes costs more than what it does.
const distancesOf = (members: Members): Int32Array => {
  const distances = new Int32Array(members.length)
  for (let at = 0; at < members.length; at++) if (members[at] === 0) distances[at] = far
  return distances
}

const reached = (distances: Int32Array): Members => {
  const members = new Uint8Array(distances.length)
  for (let at = 0; at < distances.length; at++) if (distances[at] !== far) members[at] = 1
  return members
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
export const namesOf = ({ names }: Positions, members: Members): ReadonlySet<string> => {
  const found = new Set<string>()
  for (let at = 0; at < names.length; at++) if (members[at] === 1) found.add(names[at] ?? "")
  return found
}
