import { Schema } from "effect"
import type { OfficialExport } from "redag"
import { Cell } from "../../schemas/scores.ts"
import { OfficialEvaluation } from "../../stages/shared/measures/measures.ts"

/** The params of a node that scores as the publishers of a corpus do. */
const OfficialParams = Schema.Struct({
  cell: Cell,
  measure: Schema.Struct({ by: Schema.Literal("official"), evaluation: OfficialEvaluation }),
})
const isOfficial = Schema.is(OfficialParams)

/** How the predictions of runs are handed in to the official programs of their corpora. */
export const officialExport: OfficialExport = {
  stage: "score",
  roles: ["documents", "relations"],
  takes: isOfficial,
  selector: (run) => `score/official/${run}`,
  // The forms and the reader of XML are loaded where they are asked for.
  files: async (source) => {
    const { predictionsOf } = await import("./predictions.ts")
    const { cell, measure } = Schema.decodeUnknownSync(OfficialParams)(source.params)
    return predictionsOf(cell, measure.evaluation, source)
  },
}
