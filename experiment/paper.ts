import type { Options } from "./options.ts"

/** What the paper does, whatever the model: protocol of section 4 and its published code. */
export const paperOptions: Options = {
  seeds: [0, 1, 2, 3, 4],
  training: {
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
  },
  fromEpoch: 10,
  maxNewTokens: 512,
  sharedTokens: 1024,
  generationBatch: 8,
}

/** Epochs of a finetuning on everything; on few examples they depend on the model's family. */
export const paperEpochs = 30
