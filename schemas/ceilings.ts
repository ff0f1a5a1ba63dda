import { Schema } from "effect"
import { Counts } from "./scores.ts"
import { WarningKind } from "./warnings.ts"

/** A part of a relation may be lost, where a measure counts parts. */
const Lost = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** The score of a generator that makes no mistake, on one corpus, with one model's tokenizer, under one protocol. */
export const Ceiling = Schema.Struct({
  corpus: Schema.String,
  /** The model whose tokenizer, lengths and decoding these are. */
  model: Schema.String,
  /** "paper", "authors", "official", or "paper" with one departure: "paper + prompt-kept". */
  protocol: Schema.String,
  measure: Schema.String,
  ...Counts.fields,
  precision: Schema.Finite,
  recall: Schema.Finite,
  f1: Schema.Finite,
  /** Gold relations lost on the way, each counted at the step that loses it for good; with what is found they make `gold`. */
  lostToTemplate: Lost,
  lostToTokenizer: Lost,
  /** The target is longer than the limit. */
  lostToTargetLength: Lost,
  /** An argument is named only in the part of the source that is cut off. */
  lostToSourceLength: Lost,
  /** The model's decoding forbids the text. */
  lostToDecoding: Lost,
  /** The prompt in front of the text, or the words that run on after it, spoil what is extracted. */
  lostToSurroundings: Lost,
  /** What was suspicious about the test documents. */
  flags: Schema.Array(WarningKind),
}).annotate({ identifier: "ceilings" })
export type Ceiling = typeof Ceiling.Type
