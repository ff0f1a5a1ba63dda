import { choice } from "redag"

/** The architectures that models may have, each with the graphs that it builds. */
export const architectures = choice("architecture", {
  "t5": () => import("../../../models/architectures/t5.ts"),
  "bart": () => import("../../../models/architectures/bart.ts"),
  "gpt2": () => import("../../../models/architectures/gpt2.ts"),
  "gpt-neo": () => import("../../../models/architectures/gpt-neo.ts"),
  "biogpt": () => import("../../../models/architectures/biogpt.ts"),
})

/** The same for stages that build no graph, and for params: of these modules only the description is taken. */
export const descriptions = choice("architecture", {
  "t5": () => import("../../../models/architectures/t5.ts"),
  "bart": () => import("../../../models/architectures/bart.ts"),
  "gpt2": () => import("../../../models/architectures/gpt2.ts"),
  "gpt-neo": () => import("../../../models/architectures/gpt-neo.ts"),
  "biogpt": () => import("../../../models/architectures/biogpt.ts"),
})

/**
 * The kinds of tokenizers: a Unigram model, as T5's; BPE, as GPT-2's, GPT-Neo's and BART's, which is of bytes; BPE of
 * Moses' words, as BioGPT's.
 */
export const tokenizers = choice("tokenizer", {
  "unigram": () => import("../../../models/tokenizers/kinds/unigram.ts"),
  "bpe": () => import("../../../models/tokenizers/kinds/bpe.ts"),
  "moses-bpe": () => import("../../../models/tokenizers/kinds/moses-bpe.ts"),
})
