import type { finetune } from "../stages/finetune/stage.ts"

/** How a model is finetuned, whatever the corpus. */
export type Training = Omit<
  (typeof finetune.params)["Encoded"],
  "architecture" | "tokenizer" | "start" | "duration" | "seed" | "validation" | "endOfSequence" | "sharedTokens"
>

/** How the models of a profile are finetuned and generate. */
export interface Options {
  /** The seeds of the few-shot selections. */
  readonly seeds: ReadonlyArray<number>
  readonly training: Training
  /** The first epoch that is evaluated on validation, where everything is learned from; few-shot training has none. */
  readonly fromEpoch: number
  /** Tokens that a model may write for a document. */
  readonly maxNewTokens: number
  /** Tokens of prompt and output together of a model without an encoder, where the two share one limit. */
  readonly sharedTokens: number
  /** Sources generated for side by side. */
  readonly generationBatch: number
}
