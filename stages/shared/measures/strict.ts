import type { Matching } from "../params/protocol.ts"
import { addCounts, type LabelCounter } from "./counts.ts"
import type { Judged, Measured, Measurer, Prediction } from "./measured.ts"
import { mistakesOf } from "./mistakes.ts"
import { namesIn } from "./names.ts"
import { isUnknown, pairer } from "./pairing.ts"

export { detailer } from "./details.ts"

/** Counts strictly, document by document, and says what is wrong in each; `names` are those of the corpus. */
export const measureStrict = (
  predictions: ReadonlyArray<Prediction>,
  matching: Matching,
  names = namesIn(predictions.map(({ document }) => document)),
): Measured => {
  const labels = new Set<string>()
  const pair = pairer(names.words, matching)
  const documents = predictions.map(({ document, answers, extraction }): Judged => {
    const known = names.known(document, answers)
    const pairing = pair(known, extraction.relations)
    const byLabel: Array<LabelCounter> = []
    addCounts(byLabel, names.words, known, pairing, matching.variants)
    for (const { label } of byLabel) if (!isUnknown(label)) labels.add(label)
    return {
      document: document.id,
      byLabel,
      mistakes: mistakesOf(extraction, known, pairing, matching.arguments, names),
    }
  })
  // A label that is only said counts in the average too, as 0: else a wrong one would cost nothing there.
  return { measure: "strict", documents, labels: [...labels].toSorted(), macro: "mean of F1" }
}

/** Measures runs strictly. */
export const measurer = (matching: Matching): Measurer => (documents) => {
  const names = namesIn(documents)
  return (predictions) => [measureStrict(predictions, matching, names)]
}
