import type { MetricsByArtifact } from "redag"

/** By which figures runs are compared in other programs. */
export const scoreMetrics: MetricsByArtifact = {
  scores: { named: ["protocol", "measure", "label"], of: ["precision", "recall", "f1"] },
}
