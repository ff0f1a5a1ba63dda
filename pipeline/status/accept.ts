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

/**
 * What it takes for nodes to stand for what they last were.
 *
 * The nodes are looked at in the order of the graph, each as if those before it were accepted: a chain whose code changed
 * can be accepted as one. Fails where one of them cannot be accepted.
 */
export const acceptable = Effect.fnUntraced(function*(graph: Graph, names: ReadonlySet<string>) {
  const store = yield* Store
  const found: Array<Acceptable> = []
  const consider = Effect.fnUntraced(function*(each: NodeSnapshot): Effect.fn.Return<Status, InputError> {
    const { node: { name }, status, record } = each
    if (status._tag === "Fresh" || !names.has(name)) return status
    const why = problemOf(each)
    if (why !== undefined) return yield* refused(name, why)
    if (status._tag !== "WillRun" || status.action === undefined || record === undefined) {
      throw new Error(`${name} can be accepted and has nothing to accept`)
    }
    const { key, preImage } = status.action
    const hit = yield* store.hit(record.key).pipe(Effect.orElseSucceed(() => ({ _tag: "NoRecord" }) as const))
    if (hit._tag !== "Hit") return yield* refused(name, "what it last made is gone or damaged")
    found.push({ node: name, reasons: status.reasons, key, preImage, as: record.key })
    return { _tag: "Fresh", key, record }
  })
  yield* snapshotOf(graph, { forced: new Set(), frozen: new Set() }, consider)
  return found
})

/** Why what a node now is cannot be taken for what it last was; undefined where it can. */
const problemOf = ({ status, record }: NodeSnapshot): string | undefined => {
  switch (status._tag) {
    case "Missing":
      return "files that it reads are missing"
    case "Blocked":
      return `it depends on ${some(status.by)}, which cannot run`
    case "MayRun":
      return `it depends on ${some(status.after)}, which ${status.after.length === 1 ? "is" : "are"} not up to date`
    case "Fresh":
      return undefined
    case "WillRun":
      break
  }
  if (record === undefined) return "it has not run"
  if (status.action === undefined) return `it depends on ${some(status.after)}, which ${status.after.length === 1 ? "is" : "are"} not up to date`
  for (const { _tag } of status.reasons) {
    if (_tag === "RecordDamaged" || _tag === "ObjectMissing") return "what it made is gone or damaged"
    if (_tag === "SchemaChanged" || _tag === "StageChanged") return "it makes other columns than it last did"
  }
  return undefined
}

const refused = (node: string, why: string): InputError =>
  new InputError({
    field: node,
    message: `cannot be accepted: ${why}`,
    help: "accept or run first what it depends on, or run it; nothing was accepted",
  })
