import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { counted } from "../base/text.ts"
import { type Graph, isPartial } from "../graph/node.ts"
import { select } from "../graph/select.ts"
import { closureOf, leavesOf, rootOf } from "../report/proof/leaves.ts"
import type { CheckedSignature } from "../report/proof/signatures.ts"
import { gatheringOf } from "../run/gather.ts"
import { ReadsRecords } from "../status/at-a-glance.ts"
import { HashesFiles } from "../status/file-digests.ts"
import { recordsOf, snapshotOf } from "../status/snapshot.ts"
import { resultsNode } from "./held-results.ts"
import { viewText } from "./view-text.ts"

/**
 * The root of the results that `dag results` prints of a graph; undefined where the store does not have what it would
 * print, as after an edit. Nothing is executed or written: results that gather what there is have to be computed before.
 */
export const rootNow = Effect.fnUntraced(function*(graph: Graph) {
  const { node } = yield* resultsNode(graph)
  const snapshot = yield* snapshotOf(select(graph, [node.name])).pipe(
    Effect.provideService(ReadsRecords, true),
    Effect.provideService(HashesFiles, true),
  )
  const nodes = isPartial(node) ? (yield* gatheringOf(snapshot, node))?.planned.nodes : snapshot.nodes
  const status = nodes?.get(node.name)?.status
  if (status?._tag !== "Fresh") return undefined
  const records = new Map([...recordsOf(snapshot), [node.name, status.record] as const])
  return rootOf(leavesOf(closureOf(graph, records, [node.name])))
})

/** Whether a key signed the results as they are now, and a sentence that says so or why not. */
export interface SignedNow {
  readonly key: Digest
  readonly root: Digest | undefined
  readonly holds: boolean
  readonly text: string
}

/** How the signatures of a store stand to what the results of a graph are now, by a key. */
export const signedNow = Effect.fnUntraced(
  function*(graph: Graph, signatures: ReadonlyArray<CheckedSignature>, key: Digest) {
    const own = signatures.filter((each) => each.key === key && each.checked._tag === "Holds")
    const root = yield* rootNow(graph)
    const holds = root !== undefined && own.some((each) => each.root === root)
    const [by, view] = [`key ${key.slice(0, 16)}`, viewText(graph)]
    const text = holds
      ? `the results of ${view} as they are now are signed by ${by}: root ${root}`
      : root === undefined
      ? `none by ${by} can be compared: the results of ${view} are not in the store as they would be now. Run dag run ${view}, then dag results ${view}, and check again`
      : own.length === 0
      ? `none by ${by}, and the results of ${view} have the root ${root}`
      : `none by ${by} is of the results of ${view} as they are now, which have the root ${root}: ${
        counted(own.length, "signature")
      } by it ${own.length === 1 ? "is" : "are"} of other results`
    return { key, root, holds, text } satisfies SignedNow
  },
)
