import { InputError } from "../base/errors.ts"
import { type Graph, type Node, sources } from "./node.ts"
import { type Intersection, parse, type Term } from "./selection/expression.ts"
import { beginsAs, type Facts, meets } from "./selection/methods.ts"
import {
  both,
  either,
  type Members,
  namesOf,
  type Positions,
  positionsOf,
  withAncestors,
  withDescendants,
  without,
} from "./selection/positions.ts"
import { nothingInAll, nothingOf } from "./selection/proposals.ts"

/** What a user selects: the nodes of any of some selectors, or all where there are none, without those of others. */
export interface Selection {
  readonly include: ReadonlyArray<string>
  readonly exclude: ReadonlyArray<string>
}

/** Facts where nobody knows how nodes stand: a selector that asks is a mistake. */
const noFacts: Facts = {
  state: () => {
    throw new InputError({
      field: "state:",
      message: "cannot be used here",
      help: "name the nodes; \"dag ls state:stale\" lists those of a state",
    })
  },
}

/**
 * The names that a selection selects, in the graph's order; `docs/selectors.md` is the grammar.
 *
 * Throws an InputError where a selector cannot be read, says at which character, or selects nothing though it does not ask
 * for a state: there may be no node of a state.
 */
export const selectNodes = (graph: Graph, selection: Selection, facts: Facts = noFacts): ReadonlySet<string> => {
  const positions = positionsOf(graph)
  const included = selection.include.length === 0
    ? new Uint8Array(positions.names.length).fill(1)
    : unionOf(graph, positions, selection.include, facts)
  if (selection.exclude.length === 0) return namesOf(positions, included)
  const excluded = unionOf(graph, positions, selection.exclude, facts)
  return namesOf(positions, without(included, excluded))
}

/** Whether selectors ask how nodes stand. */
export const asksForState = (graph: Graph, selectors: ReadonlyArray<string>): boolean =>
  selectors.some((selector) => read(graph, selector).some((terms) => terms.some(isOfState)))

const isOfState = ({ method }: Term): boolean => method._tag === "State"

const read = ({ nodes }: Graph, selector: string): ReadonlyArray<Intersection> =>
  parse(selector, (name) => nodes.has(name))

const unionOf = (
  graph: Graph,
  positions: Positions,
  selectors: ReadonlyArray<string>,
  facts: Facts,
): Members => {
  let union: Members = new Uint8Array(positions.names.length)
  for (const selector of selectors) {
    for (const terms of read(graph, selector)) {
      union = either(union, intersectionOf(graph, positions, terms, facts))
    }
  }
  return union
}

const intersectionOf = (graph: Graph, positions: Positions, terms: Intersection, facts: Facts): Members => {
  // What costs the most comes last, and looks only at what is left.
  const [first, ...rest] = terms.toSorted((one, other) => costOf(one) - costOf(other))
  let members = membersOf(graph, positions, first ?? terms[0], facts)
  for (const term of rest) {
    members = both(members, membersOf(graph, positions, term, facts, hasNeighbours(term) ? undefined : members))
  }
  if (members.includes(1) || terms.some(isOfState)) return members
  // A term that selects nothing anywhere is more of a mistake than terms that exclude each other.
  const empty = terms.find((term) => !membersOf(graph, positions, term, facts).includes(1))
  throw empty === undefined ? nothingInAll(graph, terms) : nothingOf(graph, empty)
}

const hasNeighbours = ({ ancestors, descendants, isComplete }: Term): boolean =>
  isComplete || ancestors > 0 || descendants > 0

const costOf = (term: Term): number => (isOfState(term) ? 2 : hasNeighbours(term) ? 1 : 0)

/** What a term selects; of these alone where `among` is given, which no neighbours are looked for in. */
const membersOf = (graph: Graph, positions: Positions, term: Term, facts: Facts, among?: Members): Members => {
  const isMeant = meets(term.method, graph.facets ?? {}, facts)
  const own = new Uint8Array(positions.nodes.length)
  const { nodes } = positions
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at]
    if (node !== undefined && among?.[at] !== 0 && isMeant(node)) own[at] = 1
  }
  if (term.isComplete) return withAncestors(positions, withDescendants(positions, own, Infinity), Infinity)
  const up = term.ancestors > 0 ? withAncestors(positions, own, term.ancestors) : own
  if (term.descendants === 0) return up
  return either(up, withDescendants(positions, own, term.descendants))
}

/** The part of a graph that makes some nodes: they themselves and all nodes that they depend on. */
export const partOf = (graph: Graph, names: ReadonlySet<string>): Graph => {
  if (names.size === graph.nodes.size) return graph
  const wanted = new Set(names)
  // Nodes stand after their sources, so one pass from the end finds all that others depend on.
  for (const node of [...graph.nodes.values()].toReversed()) {
    if (wanted.has(node.name)) { for (const source of sources(node)) wanted.add(source) }
  }
  return { ...graph, nodes: new Map([...graph.nodes].filter(([name]) => wanted.has(name))) }
}

/** The part of a graph that makes what selectors select, which do not ask for states; the whole graph where there are none. */
export const select = (graph: Graph, selectors: ReadonlyArray<string>): Graph =>
  selectors.length === 0 ? graph : partOf(graph, selectNodes(graph, { include: selectors, exclude: [] }))

/** Whether a name begins as a pattern says, segment by segment; "*" stands for any run of characters within a segment. */
export const selects = beginsAs

/** The names that begin as a pattern says, in the graph's order. */
export const matching = (graph: Graph, pattern: string): ReadonlyArray<string> =>
  [...graph.nodes.keys()].filter(beginsAs(pattern))

/** The one node that a user means by a name; throws an InputError where there is none or more than one. */
export const selectOne = (graph: Graph, name: string): Node => {
  const exact = graph.nodes.get(name)
  if (exact !== undefined) return exact
  const names = [...selectNodes(graph, { include: [name], exclude: [] })]
  const node = graph.nodes.get(names[0] ?? "")
  if (names.length > 1 || node === undefined) {
    throw new InputError({
      field: name,
      message: `names ${names.length} nodes`,
      help: `say which: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`,
    })
  }
  return node
}
