import type { Measurer } from "../measured.ts"
import type { Official } from "./annotations.ts"

/**
 * Measures runs as those who published a corpus evaluate it.
 *
 * What is right are the annotations of the documents, whatever protocol the run was rendered by; predicted strings are
 * first traced to the annotations that they stand for. Predictions that were handed in by ids are taken as they are.
 */
export const official = ({ trace, evaluations }: Official): Measurer => () => (predictions) => {
  const traced = predictions.map(({ document, extraction, annotations }) => ({
    document,
    said: annotations ?? trace(document, extraction.relations),
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
