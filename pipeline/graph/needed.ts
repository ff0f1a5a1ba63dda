import { dispensable, type Graph, indispensable, isPartial } from "./node.ts"

/** What a user asked for. */
export interface Asked {
  /** The nodes that the user named; undefined where none were named, which asks for all. */
  readonly names: ReadonlySet<string> | undefined
  /** Nodes that are not to run. */
  readonly excluded: ReadonlySet<string>
}

/** All nodes, where the user names none. */
export const everything: Asked = { names: undefined, excluded: new Set() }

/**
 * The nodes that what was asked for cannot do without.
 *
 * Asked for is what the user names; where nothing is, the nodes that gather what there is, or all nodes where none does.
 * What leads to these only through an input of which any part will do is not needed: it may lack its files. Nor is what is
 * `leftOut`.
 */
export const neededFor = (
  graph: Graph,
  { names }: Pick<Asked, "names">,
  leftOut: ReadonlySet<string> = new Set(),
): ReadonlySet<string> => {
  const all = [...graph.nodes.values()]
  const gathering = all.filter(isPartial)
  const asked = names !== undefined
    ? all.filter(({ name }) => names.has(name))
    : gathering.length > 0
    ? gathering
    : all
  const needed = new Set(asked.flatMap(({ name }) => (leftOut.has(name) ? [] : [name])))
  // Nodes stand after their sources.
  for (const node of all.toReversed()) {
    if (needed.has(node.name)) { for (const source of indispensable(node)) needed.add(source) }
  }
  return needed
}

/**
 * The nodes that are not to run, and those that cannot do without them: of an input of which any part will do, all must be
 * left out. What is `ready` is there already, whatever of it is excluded.
 */
export const leftOutWith = (
  graph: Graph,
  { excluded }: Pick<Asked, "excluded">,
  ready: (name: string) => boolean,
): ReadonlySet<string> => {
  const leftOut = new Set<string>()
  for (const node of graph.nodes.values()) {
    const { name } = node
    if (ready(name)) continue
    const lacksAll = (names: ReadonlyArray<string>) => names.length > 0 && names.every((each) => leftOut.has(each))
    if (
      excluded.has(name)
      || indispensable(node).some((each) => leftOut.has(each))
      || [...dispensable(node).values()].some(lacksAll)
    ) leftOut.add(name)
  }
  return leftOut
}
