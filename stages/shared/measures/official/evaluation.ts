import type { Measurer } from "../measured.ts"
import type { Official } from "./annotations.ts"

/**
 * Measures runs as those who published a corpus evaluate it.
 *
 * What is right are the annotations of the documents, whatever protocol the run was rendered by; predicted strings are
 * first traced to the annotations that they stand for.
 */
export const official = ({ trace, evaluations }: Official): Measurer => () => (predictions) => {
  const traced = predictions.map(({ document, extraction }) => ({
    document,
    said: trace(document, extraction.relations),
  }))
  return evaluations.map(({ measure, evaluator, labels, macro }) => ({
    measure,
    labels,
    macro,
    documents: traced.map(({ document, said }) => ({
      document: document.id,
      byLabel: Array.from(evaluator(document.relations, said), ([label, counts]) => ({ label, ...counts })),
      mistakes: [],
    })),
  }))
}
