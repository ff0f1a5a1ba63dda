import type { finetune } from "../stages/finetune/stage.ts"

/** How a model is finetuned, whatever the corpus. */
export type Training = Omit<
  (typeof finetune.params)["Encoded"],
  "start" | "duration" | "seed" | "validation" | "endOfSequence"
>

/** What the paper finetunes with, whatever the model: protocol of section 4 and its published code. */
export const paperTraining: Training = {
  batchSize: 1,
  accumulation: 32,
  learningRate: 5e-5,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: "model",
  engine: "auto",
  maxSourceTokens: 512,
  maxTargetTokens: 512,
  threads: 2,
}

/** What the bundled models are finetuned with: sizes and rates that suit 0.3 million parameters. */
export const demoTraining: Training = {
  batchSize: 8,
  accumulation: 1,
  learningRate: 2e-3,
  warmupRatio: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  dropout: "model",
  engine: "onnxruntime",
  maxSourceTokens: 256,
  maxTargetTokens: 128,
  threads: 1,
}
