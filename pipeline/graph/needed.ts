import { type Graph, indispensable, isPartial } from "./node.ts"
import { selects } from "./select.ts"

/**
 * The nodes that what was asked for cannot do without.
 *
 * Asked for is what the selectors select; where there are none, the nodes that gather what there is, or all nodes where
 * none does. What leads to these only through an input of which any part will do is not needed: it may lack its files.
 */
export const neededFor = (graph: Graph, selectors: ReadonlyArray<string>): ReadonlySet<string> => {
  const all = [...graph.nodes.values()]
  const gathering = all.filter(isPartial)
  const isSelected = selectors.map(selects)
  const asked = selectors.length > 0
    ? all.filter(({ name }) => isSelected.some((selected) => selected(name)))
    : gathering.length > 0
    ? gathering
    : all
  const needed = new Set(asked.map(({ name }) => name))
  // Nodes stand after their sources.
  for (const node of all.toReversed()) {
    if (needed.has(node.name)) { for (const source of indispensable(node)) needed.add(source) }
  }
  return needed
}
