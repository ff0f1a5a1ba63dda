import { Effect } from "effect"
import { isPartial, sources } from "../graph/node.ts"
import { matching } from "../graph/select.ts"
import { gatheringOf } from "../run/gather.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { Project } from "./project.ts"
import { readable, readTables } from "./tables.ts"

/**
 * Selectors of the nodes that made the best results of a profile, as the experiment says; none where it has no results yet.
 *
 * Results that gather what there is are those of all that there is: where these were not computed, as after a run of some
 * models alone, whatever they are to be made of counts as the best.
 */
export const bestNodes = Effect.fnUntraced(function*(snapshot: Snapshot) {
  const { graph, nodes } = snapshot
  const { experiment: { results } } = yield* Project
  const found = results === undefined ? undefined : nodes.get(results.node)
  if (results?.best === undefined || found === undefined) return []
  const { node, status } = found
  const gathering = status._tag !== "Fresh" && isPartial(node) ? yield* gatheringOf(snapshot, node) : undefined
  const now = gathering?.planned.nodes.get(node.name)?.status
  if (gathering !== undefined && now?._tag !== "Fresh") {
    return sources(node).filter((name) => nodes.get(name)?.record !== undefined)
  }
  const record = now?._tag === "Fresh" ? now.record : found.record
  if (record === undefined) return []
  const tables = yield* readTables(yield* readable(node, record))
  // A result may be of nodes that are declared no more.
  return results.best(tables).filter((name) => matching(graph, name).length > 0)
})
