import { Schema } from "effect"
import type { Document } from "../../../schemas/documents.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { Mistake } from "../../../schemas/outcomes.ts"
import type { Extraction } from "../../../schemas/relations.ts"
import type { Counts } from "../../../schemas/scores.ts"
import { Matching } from "../params/protocol.ts"

/** An evaluation that the publishers of a corpus defined; any corpus that is annotated alike may use it. */
export const OfficialEvaluation = Schema.Literals([
  /** Pairs of MeSH concepts (BioCreative V, chemical-induced diseases). */
  "biocreative-v-cdr",
  /** Pairs of a chemical and a gene mention with their group (BioCreative VI, ChemProt). */
  "biocreative-vi-chemprot",
  /** Pairs of drug mentions without and with their type (SemEval-2013, task 9.2). */
  "semeval-2013-ddi",
  /** Sets of drugs, exactly or by what they share (Tiktinsky et al., NAACL 2022). */
  "drug-combinations",
])
export type OfficialEvaluation = typeof OfficialEvaluation.Type

/** How predictions are compared with what is right. */
export const Measure = Schema.Union([
  /** As the paper says: every string and the label must be right. */
  Schema.Struct({ by: Schema.Literal("strict"), matching: Matching }),
  /** As those who published a corpus evaluate it, once the strings are traced to what they annotated. */
  Schema.Struct({ by: Schema.Literal("official"), evaluation: OfficialEvaluation }),
])
export type Measure = typeof Measure.Type

/** One document of a run: what is annotated, what counts as right, and what was read out of the model's text. */
export interface Prediction {
  readonly document: Document
  readonly answers: ReadonlyArray<Answer>
  readonly extraction: Extraction
}

/** The counts of one label; predicates that are no label are counted together as "?". */
export interface LabelCounts extends Counts {
  readonly label: string
}

/** The counts of a document, each label once, and what was wrong. */
export interface Judged {
  readonly document: string
  readonly byLabel: ReadonlyArray<LabelCounts>
  readonly mistakes: ReadonlyArray<Mistake>
}

/** What one way to measure found: some official evaluations are several at once. */
export interface Measured {
  /** "strict", "concept pairs", "mention pairs", "detection", "classification", "exact, any" and the like. */
  readonly measure: string
  /** In the order of the predictions. */
  readonly documents: ReadonlyArray<Judged>
  /** Labels whose scores make the macro average; empty where none is defined. */
  readonly labels: ReadonlyArray<string>
  /** Whether the macro-averaged F1 is the mean of the labels' or that of their mean precision and recall. */
  readonly macro: "mean of F1" | "F1 of means"
}

/** Makes, from the documents of a run, the function that measures it: what is known of the documents is gathered once. */
export type Measurer = (
  documents: ReadonlyArray<Document>,
) => (predictions: ReadonlyArray<Prediction>) => ReadonlyArray<Measured>
