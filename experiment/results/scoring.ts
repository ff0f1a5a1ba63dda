import type { Scoring } from "redag"
import { corpora } from "../corpora.ts"
import { askedPredictions, askedTable } from "../predictions.ts"
import { askedFacts, renderAsked } from "./asked.ts"
import type { ResultTables } from "./tables.ts"

/** How `dag score` scores files of predictions, but for the profiles. */
export const scoring = {
  flags: {
    corpus: `The corpus that the predictions are for: ${corpora.map(({ id }) => id).join(", ")}`,
    name: "What the predictions are called; as their file if left out",
    setting: "How many examples their maker learned from: 16, 64 or full, which is meant if left out",
  },
  scores: ["predictions/asked", "score/asked", "score/official/asked"],
  results: `aggregate/${askedTable}`,
  text: ({ files, flags }, tables: ResultTables, provenance, width) =>
    renderAsked(askedPredictions(files, flags), tables, provenance, width),
  facts: ({ files, flags }, tables: ResultTables, provenance) =>
    askedFacts(askedPredictions(files, flags), tables, provenance),
} satisfies Omit<Scoring, "profiles">
