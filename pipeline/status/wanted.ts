import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { sources } from "../graph/node.ts"
import { select } from "../graph/select.ts"
import type { Wanted } from "../store/gc/wanted.ts"
import { type Snapshot, withStatus } from "./snapshot.ts"

/** Which checkpoints a collection keeps: all, or those that the best results were made with and the last run made, or none. */
export type CheckpointPolicy = "all" | "best" | "none"

/**
 * What the nodes of these snapshots want of the store: what they have, and what those need that are to be executed.
 *
 * `bestOf` gives the nodes that made the best results of a graph.
 */
export const wantedBy = Effect.fnUntraced(function*<E, R>(
  snapshots: ReadonlyArray<Snapshot>,
  profiles: ReadonlyArray<string>,
  policy: CheckpointPolicy,
  bestOf: (snapshot: Snapshot) => Effect.Effect<ReadonlyArray<string>, E, R>,
) {
  const keys = new Set<Digest>()
  const code = new Set<Digest>()
  const checkpoints = new Set<Digest>()
  const wires = new Map<string, Set<string>>()
  for (const snapshot of snapshots) {
    for (const node of snapshot.graph.nodes.values()) {
      const known = wires.get(node.name) ?? new Set()
      for (const name of sources(node)) known.add(name)
      wires.set(node.name, known)
    }
    for (const { status, record } of snapshot.nodes.values()) {
      if (record !== undefined) keys.add(record.key)
      if (status._tag === "Fresh") keys.add(status.key)
      if (status._tag === "WillRun" && status.action !== undefined) keys.add(status.action.key)
      if ("preImage" in status) code.add(status.preImage.code)
      if (record !== undefined) code.add(record.preImage.code)
    }
    if (policy === "all") continue
    const keep = new Set(withStatus(snapshot, "WillRun", "MayRun").flatMap(({ node }) => sources(node)))
    if (policy === "best") {
      const best = yield* bestOf(snapshot)
      if (best.length > 0) { for (const name of select(snapshot.graph, best).nodes.keys()) keep.add(name) }
    }
    for (const name of keep) {
      const found = snapshot.nodes.get(name)
      if (found?.record !== undefined) checkpoints.add(found.record.key)
      // It may be made before this is decided.
      if (found?.status._tag === "WillRun" && found.status.action !== undefined) {
        checkpoints.add(found.status.action.key)
      }
    }
  }
  return {
    profiles: new Set(profiles),
    known: new Set(snapshots.map(({ graph }) => graph.profile)),
    keys,
    sources: wires,
    code,
    checkpoints: policy === "all" ? policy : { of: checkpoints, last: policy === "best" },
  } satisfies Omit<Wanted, "quarantine">
})
