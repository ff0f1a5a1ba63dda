import { type Graph, type Node, sources } from "./node.ts"

/**
 * How long the longest way from the start of each node to the end of all work is, itself included: the time that a run
 * cannot do without once the node is all that is left to begin.
 *
 * `duration` gives the time of each node that is to run, and undefined for one that is not.
 */
export const rankOf = (
  { nodes }: Pick<Graph, "nodes">,
  duration: (name: string) => number | undefined,
): ReadonlyMap<string, number> => {
  const ranks = new Map<string, number>()
  /** The longest way behind each node. */
  const behind = new Map<string, number>()
  // Nodes stand after their sources.
  for (const [name, node] of [...nodes].toReversed()) {
    const own = duration(name)
    if (own === undefined) continue
    const rank = own + (behind.get(name) ?? 0)
    ranks.set(name, rank)
    for (const source of sources(node)) behind.set(source, Math.max(behind.get(source) ?? 0, rank))
  }
  return ranks
}

/**
 * All nodes in the order in which they are to start: those of the longest way first, so that no long training is left
 * for the end; but what takes input from a node that has run comes before anything new, so that results come one by one.
 *
 * Nodes of equal ranks stand as in the graph, and before all others those without a rank, which are not to run.
 */
export const startOrder = (
  { nodes }: Pick<Graph, "nodes">,
  ranks: ReadonlyMap<string, number>,
): ReadonlyArray<string> => {
  const order: Array<string> = []
  const waitsOn = new Map<string, number>()
  const dependents = new Map<string, Array<string>>()
  const begin: Array<string> = []
  for (const [name, node] of nodes) {
    if (!ranks.has(name)) {
      order.push(name)
      continue
    }
    const before = sourcesToRun(node, ranks)
    waitsOn.set(name, before.length)
    if (before.length === 0) begin.push(name)
    for (const source of before) {
      const known = dependents.get(source)
      if (known === undefined) dependents.set(source, [name])
      else known.push(name)
    }
  }
  /** The last of the stack comes next. */
  const stack: Array<string> = []
  const put = (names: ReadonlyArray<string>) => {
    const byRank = names.toSorted((one, other) => (ranks.get(other) ?? 0) - (ranks.get(one) ?? 0))
    for (const name of byRank.toReversed()) stack.push(name)
  }
  put(begin)
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    order.push(name)
    const free: Array<string> = []
    for (const each of dependents.get(name) ?? []) {
      const left = (waitsOn.get(each) ?? 0) - 1
      waitsOn.set(each, left)
      if (left === 0) free.push(each)
    }
    put(free)
  }
  return order
}

const sourcesToRun = (node: Node, ranks: ReadonlyMap<string, number>): ReadonlyArray<string> =>
  sources(node).filter((source) => ranks.has(source))
