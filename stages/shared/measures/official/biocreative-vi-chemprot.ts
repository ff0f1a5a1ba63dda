import type { Document } from "../../../../schemas/documents.ts"
import type { Measurer } from "../measured.ts"
import { asWritten, countDistinct, type Evaluator, type Trace } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { namer, type Pair, pairTracer } from "./trace.ts"

/** Groups that are annotated and not evaluated: what is said of them is neither right nor wrong. */
const unevaluated = new Set(["CPR:0", "CPR:1", "CPR:2", "CPR:7", "CPR:8", "CPR:10"])

/**
 * Counts mention pairs as BioCreative VI's ChemProt track does (Krallinger et al., 2017): each distinct group, chemical
 * mention and gene mention of a document once, in the five evaluated groups.
 */
export const countMentionPairs: Evaluator = (gold, predicted) => {
  const [right, said] = [gold, predicted].map((annotations) =>
    annotations.filter(({ label }) => !unevaluated.has(label))
  )
  return countDistinct(right ?? [], said ?? [], asWritten)
}

/** A chemical's mentions with a gene's: the corpus has no relation the other way round. */
const candidates = ({ mentions }: Document): (head: string, tail: string) => ReadonlyArray<Pair> => {
  const chemicals = namer(mentions.filter(({ type }) => type === "CHEMICAL"))
  const genes = namer(mentions.filter(({ type }) => type !== "CHEMICAL"))
  return (head, tail) => chemicals(head).flatMap((chemical) => genes(tail).map((gene) => [chemical, gene] as const))
}

/** What strings stand for: two mentions with these names. */
export const trace: Trace = pairTracer(candidates)

/** ChemProt as BioCreative VI evaluates it. */
export const measurer: Measurer = official({
  trace,
  evaluations: [{ measure: "mention pairs", evaluator: countMentionPairs, labels: [], macro: "mean of F1" }],
})
