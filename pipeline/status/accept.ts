import { Effect } from "effect"
import { InputError } from "../base/errors.ts"
import { some } from "../base/text.ts"
import type { Graph } from "../graph/node.ts"
import type { Accepted } from "../store/accepted.ts"
import { Store } from "../store/store.ts"
import type { Reason } from "./reasons.ts"
import { type NodeSnapshot, snapshotOf } from "./snapshot.ts"
import type { Status } from "./status.ts"

/** A node that is not up to date, and what accepting its differences would note. */
export interface Acceptable {
  readonly node: string
  readonly reasons: ReadonlyArray<Reason>
  readonly key: Accepted["key"]
  readonly preImage: Accepted["preImage"]
  readonly as: Accepted["as"]
}

/** A node that cannot be accepted, and why: a sentence of which "it" is the node. */
export interface LeftOut {
  readonly node: string
  readonly why: string
}

/**
 * What it takes for nodes to stand for what they last were.
 *
 * The nodes are looked at in the order of the graph, each as if those before it were accepted: a chain whose code changed
 * can be accepted as one. Those that cannot be accepted are left out; fails where one of them is `named` by its whole name,
 * or where nothing is left.
 */
export const acceptable = Effect.fnUntraced(function*(
  graph: Graph,
  names: ReadonlySet<string>,
  named: ReadonlySet<string>,
) {
  const store = yield* Store
  // By name: a snapshot may look at a node twice, of which the last look counts.
  const found = new Map<string, Acceptable>()
  const problems = new Map<string, string>()
  const leave = (node: string, why: string, status: Status): Status => {
    found.delete(node)
    problems.set(node, why)
    return status
  }
  const consider = Effect.fnUntraced(function*(each: NodeSnapshot): Effect.fn.Return<Status> {
    const { node: { name }, status, record } = each
    if (status._tag === "Fresh" || !names.has(name)) return status
    const why = problemOf(each)
    if (why !== undefined) return leave(name, why, status)
    if (status._tag !== "WillRun" || status.action === undefined || record === undefined) {
      throw new Error(`${name} can be accepted and has nothing to accept`)
    }
    const { key, preImage } = status.action
    const hit = yield* store.hit(record.key).pipe(Effect.orElseSucceed(() => ({ _tag: "NoRecord" }) as const))
    if (hit._tag !== "Hit") return leave(name, "what it last made is gone or damaged", status)
    problems.delete(name)
    found.set(name, { node: name, reasons: status.reasons, key, preImage, as: record.key })
    return { _tag: "Fresh", key, record }
  })
  yield* snapshotOf(graph, { forced: new Set(), frozen: new Set() }, consider)
  const leftOut = [...problems].map(([node, why]): LeftOut => ({ node, why }))
  const refused = leftOut.find(({ node }) => named.has(node)) ?? (found.size === 0 ? leftOut[0] : undefined)
  if (refused !== undefined) {
    return yield* new InputError({
      field: refused.node,
      message: `cannot be accepted: ${refused.why}`,
      help: "accept or run first what it depends on, or run it; nothing was accepted",
    })
  }
  return { found: [...found.values()], leftOut }
})

/** Why what a node now is cannot be taken for what it last was; undefined where it can. */
const problemOf = ({ status, record }: NodeSnapshot): string | undefined => {
  switch (status._tag) {
    case "Missing":
      return "files that it reads are missing"
    case "Blocked":
      return `it depends on ${some(status.by)}, which cannot run`
    case "Unneeded":
      return "all that takes input from it lacks files"
    case "MayRun":
      return `it depends on ${some(status.after)}, which ${status.after.length === 1 ? "is" : "are"} not up to date`
    case "Fresh":
      return undefined
    case "WillRun":
      break
  }
  if (record === undefined) return "it has not run"
  if (status.action === undefined) {
    return `it depends on ${some(status.after)}, which ${status.after.length === 1 ? "is" : "are"} not up to date`
  }
  for (const { _tag } of status.reasons) {
    if (_tag === "RecordDamaged" || _tag === "ObjectMissing") return "what it made is gone or damaged"
    if (_tag === "SchemaChanged" || _tag === "StageChanged") return "it makes other columns than it last did"
  }
  return undefined
}
