import { InputError } from "../base/errors.ts"
import { type Graph, type Node, sources } from "./node.ts"
import { wildcard } from "./wildcards.ts"

/**
 * The part of a graph that makes the selected nodes: they themselves and all nodes that they depend on.
 *
 * A selector is the beginning of a node's name, segment by segment, "*" standing for any run of characters within a
 * segment: "ingest", "score/t5-mini/cdr", "finetune/*\/cdr/16". No selector selects everything.
 * Throws an InputError on a selector that selects nothing.
 */
export const select = (graph: Graph, selectors: ReadonlyArray<string>): Graph => {
  if (selectors.length === 0) return graph
  const wanted = new Set<string>()
  for (const selector of selectors) for (const name of matchingSome(graph, selector)) wanted.add(name)
  // Nodes stand after their sources, so one pass from the end finds all that others depend on.
  for (const node of [...graph.nodes.values()].toReversed()) {
    if (wanted.has(node.name)) { for (const source of sources(node)) wanted.add(source) }
  }
  return { ...graph, nodes: new Map([...graph.nodes].filter(([name]) => wanted.has(name))) }
}

/** Whether a selector selects a node of a name. */
export const selects = (selector: string): (name: string) => boolean => {
  const segments = selector.split("/").map(wildcard)
  return (name) => {
    const parts = name.split("/")
    return segments.length <= parts.length && segments.every((matches, index) => matches(parts[index] ?? ""))
  }
}

/** The names that a selector selects, in the graph's order. */
export const matching = (graph: Graph, selector: string): ReadonlyArray<string> =>
  [...graph.nodes.keys()].filter(selects(selector))

/** The same; throws an InputError where there are none. */
export const matchingSome = (graph: Graph, selector: string): ReadonlyArray<string> => {
  const names = matching(graph, selector)
  if (names.length === 0) throw nothing(graph, selector)
  return names
}

/** The one node that a user means by a name; throws an InputError where there is none or more than one. */
export const selectOne = (graph: Graph, name: string): Node => {
  const exact = graph.nodes.get(name)
  if (exact !== undefined) return exact
  const names = matching(graph, name)
  const [only] = names
  if (only === undefined) throw nothing(graph, name)
  const node = graph.nodes.get(only)
  if (names.length > 1 || node === undefined) {
    throw new InputError({
      field: name,
      message: `names ${names.length} nodes`,
      help: `say which: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`,
    })
  }
  return node
}

const nothing = (graph: Graph, selector: string): InputError => {
  const stages = new Set([...graph.nodes.values()].map((node) => node.stage.name))
  return new InputError({
    field: selector,
    message: `selects no node of profile "${graph.profile}"`,
    help: `names begin with a stage (${[...stages].join(", ")}); "dag ls" lists them`,
  })
}
