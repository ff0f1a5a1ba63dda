import { Effect } from "effect"
import { choice } from "redag"
import type { Measure, Measurer } from "./measure.ts"

/** The code of each measure; a node's program holds that of its own measures only. */
export const measures = choice("measure", {
  "strict": () => import("./strict.ts"),
  "biocreative-v-cdr": () => import("./official/biocreative-v-cdr.ts"),
  "biocreative-vi-chemprot": () => import("./official/biocreative-vi-chemprot.ts"),
  "semeval-2013-ddi": () => import("./official/semeval-2013-ddi.ts"),
  "drug-combinations": () => import("./official/drug-combinations.ts"),
})

/** The option of `measures` that a measure takes. */
export const measureOption = (measure: Measure) => (measure.by === "strict" ? "strict" : measure.evaluation)

/** Loads the code of a measure. */
export const measurerOf = (measure: Measure): Effect.Effect<Measurer> =>
  measure.by === "strict"
    ? Effect.map(measures.load("strict"), ({ measurer }) => measurer(measure.matching))
    : Effect.map(measures.load(measure.evaluation), ({ measurer }) => measurer)
