import { Effect } from "effect"
import { type Graph, type Node, sources } from "../graph/node.ts"
import { unknownWork } from "../graph/stage.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { makeReader } from "./reader.ts"
import { type Snapshot, withStatus } from "./snapshot.ts"

/** A node and the action that it last was. */
export interface Measured {
  readonly node: Node
  readonly record: ActionRecord | undefined
}

/** Of how many nodes of a stage, beside those of a snapshot, records are read: enough for a speed, in little time. */
const MOST = 64

/**
 * What nodes of a whole profile last were that are not in the snapshot of a part of it, but of stages that are to run:
 * the speed of a training is known from all trainings, whichever are asked for.
 */
export const measuredBeside = Effect.fnUntraced(function*(whole: Graph, snapshot: Snapshot) {
  const stages = new Set(withStatus(snapshot, "WillRun", "MayRun").map(({ node }) => node.stage))
  if (stages.size === 0 || whole.nodes.size === snapshot.nodes.size) return []
  const heads = yield* (yield* Store).heads(whole.profile)
  const reader = yield* makeReader
  const byStage = Map.groupBy(
    [...whole.nodes.values()].filter(({ name, stage }) =>
      stages.has(stage) && heads.has(name) && !snapshot.nodes.has(name)
    ),
    ({ stage }) => stage,
  )
  const wanted = new Set<string>()
  for (const [stage, nodes] of byStage) {
    const step = Math.ceil(nodes.length / MOST)
    for (const node of nodes.filter((_, index) => index % step === 0)) {
      wanted.add(node.name)
      // How much work an action was follows from what it took.
      if (stage.work !== unknownWork) { for (const source of sources(node)) wanted.add(source) }
    }
  }
  const measured: Array<Measured> = []
  for (const name of wanted) {
    const [node, head] = [whole.nodes.get(name), heads.get(name)]
    if (node === undefined || head === undefined || snapshot.nodes.has(name)) continue
    measured.push({ node, record: yield* reader.record(head) })
  }
  return measured
})
