import type { NodeState } from "../../pipeline/cli/ui/messages.ts"

/** A state is a shape and a colour: the colour alone says nothing to those who do not see it. */
export const shapes: Readonly<Record<NodeState, string>> = {
  "fresh": "●",
  "will-run": "▲",
  "may-run": "△",
  "missing": "■",
  "blocked": "□",
  "unneeded": "○",
  "running": "◆",
  "failed": "✕",
}

/** The states in the order of the legend: what wants attention first. */
export const stateOrder: ReadonlyArray<NodeState> = [
  "failed",
  "running",
  "will-run",
  "may-run",
  "missing",
  "blocked",
  "unneeded",
  "fresh",
]

/** How often each state is among nodes, in the order of the legend; what there is none of is left out. */
export const stateCounts = (
  states: ReadonlyArray<NodeState>,
): ReadonlyArray<{ readonly state: NodeState; readonly count: number }> => {
  const counts = new Map<NodeState, number>()
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
  return stateOrder.flatMap((state) => {
    const count = counts.get(state)
    return count === undefined ? [] : [{ state, count }]
  })
}
