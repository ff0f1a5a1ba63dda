import type { OfficialEvaluation } from "../stages/shared/measures/measures.ts"

/** What each evaluation counts, once predicted strings are traced to the annotations that they stand for. */
export const evaluations: Readonly<Record<OfficialEvaluation, string>> = {
  "biocreative-v-cdr": "pairs of MeSH concepts",
  "drug-combinations": "sets of drugs, exactly or by what they share, all of them or only positive ones",
  "biocreative-vi-chemprot": "pairs of mentions with their group",
  "semeval-2013-ddi": "pairs of mentions with and without their type",
  "biocreative-viii-biored": "pairs of concepts, then with their type, then with type and novelty",
}
