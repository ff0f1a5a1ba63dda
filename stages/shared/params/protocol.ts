import { Schema } from "effect"

/** How documents and their relations become text, beyond the words of the template. */
export const Rendering = Schema.Struct({
  /** Which of a concept's mentions names it: the longest, or the one with the greatest code points. */
  concept: Schema.Literals(["longest", "greatest"]),
  /** Whether a composite mention names its concepts as a whole alone, or by its parts as well. */
  composites: Schema.Literals(["whole", "whole and parts"]),
  /** Clauses in the order in which their arguments first stand in the text, in that of the corpus file, or shuffled. */
  order: Schema.Union([Schema.Literals(["text", "file"]), Schema.Struct({ seed: Schema.Natural })]),
  /** Whether a clause is written once, or for each annotated relation that reads so. */
  clauses: Schema.Literals(["once", "each"]),
  /** Whether the strings of relations are put in lower case; the source never is. */
  letters: Schema.Literals(["kept", "lowered"]),
  /** Relations that read alike are one, whatever the order of their arguments or only in one; or each is an answer. */
  repeats: Schema.Literals(["merged in any order", "merged", "kept"]),
  /** Whether relations between mentions of different sentences are left out. */
  reach: Schema.Literals(["document", "sentence"]),
})
export type Rendering = typeof Rendering.Type

/** How relations are found in generated text. */
export const Reading = Schema.Struct({
  /** All words of a clause, in a piece; or those after its first word, and of a list's clause one word after the list. */
  search: Schema.Literals(["all words", "core words"]),
  /** Whether blanks around the text, its pieces, names and predicates are dropped, and empty names of a list. */
  blanks: Schema.Literals(["dropped", "kept"]),
})
export type Reading = typeof Reading.Type

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
