import { Schema } from "effect"

/** The architectures that models may have. */
export const ArchitectureParam = Schema.Literals(["t5", "bart", "gpt2", "gpt-neo", "biogpt"])

/**
 * The kinds of tokenizers: a Unigram model, as T5's; BPE, as GPT-2's, GPT-Neo's and BART's, which is of bytes; BPE of
 * Moses' words, as BioGPT's.
 */
export const TokenizerParam = Schema.Literals(["unigram", "bpe", "moses-bpe"])

/** What a model is, as far as code depends on it: a checkpoint of another kind is refused. */
export const ModelParams = { architecture: ArchitectureParam, tokenizer: TokenizerParam }

/** The architecture and the tokenizer of a model. */
export interface ModelKind {
  readonly architecture: typeof ArchitectureParam.Type
  readonly tokenizer: typeof TokenizerParam.Type
}

/** The options of choices that a model of a kind takes. */
export const modelOptions = ({ architecture, tokenizer }: ModelKind) => ({
  architecture: [architecture],
  tokenizer: [tokenizer],
})
