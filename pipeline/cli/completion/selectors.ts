import type { Graph } from "../../graph/node.ts"
import { selects } from "../../graph/select.ts"
import { states } from "../../graph/selection/expression.ts"
import { valuesUnder } from "../../graph/selection/proposals.ts"

/**
 * How the last term of a selector may go on, each with all that stands before it: "corpus=cdr,sc" gives "corpus=cdr,score/".
 *
 * Names are completed part by part, as paths are: what ends with "/", "=" or ":" goes on.
 */
export const selectorsFrom = (graph: Graph, current: string): ReadonlyArray<string> => {
  const [, before = "", term = ""] = /^(.*[\s,])?(.*)$/su.exec(current) ?? []
  const [, operator = "", rest = ""] = /^(@|\d*\+)?(.*)$/su.exec(term) ?? []
  return termsFrom(graph, rest).map((found) => `${before}${operator}${found}`)
}

/** How "node:out" may go on, where there is such a node. */
export const outputsFrom = ({ nodes }: Graph, current: string): ReadonlyArray<string> => {
  const colon = current.lastIndexOf(":")
  const [name, begun] = [current.slice(0, colon), current.slice(colon + 1)]
  return Object.keys(nodes.get(name)?.stage.outputs ?? {}).filter((output) => output.startsWith(begun))
    .map((output) => `${name}:${output}`)
}

const termsFrom = (graph: Graph, rest: string): ReadonlyArray<string> => {
  const begun = (words: Iterable<string>, prefix: string): ReadonlyArray<string> =>
    [...words].filter((word) => word.toLowerCase().startsWith(prefix.toLowerCase()))
  if (rest.startsWith("state:")) {
    return begun(Object.keys(states), rest.slice("state:".length)).map((state) => `state:${state}`)
  }
  const [, key, value = ""] = /^([^/=]+)=(.*)$/su.exec(rest) ?? []
  if (key !== undefined) return begun(valuesUnder(graph, key), value).map((found) => `${key}=${found}`)
  const names = namesFrom(graph, rest)
  if (rest.includes("/")) return names
  const keys = ["stage=", ...Object.keys(graph.facets ?? {}).map((facet) => `${facet}=`), "state:"]
  return [...names, ...keys.filter((each) => each.startsWith(rest))]
}

/** The next parts of names that begin as a text does, with "/" where names go on. */
const namesFrom = (graph: Graph, rest: string): ReadonlyArray<string> => {
  const slash = rest.lastIndexOf("/")
  const [folder, part] = [rest.slice(0, slash + 1), rest.slice(slash + 1)]
  const depth = folder.split("/").length - 1
  const isBelow = folder === "" ? () => true : selects(folder)
  const found = new Set<string>()
  for (const name of graph.nodes.keys()) {
    if (!isBelow(name)) continue
    const parts = name.split("/")
    const next = parts[depth]
    if (next?.startsWith(part) !== true) continue
    found.add(`${folder}${next}${parts.length > depth + 1 ? "/" : ""}`)
  }
  return [...found]
}
