import { Effect } from "effect"
import { type Asked, leftOutWith, neededFor } from "../graph/needed.ts"
import { type Graph, sources } from "../graph/node.ts"
import { type Snapshot, snapshotOf } from "./snapshot.ts"
import type { Overrides } from "./status.ts"

/**
 * Finds out what a run would do for what a user asked for: as {@link snapshotOf}, without work that nothing comes of, and
 * without what is not to run. Gives the nodes too that what was asked for cannot do without.
 */
export const plannedRun = Effect.fnUntraced(function*(
  graph: Graph,
  asked: Asked,
  overrides: Overrides = { forced: new Set(), frozen: new Set() },
) {
  const first = yield* snapshotOf(graph, overrides)
  const leftOut = leftOutWith(graph, asked, (name) => first.nodes.get(name)?.status._tag === "Fresh")
  const needed = neededFor(graph, asked, leftOut)
  const own = leftOut.size === 0 ? overrides : { ...overrides, leftOut }
  const found = leftOut.size === 0 ? first : yield* snapshotOf(graph, own)
  const unneeded = unneededIn(found, needed)
  return { needed, planned: unneeded.size === 0 ? found : yield* snapshotOf(graph, { ...own, unneeded }) }
})

/**
 * The nodes that would run for nothing: nothing that was asked for needs them, and all that take input from them lack
 * files, as a training does whose corpus has no test set.
 */
const unneededIn = ({ nodes }: Snapshot, needed: ReadonlySet<string>): ReadonlySet<string> => {
  const unneeded = new Set<string>()
  /** Nodes with something that takes input from them, and those of which something will use it. */
  const [taken, used] = [new Set<string>(), new Set<string>()]
  // Nodes stand after their sources.
  for (const [name, { node, status }] of [...nodes].toReversed()) {
    const { _tag } = status
    const isStuck = _tag === "Missing" || _tag === "Blocked" || _tag === "Unneeded"
    const isIdle = taken.has(name) && !used.has(name) && !needed.has(name) && _tag !== "Fresh"
    if (isIdle && !isStuck) unneeded.add(name)
    for (const source of sources(node)) {
      taken.add(source)
      if (!isIdle && !isStuck) used.add(source)
    }
  }
  return unneeded
}
