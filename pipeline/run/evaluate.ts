import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { Node } from "../graph/node.ts"
import { type Freshness, freshnessOf, makeFileCache } from "../status/freshness.ts"
import { settle } from "./settle.ts"
import type { Action, Outcome, States } from "./transition.ts"

/** What a node needs: to be executed, or nothing more in this run. */
type Finding = { readonly _tag: "Action"; readonly action: Action } | Outcome

/**
 * Gives the function that finds out what nodes need whose sources are settled, and the nodes that this settles.
 *
 * `planned` is what was found before the run, `heads` the keys that the nodes last had.
 */
export const makeEvaluate = (
  states: States,
  dependents: ReadonlyMap<string, ReadonlyArray<Node>>,
  planned: ReadonlyMap<string, Freshness>,
  heads: ReadonlyMap<string, Digest>,
) => {
  const lookUp = makeFileCache()
  const find = Effect.fnUntraced(function*(node: Node) {
    const before = planned.get(node.name)
    // What the plan found up to date takes input from nothing that runs, so it still is.
    const freshness = before?._tag === "Fresh"
      ? before
      : yield* freshnessOf(node, states.outcomes, lookUp, heads.get(node.name))
    return findingOf(node, freshness)
  })
  return Effect.fnUntraced(function*(nodes: ReadonlyArray<Node>) {
    const queue = [...nodes]
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      const found = yield* find(node)
      if (found._tag !== "Action") {
        queue.push(...(yield* settle(states, dependents, node, found)))
        continue
      }
      const { action } = found
      states.transition(
        node.name,
        states.inWork.has(action.key) ? { _tag: "Following", key: action.key } : { _tag: "Ready", action },
      )
    }
  })
}

const findingOf = (node: Node, freshness: Freshness): Finding => {
  switch (freshness._tag) {
    case "Pending":
      throw new Error(`${node.name} was evaluated before its sources were settled`)
    case "Stale":
      return { _tag: "Action", action: freshness }
    case "Fresh":
      return { ...freshness, by: "store" }
    case "Missing":
    case "Blocked":
      return freshness
  }
}
