import type { Measurer } from "../measured.ts"
import { asWritten, countDistinct, type Evaluator, type Trace } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { conceptTracer } from "./trace.ts"

/**
 * Counts concept pairs as BioCreative V's chemical-induced disease task does (Wei et al., Database 2016, baw032): each
 * distinct pair of MeSH ids of a document once, a chemical's and a disease's, whatever mentions state it.
 */
export const countConceptPairs: Evaluator = (gold, predicted) => countDistinct(gold, predicted, asWritten)

/** What strings stand for by the names that the document itself gives to its chemicals and diseases. */
export const trace: Trace = conceptTracer(({ type }) => type === "Chemical", ({ type }) => type === "Disease")

/** CDR as BioCreative V evaluates it. */
export const measurer: Measurer = official({
  trace,
  evaluations: [{ measure: "concept pairs", evaluator: countConceptPairs, labels: [], macro: "mean of F1" }],
})
