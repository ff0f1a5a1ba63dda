import { Schema } from "effect"

/** How documents and their relations become text, beyond the words of the template. */
export const Rendering = Schema.Struct({
  /** Which of a concept's mentions names it: the longest, or the one with the greatest code points. */
  concept: Schema.Literals(["longest", "greatest"]),
  /** Clauses in the order in which their arguments first stand in the text, or shuffled. */
  order: Schema.Union([Schema.Literal("text"), Schema.Struct({ seed: Schema.Natural })]),
  /** Whether the strings of relations are put in lower case; the source never is. */
  letters: Schema.Literals(["kept", "lowered"]),
  /** Relations that read alike are one, whatever the order of their arguments or only in one; or each is an answer. */
  repeats: Schema.Literals(["merged in any order", "merged", "kept"]),
  /** Whether relations between mentions of different sentences are left out. */
  reach: Schema.Literals(["document", "sentence"]),
})
export type Rendering = typeof Rendering.Type

/** Whether the prompt that a decoder-only model went on from is part of what relations are read out of. */
export const Prompt = Schema.Literals(["dropped", "kept"])
export type Prompt = typeof Prompt.Type

/** When a prediction is right, and what counts as one. */
export const Matching = Schema.Struct({
  /** The first argument with the first, or as a set, a drug combination being the same in any order. */
  arguments: Schema.Literals(["ordered", "set"]),
  /** Whether a second name of a relation that was found is a wrong prediction, or one more that is right. */
  variants: Schema.Literals(["one", "each"]),
  /** Whether a relation whose predicate is no label's phrase is a wrong prediction, or none. */
  unknown: Schema.Literals(["wrong", "ignored"]),
})
export type Matching = typeof Matching.Type

/** Whether an evaluation counts for itself, or goes on from the counts of those before it. */
export const Counters = Schema.Literals(["reset", "pooled"])
export type Counters = typeof Counters.Type
