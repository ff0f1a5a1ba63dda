import type { Matching } from "../params/protocol.ts"
import { addSaid, type LabelCounter } from "./counts.ts"
import type { Judged, Measured, Measurer, Prediction } from "./measured.ts"
import { mistakesOf } from "./mistakes.ts"
import { namesIn } from "./names.ts"
import { isUnknown, pairUp } from "./pairing.ts"

/** Counts strictly, document by document, and says what is wrong in each; `names` are those of the corpus. */
export const measureStrict = (
  predictions: ReadonlyArray<Prediction>,
  matching: Matching,
  names = namesIn(predictions.map(({ document }) => document)),
): Measured => {
  const labels = new Set<string>()
  const documents = predictions.map((each): Judged => {
    const { document, answers, extraction } = each
    for (const { label } of answers) labels.add(label)
    const pairing = pairUp({ answers, relations: extraction.relations }, matching)
    const byLabel: Array<LabelCounter> = []
    addSaid(byLabel, each, pairing, matching.variants)
    // A label that is nowhere right counts in the average too, as 0: else saying it would cost nothing there.
    for (const { label } of pairing.wrong) if (!isUnknown(label)) labels.add(label)
    return { document: document.id, byLabel, mistakes: mistakesOf(each, pairing, matching.arguments, names) }
  })
  return { measure: "strict", documents, labels: [...labels].toSorted(), macro: "mean of F1" }
}

export { detailer } from "./details.ts"

/** Measures runs strictly. */
export const measurer = (matching: Matching): Measurer => (documents) => {
  const names = namesIn(documents)
  return (predictions) => [measureStrict(predictions, matching, names)]
}
