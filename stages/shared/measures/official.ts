import type { Case, Measure, Measured } from "./measure.ts"
import type { Official } from "./official/annotations.ts"
import { cdr } from "./official/cdr.ts"
import { chemprot } from "./official/chemprot.ts"
import { dce } from "./official/dce.ts"
import { ddi } from "./official/ddi.ts"

/** A corpus that has an evaluation of its own. */
export type OfficialCorpus = Extract<Measure, { readonly by: "official" }>["corpus"]

const evaluations: Readonly<Record<OfficialCorpus, Official>> = { cdr, chemprot, ddi, dce }

/**
 * Measures a run as those who published the corpus evaluate it.
 *
 * What is right are the annotations of the documents, whatever protocol the run was rendered by; predicted strings are
 * first traced to the annotations that they stand for.
 */
export const measureOfficial = (corpus: OfficialCorpus, cases: ReadonlyArray<Case>): ReadonlyArray<Measured> => {
  const { trace, evaluations: parts } = evaluations[corpus]
  const traced = cases.map(({ document, extraction }) => ({ document, said: trace(document, extraction.relations) }))
  return parts.map(({ measure, evaluator, labels, macro }) => ({
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
