import type { Digest } from "../base/digest.ts"
import type { Graph } from "../graph/node.ts"
import type { States } from "./transition.ts"

/** How a run ended. */
export interface Summary {
  readonly executed: number
  readonly cached: number
  readonly failed: number
  readonly missing: number
  readonly blocked: number
  /** Nodes that lack files, their own or those of others, and that nothing which was asked for needs. */
  readonly leftOut: number
  /** Nodes that do not run since all that takes input from them lacks files. */
  readonly unneeded: number
  /** Nodes that a failure elsewhere kept from being looked at, or the object that was found damaged. */
  readonly notStarted: number
  /** The object by which the part of a graph ended, since what made it is in none of it. */
  readonly damaged?: Digest
}

/** Counts how the nodes of a graph ended. */
export const summaryOf = (graph: Graph, { outcomes, leftOut }: States): Summary => {
  const summary = {
    executed: 0,
    cached: graph.rest?.size ?? 0,
    failed: 0,
    missing: 0,
    blocked: 0,
    leftOut: 0,
    unneeded: 0,
  }
  for (const [name, outcome] of outcomes) {
    if (leftOut.has(name)) {
      summary[outcome._tag === "Unneeded" ? "unneeded" : "leftOut"]++
      continue
    }
    switch (outcome._tag) {
      case "Fresh":
        summary[outcome.by === "execution" ? "executed" : "cached"]++
        break
      case "Failed":
        summary.failed++
        break
      case "Missing":
        summary.missing++
        break
      case "Blocked":
        summary.blocked++
        break
      case "Unneeded":
        summary.unneeded++
    }
  }
  return { ...summary, notStarted: graph.nodes.size - outcomes.size }
}
