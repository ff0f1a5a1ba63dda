import { Effect } from "effect"
import { matching } from "../graph/select.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { Project } from "./project.ts"
import { readable, readTables } from "./tables.ts"

/** Selectors of the nodes that made the best results of a profile, as the experiment says; none where it has no results yet. */
export const bestNodes = Effect.fnUntraced(function*({ graph, nodes }: Snapshot) {
  const { experiment: { results } } = yield* Project
  const found = results === undefined ? undefined : nodes.get(results.node)
  if (results?.best === undefined || found?.record === undefined) return []
  const tables = yield* readTables(yield* readable(found.node, found.record))
  // A result may be of nodes that are declared no more.
  return results.best(tables).filter((name) => matching(graph, name).length > 0)
})
