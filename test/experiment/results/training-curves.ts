import type { NodeCurves } from "../../../pipeline/report/curves.ts"

/** Curves as of a finetuning: a loss that falls, a learning rate that rises and falls, F1 where all is learned from. */
export const trainingCurves = (
  node: string,
  steps = 300,
  state: NodeCurves["state"] = { _tag: "Done" },
): NodeCurves => {
  const reached = state._tag === "Done" ? steps : state.reached?.done ?? steps
  const along = (y: (step: number) => number) =>
    Array.from({ length: reached }, (_, index) => ({ x: index + 1, y: y(index + 1) }))
  const curve = (output: string, column: string, points: NodeCurves["curves"][number]["points"]) => ({
    output,
    column,
    title: column,
    over: "step",
    points,
  })
  const evaluations = [0.25, 0.5, 0.75, 1].map((part) => Math.round(part * steps)).filter((step) => step <= reached)
  return {
    node,
    stage: "finetune",
    params: {},
    state,
    began: "2026-11-20T08:15:30.000Z",
    ended: "2026-11-20T08:16:35.000Z",
    tables: [],
    curves: [
      curve("training", "loss", along((step) => 4 / Math.sqrt(step) + 0.1 * Math.sin(step * 12.9898))),
      curve("training", "learningRate", along((step) => 5e-5 * Math.min(step / (steps / 10), (steps - step) / steps))),
      curve("training", "gradientNorm", along((step) => 1 + Math.abs(Math.sin(step * 78.233)))),
      ...(node.endsWith("/full")
        ? [
          curve(
            "evaluations",
            "f1",
            evaluations.map((step, index) => ({ x: step, y: 0.4 + index * 0.1 - index ** 2 * 0.02 })),
          ),
        ]
        : []),
    ],
  }
}
