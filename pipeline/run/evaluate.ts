import { Cause, Effect } from "effect"
import type { Node } from "../graph/node.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { makeFileFinder, type Status, statusOf } from "../status/status.ts"
import { Events } from "../store/events.ts"
import { failureOf } from "./failure.ts"
import type { Heal } from "./heal.ts"
import { eventOf, freedBy, settle } from "./settle.ts"
import type { Action, Outcome, States } from "./transition.ts"

/** What a node needs: to be executed, or nothing more in this run. */
type Finding = { readonly _tag: "Action"; readonly action: Action } | Outcome

/**
 * Gives the function that finds out what nodes need whose sources are settled, and the nodes that this settles.
 *
 * `planned` is the snapshot that was taken before the run. Once it is `isEnding`, nodes do without what is not settled.
 */
export const makeEvaluate = (
  states: States,
  dependents: ReadonlyMap<string, ReadonlyArray<Node>>,
  heal: Heal,
  planned: Snapshot,
  isEnding: () => boolean,
) => {
  const known = {
    // At the end of a run that stopped, what is not settled will not be.
    status: {
      get: (name: string) => states.outcomes.get(name) ?? (isEnding() ? { _tag: "NotStarted" } as const : undefined),
    },
    last: (name: string) => Effect.succeed(planned.nodes.get(name)?.record),
    find: makeFileFinder(),
    overrides: planned.overrides,
  }
  const find = Effect.fnUntraced(function*(node: Node) {
    const before = states.takenBack.has(node.name) ? undefined : planned.nodes.get(node.name)?.status
    // What the plan found up to date takes input from nothing that runs, so it still is.
    return findingOf(node, before?._tag === "Fresh" ? before : yield* statusOf(node, known))
  })
  /**
   * Settles nodes that the plan found up to date, and those behind them that are so too; gives the others that this frees.
   *
   * They are most nodes of most runs, and there may be a hundred thousand: each costs its event and no more. Event and
   * state are both there or neither: an interruption between the two would say it once more.
   */
  const settleFresh = Effect.fnUntraced(function*(nodes: ReadonlyArray<Node>) {
    const events = yield* Events
    const queue = [...nodes]
    const others: Array<Node> = []
    for (const node of queue) {
      const status = states.takenBack.has(node.name) ? undefined : planned.nodes.get(node.name)?.status
      if (status?._tag !== "Fresh") {
        others.push(node)
        continue
      }
      const outcome = freshOf(status)
      yield* events.emit(eventOf(node.name, outcome))
      states.transition(node.name, { _tag: "Settled", outcome })
      for (const each of freedBy(states, dependents, node)) queue.push(each)
    }
    return others
  }, Effect.uninterruptible)

  return Effect.fnUntraced(function*(nodes: ReadonlyArray<Node>) {
    const queue = [...(yield* settleFresh(nodes))]
    // What this adds to the queue comes in its turn.
    for (const node of queue) {
      // As where what is to stay as it was is damaged: the others go on.
      const found = yield* find(node).pipe(
        Effect.catch((error) =>
          Effect.succeed<Finding>({ _tag: "Failed", key: null, failure: failureOf(Cause.fail(error)) })
        ),
      )
      if (found._tag !== "Action") {
        queue.push(...(yield* settle(states, dependents, heal, node, found)))
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

const findingOf = (node: Node, status: Status): Finding => {
  switch (status._tag) {
    case "WillRun":
      return { _tag: "Action", action: status.action ?? notSettled(node) }
    case "MayRun":
      return notSettled(node)
    case "Fresh":
      return freshOf(status)
    case "Missing":
    case "Blocked":
    case "Unneeded":
      return status
  }
}

/** Under the key of the record, whatever was accepted for it: that is what the node last was. */
const freshOf = (
  { frozen, record }: Extract<Status, { readonly _tag: "Fresh" }>,
): Extract<Outcome, { readonly _tag: "Fresh" }> => ({
  _tag: "Fresh",
  by: frozen === true ? "freeze" : "store",
  key: record.key,
  record,
})

const notSettled = (node: Node): never => {
  throw new Error(`${node.name} was evaluated before its sources were settled`)
}
