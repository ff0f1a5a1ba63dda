import type { Measure } from "../stages/shared/measures/measure.ts"

/** The name of an evaluation that the publishers of a corpus defined. */
export type Evaluation = Extract<Measure, { readonly by: "official" }>["corpus"]

/** What each evaluation counts, once predicted strings are traced to the annotations that they stand for. */
export const evaluations: Readonly<Record<Evaluation, string>> = {
  cdr: "pairs of MeSH concepts",
  dce: "sets of drugs, exactly or by what they share, all of them or only positive ones",
  chemprot: "pairs of mentions with their group",
  ddi: "pairs of mentions with and without their type",
}
