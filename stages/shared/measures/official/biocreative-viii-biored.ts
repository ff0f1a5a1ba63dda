import type { Measurer } from "../measured.ts"
import { type Annotation, asWritten, countDistinct, type Evaluator, type Trace, unknownLabel } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { conceptTracer } from "./trace.ts"

/**
 * Counts pairs of concepts in either order, each distinct one of a document once, under so many parts of their labels, or
 * as a pair where that is none. What was said in a predicate that is no label could not be handed in: it is wrong, whichever
 * parts are compared.
 */
export const countPairs = (parts: number): Evaluator => (gold, predicted) => {
  const pairs = (annotations: ReadonlyArray<Annotation>): ReadonlyArray<Annotation> =>
    annotations.map(({ label, arguments: ids }) => ({
      label: label === unknownLabel ? label : label.split("/").slice(0, parts).join("/") || "pair",
      arguments: ids.toSorted(),
    }))
  return countDistinct(pairs(gold), pairs(predicted), asWritten)
}

/** What strings stand for by the names that the document itself gives to its entities, of whatever type. */
export const trace: Trace = conceptTracer(() => true, () => true)

/**
 * BioRED as its publishers evaluate it (Luo et al., Briefings in Bioinformatics 2022, bbac282) and BioCreative VIII after
 * them: pairs of concepts, then with their type, then with type and novelty, which a label has as "Association/Novel".
 */
export const measurer: Measurer = official({
  trace,
  evaluations: ["pair", "pair + type", "pair + type + novelty"].map((measure, parts) => ({
    measure,
    evaluator: countPairs(parts),
    labels: [],
    macro: "mean of F1",
  })),
})
