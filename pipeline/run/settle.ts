import { Effect } from "effect"
import { type Graph, type Node, sources } from "../graph/node.ts"
import { type Event, Events } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import type { Heal } from "./heal.ts"
import type { Outcome, States } from "./transition.ts"

/** The nodes that take input from each node, in the order of the graph. */
export const dependentsOf = (graph: Graph): Map<string, Array<Node>> => {
  const dependents = new Map<string, Array<Node>>()
  for (const node of graph.nodes.values()) {
    for (const source of sources(node)) {
      const known = dependents.get(source)
      if (known === undefined) dependents.set(source, [node])
      else known.push(node)
    }
  }
  return dependents
}

/** Settles a node, says so, and gives the nodes that waited for nothing but it, or that are to be looked at again. */
export const settle = Effect.fnUntraced(function*(
  states: States,
  dependents: ReadonlyMap<string, ReadonlyArray<Node>>,
  heal: Heal,
  node: Node,
  outcome: Outcome,
) {
  const events = yield* Events
  const before = states.takenBack.get(node.name)
  // Where nothing came of looking at it again, it stays as it was, and there is nothing to say.
  const isAsBefore = before?._tag === "Fresh" && outcome._tag === "Fresh" && outcome.by === "store"
    && before.key === outcome.key && madeSame(before.record, outcome.record)
  // Both or neither: an interruption between the two would say it once more.
  yield* Effect.uninterruptible(Effect.gen(function*() {
    if (!isAsBefore) yield* events.emit(eventOf(node.name, outcome, states.leavesOut(node.name, outcome)))
    states.transition(node.name, { _tag: "Settled", outcome: isAsBefore ? before : outcome })
  }))
  const free = freedBy(states, dependents, node)
  const isOther = before?._tag === "Fresh" && outcome._tag === "Fresh" && !madeSame(before.record, outcome.record)
  return isOther ? [...free, ...heal.lookAgain(node)] : free
})

/** Counts a node as settled for those that take input from it, and gives those that waited for nothing but it. */
export const freedBy = (
  states: States,
  dependents: ReadonlyMap<string, ReadonlyArray<Node>>,
  node: Node,
): ReadonlyArray<Node> =>
  (dependents.get(node.name) ?? []).filter(({ name }) => {
    const state = states.of(name)
    if (state._tag !== "Waiting") return false
    states.transition(name, { _tag: "Waiting", on: state.on - 1 })
    return state.on === 1
  })

const madeSame = (one: ActionRecord, other: ActionRecord): boolean =>
  Object.entries(one.outputs).every(([name, { digest }]) => other.outputs[name]?.digest === digest)

/** What is said of a node that is settled; `leftOut` is one that nothing which was asked for needs. */
export const eventOf = (node: string, outcome: Outcome, leftOut = false): Event => {
  switch (outcome._tag) {
    case "Fresh": {
      const { by, key, again, record: { milliseconds, outputs, counts, warnings } } = outcome
      if (by === "store") return { _tag: "NodeCached", node, key }
      if (by === "freeze") return { _tag: "NodeCached", node, key, frozen: true }
      if (by === "other run") return { _tag: "NodeCached", node, key, elsewhere: true }
      return {
        _tag: "NodeSucceeded",
        node,
        key,
        milliseconds,
        rows: Object.fromEntries(Object.entries(outputs).map(([name, { rows }]) => [name, rows])),
        digests: Object.fromEntries(Object.entries(outputs).map(([name, { digest }]) => [name, digest])),
        counts,
        ...(warnings === undefined ? {} : { warnings }),
        shared: by === "other node",
        ...(again === undefined ? {} : { again }),
      }
    }
    case "Failed": {
      const { key, failure, job } = outcome
      return { _tag: "NodeFailed", node, key, failure, ...(job === undefined ? {} : { job }) }
    }
    case "Missing": {
      const { set: { title, base }, names } = outcome
      return { _tag: "NodeMissing", node, title, base, names, ...(leftOut ? { leftOut } : {}) }
    }
    case "Blocked":
      return { _tag: "NodeBlocked", node, by: outcome.by.join(", "), ...(leftOut ? { leftOut } : {}) }
    case "Unneeded":
      return { _tag: "NodeUnneeded", node }
  }
}
