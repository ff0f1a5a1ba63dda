import type { Document } from "../../../schemas/documents.ts"
import type { Answer } from "../../../schemas/examples.ts"
import type { NumberedRelation } from "../../../schemas/handed-in.ts"
import type { Mistake } from "../../../schemas/outcomes.ts"
import type { Extraction } from "../../../schemas/relations.ts"
import type { Counts } from "../../../schemas/scores.ts"

/** One document of a run: what is annotated, what counts as right, and what was read out of the model's text. */
export interface Prediction {
  readonly document: Document
  readonly answers: ReadonlyArray<Answer>
  readonly extraction: Extraction
  /** What was predicted by the corpus's own ids, where it was handed in so. */
  readonly annotations?: ReadonlyArray<NumberedRelation> | undefined
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
