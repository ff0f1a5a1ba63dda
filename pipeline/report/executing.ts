import { Effect } from "effect"
import type { NodeSnapshot } from "../status/snapshot.ts"
import type { Holder } from "../store/leases.ts"
import { Store } from "../store/store.ts"

/** What is executed now, and by whom: in this run's words where these nodes have the action, in the holder's elsewhere. */
export interface Executing extends Holder {
  readonly key: string
  /** Whether the node is one of these. */
  readonly isInGraph: boolean
}

/** All that is executed in the store now, in the order of the nodes' names. */
export const executingNow = Effect.fnUntraced(function*(nodes: Iterable<NodeSnapshot>) {
  const store = yield* Store
  const names = new Map<string, string>()
  for (const { node, status } of nodes) {
    if (status._tag === "WillRun" && status.action !== undefined) names.set(status.action.key, node.name)
  }
  return [...yield* store.leases.holders]
    .map(([key, holder]): Executing => ({
      ...holder,
      key,
      node: names.get(key) ?? holder.node,
      isInGraph: names.has(key),
    }))
    .toSorted((one, other) => (one.node < other.node ? -1 : one.node > other.node ? 1 : 0))
})
