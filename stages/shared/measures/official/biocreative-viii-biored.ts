import type { Measurer } from "../measured.ts"
import { type Annotation, countDistinct, type Evaluator, type Trace, unknownLabel } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { conceptTracer } from "./trace.ts"

/**
 * Counts pairs of concepts in either order, each distinct one of a document once, under a part of their labels. What was
 * said in a predicate that is no label could not be handed in: it is wrong, whichever part is compared.
 */
export const countPairs = (partOf: (label: string) => string): Evaluator => (gold, predicted) => {
  const [right = [], said = []] = [gold, predicted].map((annotations) =>
    annotations.map(({ label, arguments: ids }): Annotation => ({
      label: label === unknownLabel ? label : partOf(label),
      arguments: ids.toSorted(),
    }))
  )
  return countDistinct(right, said, ({ label, arguments: ids }) => JSON.stringify([label, ...ids]))
}

/** What strings stand for by the names that the document itself gives to its entities, of whatever type. */
export const trace: Trace = conceptTracer(() => true, () => true)

/**
 * BioRED as its publishers evaluate it (Luo et al., Briefings in Bioinformatics 2022, bbac282) and BioCreative VIII after
 * them: pairs of concepts, then with their type, then with type and novelty, which a label has as "Association/Novel".
 */
export const measurer: Measurer = official({
  trace,
  evaluations: ([
    ["pair", () => "pair"],
    ["pair + type", (label) => label.split("/")[0] ?? label],
    ["pair + type + novelty", (label) => label],
  ] satisfies ReadonlyArray<[string, (label: string) => string]>).map(([measure, partOf]) => ({
    measure,
    evaluator: countPairs(partOf),
    labels: [],
    macro: "mean of F1" as const,
  })),
})
