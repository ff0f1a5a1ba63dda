import type { SeriesByArtifact } from "redag"

/** What is drawn of a training, on a terminal and for TensorBoard. */
export const trainingSeries: SeriesByArtifact = {
  training: { over: "step", of: { loss: "loss", learningRate: "learning rate", gradientNorm: "gradient norm" } },
  evaluations: { over: "step", of: { f1: "validation F1" } },
}
