import { Effect } from "effect"
import { everything } from "../graph/needed.ts"
import type { Graph } from "../graph/node.ts"
import type { State } from "../graph/selection/expression.ts"
import type { Facts } from "../graph/selection/methods.ts"
import { failuresUnder } from "./failures.ts"
import { plannedRun } from "./planned.ts"
import type { NodeSnapshot } from "./snapshot.ts"

const none: ReadonlySet<State> = new Set()

/** How the nodes of a graph stand in the store, as selectors ask for it with "state:". */
export const standing = Effect.fnUntraced(function*(graph: Graph) {
  const { planned: { nodes } } = yield* plannedRun(graph, everything)
  const keys = new Map<string, string>()
  for (const [name, { status }] of nodes) {
    if (status._tag === "WillRun" && status.action !== undefined) keys.set(name, status.action.key)
  }
  const failures = yield* failuresUnder(graph.profile, keys)
  const statesOf = ({ status }: NodeSnapshot, isFailed: boolean): ReadonlyArray<State> => {
    switch (status._tag) {
      case "Fresh":
        return status.accepted === undefined ? ["fresh"] : ["fresh", "accepted"]
      case "WillRun":
      case "MayRun":
        return isFailed ? ["stale", "failed"] : ["stale"]
      case "Missing":
        return ["missing"]
      case "Blocked":
        return ["blocked"]
      case "Unneeded":
        return []
    }
  }
  const known = new Map([...nodes].map(([name, each]) => [name, new Set(statesOf(each, failures.has(name)))]))
  return { state: (name) => known.get(name) ?? none } satisfies Facts
})
