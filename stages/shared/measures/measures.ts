import { Effect, Schema } from "effect"
import { choice } from "redag"
import { Matching } from "../params/protocol.ts"
import type { Detailer } from "./details.ts"
import type { Measurer } from "./measured.ts"

/** The code of each evaluation that the publishers of a corpus defined; any corpus that is annotated alike may use it. */
export const evaluations = choice("evaluation", {
  /** Pairs of MeSH concepts (BioCreative V, chemical-induced diseases). */
  "biocreative-v-cdr": () => import("./official/biocreative-v-cdr.ts"),
  /** Pairs of a chemical and a gene mention with their group (BioCreative VI, ChemProt). */
  "biocreative-vi-chemprot": () => import("./official/biocreative-vi-chemprot.ts"),
  /** Pairs of drug mentions without and with their type (SemEval-2013, task 9.2). */
  "semeval-2013-ddi": () => import("./official/semeval-2013-ddi.ts"),
  /** Sets of drugs, exactly or by what they share (Tiktinsky et al., NAACL 2022). */
  "drug-combinations": () => import("./official/drug-combinations.ts"),
  /** Pairs of concepts, with their type, with type and novelty (BioRED; BioCreative VIII). */
  "biocreative-viii-biored": () => import("./official/biocreative-viii-biored.ts"),
})

/** The code of the paper's own measure. */
export const strict = choice("strict", { strict: () => import("./strict.ts") })

/** An evaluation by its name. It follows from their code, so that a new one is in no other's program. */
export const OfficialEvaluation = Schema.Literals(evaluations.options)
export type OfficialEvaluation = typeof OfficialEvaluation.Type

/** How predictions are compared with what is right. */
export const Measure = Schema.Union([
  /** As the paper says: every string and the label must be right. */
  Schema.Struct({ by: Schema.Literal("strict"), matching: Matching }),
  /** As those who published a corpus evaluate it, once the strings are traced to what they annotated. */
  Schema.Struct({ by: Schema.Literal("official"), evaluation: OfficialEvaluation }),
])
export type Measure = typeof Measure.Type

/** The options that some measures take. */
export const usedBy = (measures: ReadonlyArray<Measure>) => ({
  strict: measures.some(({ by }) => by === "strict") ? ["strict"] : [],
  evaluation: measures.flatMap((measure) => (measure.by === "official" ? [measure.evaluation] : [])),
})

/** Loads the code of a measure. */
export const measurerOf = (measure: Measure): Effect.Effect<Measurer> =>
  measure.by === "strict"
    ? Effect.map(strict.load("strict"), ({ measurer }) => measurer(measure.matching))
    : Effect.map(evaluations.load(measure.evaluation), ({ measurer }) => measurer)

/** Loads the code that works out what the scores of a measure do not show; undefined for an official one. */
export const detailerOf = (measure: Measure): Effect.Effect<Detailer | undefined> =>
  measure.by === "strict"
    ? Effect.map(strict.load("strict"), ({ detailer }) => detailer(measure.matching))
    : Effect.succeed(undefined)
