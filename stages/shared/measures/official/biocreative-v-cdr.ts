import type { Mention } from "../../../../schemas/documents.ts"
import type { Measurer } from "../measured.ts"
import { asWritten, countDistinct, type Evaluator, type Trace } from "./annotations.ts"
import { official } from "./evaluation.ts"
import { namer, nothing, tracedLabel } from "./trace.ts"

/**
 * Counts concept pairs as BioCreative V's chemical-induced disease task does (Wei et al., Database 2016, baw032): each
 * distinct pair of MeSH ids of a document once, a chemical's and a disease's, whatever mentions state it.
 */
export const countConceptPairs: Evaluator = (gold, predicted) => countDistinct(gold, predicted, asWritten)

/** The distinct concepts that mentions stand for; "-1" is none, "D001|D002" is two. */
const conceptsOf = (mentions: ReadonlyArray<Mention>): ReadonlyArray<string> => [
  ...new Set(mentions.flatMap(({ concepts }) => concepts)),
]

/**
 * What strings stand for by the names that the document itself gives to its chemicals and diseases.
 *
 * A name of two concepts claims both, as an evaluator of ids would see it. A string that is no mention, or a mention
 * that MeSH has no id for, is one wrong prediction, for it could not be handed in as an id.
 */
export const trace: Trace = (document, relations) => {
  const chemicals = namer(document.mentions.filter(({ type }) => type === "Chemical"))
  const diseases = namer(document.mentions.filter(({ type }) => type === "Disease"))
  return relations.flatMap((relation) => {
    const [head = "", tail = "", ...more] = relation.arguments
    const label = tracedLabel(relation.label)
    const pairs = conceptsOf(chemicals(head)).flatMap((chemical) =>
      conceptsOf(diseases(tail)).map((disease) => [chemical, disease])
    )
    return pairs.length === 0 || more.length > 0
      ? [{ label, arguments: relation.arguments.map(nothing) }]
      : pairs.map((pair) => ({ label, arguments: pair }))
  })
}

/** CDR as BioCreative V evaluates it. */
export const measurer: Measurer = official({
  trace,
  evaluations: [{ measure: "concept pairs", evaluator: countConceptPairs, labels: [], macro: "mean of F1" }],
})
