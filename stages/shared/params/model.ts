import { Schema } from "effect"
import { descriptions, tokenizers } from "../models/kinds.ts"

/** The architectures that models may have. They follow from their code, so that a new one is in no other's program. */
export const ArchitectureParam = Schema.Literals(descriptions.options)

/** The kinds of tokenizers that models may have; as for architectures. */
export const TokenizerParam = Schema.Literals(tokenizers.options)

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
