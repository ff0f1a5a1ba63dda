import { type Graph, type Node, sources } from "../node.ts"

/** The nodes of a graph by their positions: every node stands after its sources. */
export interface Positions {
  readonly names: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<Node>
  readonly byName: Graph["nodes"]
}

const known = new WeakMap<Graph["nodes"], Positions>()

/** The positions of a graph's nodes, made once for a graph. */
export const positionsOf = ({ nodes }: Graph): Positions => {
  const found = known.get(nodes) ?? { names: [...nodes.keys()], nodes: [...nodes.values()], byName: nodes }
  known.set(nodes, found)
  return found
}

/** Some of a graph's nodes: 1 at the position of each. */
export type Members = Uint8Array

/** Adds what members depend on, up to some edges away: only these are looked at, for most commands select few of many. */
export const withAncestors = ({ names, byName }: Positions, members: Members, edges: number): Members => {
  const found = new Set<string>()
  for (let at = 0; at < members.length; at++) if (members[at] === 1) found.add(names[at] ?? "")
  let level: Iterable<string> = [...found]
  for (let edge = 0; edge < edges; edge++) {
    const next: Array<string> = []
    for (const name of level) {
      const node = byName.get(name)
      if (node === undefined) continue
      for (const source of sources(node)) {
        if (found.has(source)) continue
        found.add(source)
        next.push(source)
      }
    }
    if (next.length === 0) break
    level = next
  }
  const reached = new Uint8Array(members.length)
  for (let at = 0; at < members.length; at++) if (found.has(names[at] ?? "")) reached[at] = 1
  return reached
}

/** Adds what depends on members, up to some edges away, in one pass from the first of them. */
export const withDescendants = ({ names, nodes }: Positions, members: Members, edges: number): Members => {
  /** Of what is reached, how many edges it is away. */
  const distances = new Map<string, number>()
  const reached = new Uint8Array(members.length)
  for (let at = Math.max(0, members.indexOf(1)); at < members.length; at++) {
    const node = nodes[at]
    if (node === undefined) continue
    let nearest = members[at] === 1 ? 0 : Infinity
    if (nearest > 0) {
      for (const source of sources(node)) nearest = Math.min(nearest, (distances.get(source) ?? Infinity) + 1)
    }
    if (nearest === Infinity || nearest > edges) continue
    reached[at] = 1
    if (nearest < edges) distances.set(names[at] ?? "", nearest)
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
export const namesOf = ({ names }: Positions, members: Members): ReadonlySet<string> => {
  const found = new Set<string>()
  for (let at = 0; at < names.length; at++) if (members[at] === 1) found.add(names[at] ?? "")
  return found
}
