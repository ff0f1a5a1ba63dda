import { Schema } from "effect"

/** What the two models of a pair differ in. */
export const Question = Schema.Literals(["domain", "instructions"])
export type Question = typeof Question.Type

/** How two models of a pair compare on one corpus and setting, by the measure "strict". F1 is 0 to 100. */
export const Comparison = Schema.Struct({
  question: Question,
  /** Of the paper: 2 and 3 ask of the domain, 4 and 5 of instructions; 2 and 4 on everything, 3 and 5 on few examples. */
  figure: Schema.Natural,
  corpus: Schema.String,
  setting: Schema.String,
  protocol: Schema.String,
  base: Schema.String,
  other: Schema.String,
  baseF1: Schema.Finite,
  otherF1: Schema.Finite,
  /** F1 of `other` less that of `base`, with its 95% interval by the paired bootstrap over documents. */
  difference: Schema.Finite,
  low: Schema.Finite,
  high: Schema.Finite,
  /** Documents on which `other` has the higher F1, the lower one, and the same. */
  better: Schema.Natural,
  worse: Schema.Natural,
  same: Schema.Natural,
  /** Effect size: (better - worse) / documents, -1 to 1. */
  dominance: Schema.Finite,
  /** Two-sided, by paired approximate randomization over documents; null where the two are not tested. */
  p: Schema.NullOr(Schema.Finite),
  /** p after Holm's correction over the tests of the figure. */
  adjusted: Schema.NullOr(Schema.Finite),
  /** What the numbers support, in a sentence. */
  conclusion: Schema.String,
}).annotate({ identifier: "comparisons" })
export type Comparison = typeof Comparison.Type
