import type { GraphMessage } from "../../pipeline/cli/ui/messages.ts"

/** A box of the drawing: one node, or all nodes of a stage that have the same facets. */
export interface Box {
  readonly id: string
  readonly label: string
  /** The places of its nodes in the graph. */
  readonly members: ReadonlyArray<number>
  readonly isGroup: boolean
  /** The group that it is of, also where it is a node of an unfolded one. */
  readonly group: string
  readonly stage: string
  readonly level: number
}

/** What is drawn: boxes, and the places of those that arrows lead between. */
export interface Folded {
  readonly boxes: ReadonlyArray<Box>
  /** The box of each node. */
  readonly boxOf: ReadonlyArray<number>
  readonly from: ReadonlyArray<number>
  readonly to: ReadonlyArray<number>
}

/** How far each node is from the start of the graph: one more than the furthest of what it takes input from. */
export const levelsOf = ({ names, from, to }: GraphMessage): ReadonlyArray<number> => {
  const levels = new Int32Array(names.length)
  // Edges stand in the order of the nodes that they lead to, and nodes after their sources.
  for (let edge = 0; edge < from.length; edge++) {
    const [source, target] = [from[edge] ?? 0, to[edge] ?? 0]
    levels[target] = Math.max(levels[target] ?? 0, (levels[source] ?? 0) + 1)
  }
  return [...levels]
}

/** The facets that a graph is folded by at first: those with few values, as corpora and models have, not seeds. */
export const firstFacets = ({ facets, names }: GraphMessage): ReadonlyArray<string> =>
  facets.filter(({ values }) => values.length > 0 && values.length * 8 < names.length).slice(0, 2).map(({ name }) =>
    name
  )

/** The group of each node: its stage with the values of the facets that are folded by. */
export const groupsOf = (graph: GraphMessage, by: ReadonlyArray<string>): ReadonlyArray<string> => {
  const facets = graph.facets.filter(({ name }) => by.includes(name))
  return graph.names.map((_, place) =>
    [
      graph.stages[graph.stage[place] ?? 0] ?? "",
      ...facets.flatMap(({ values, of }) => values[of[place] ?? -1] ?? []),
    ].join(" ")
  )
}

/** Folds a graph into groups, of which the open ones are drawn node by node. */
export const fold = (
  graph: GraphMessage,
  groups: ReadonlyArray<string>,
  levels: ReadonlyArray<number>,
  open: ReadonlySet<string>,
): Folded => {
  const members = new Map<string, Array<number>>()
  for (const [place, group] of groups.entries()) {
    const known = members.get(group)
    if (known === undefined) members.set(group, [place])
    else known.push(place)
  }
  const boxes: Array<Box> = []
  const boxOf: Array<number> = Array.from({ length: groups.length }, () => 0)
  for (const [group, own] of members) {
    const stage = graph.stages[graph.stage[own[0] ?? 0] ?? 0] ?? ""
    if (own.length === 1 || open.has(group)) {
      for (const place of own) {
        boxOf[place] = boxes.length
        const name = graph.names[place] ?? ""
        const label = name.slice(name.indexOf("/") + 1)
        boxes.push({ id: name, label, members: [place], isGroup: false, group, stage, level: levels[place] ?? 0 })
      }
      continue
    }
    for (const place of own) boxOf[place] = boxes.length
    const level = own.reduce((most, place) => Math.max(most, levels[place] ?? 0), 0)
    boxes.push({
      id: `group ${group}`,
      label: `${group.slice(stage.length + 1)} × ${own.length}`.trimStart(),
      members: own,
      isGroup: true,
      group,
      stage,
      level,
    })
  }
  const [from, to]: [Array<number>, Array<number>] = [[], []]
  const seen = new Set<number>()
  for (let edge = 0; edge < graph.from.length; edge++) {
    const [source, target] = [boxOf[graph.from[edge] ?? 0] ?? 0, boxOf[graph.to[edge] ?? 0] ?? 0]
    const key = source * boxes.length + target
    if (source === target || seen.has(key)) continue
    seen.add(key)
    from.push(source)
    to.push(target)
  }
  return { boxes, boxOf, from, to }
}
