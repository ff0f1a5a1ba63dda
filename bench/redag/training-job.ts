import { type Architecture } from "../../models/architectures/architecture.ts"
import { onnxEngine } from "../../models/engines/onnx/engine.ts"
import type { EncodedExample } from "../../models/training/batches.ts"
import type { TrainingOptions } from "../../models/training/trainer.ts"
import { architectureOf } from "../../test/models/reading.ts"
import { randomIds } from "./random-ids.ts"

/** Steps of one shape, after `warmUp` more. */
export interface TrainingJob {
  readonly config: Readonly<Record<string, unknown> & { readonly vocab_size: number }>
  readonly batch: number
  readonly accumulation: number
  readonly source: number
  readonly target: number
  readonly warmUp: number
  readonly steps: number
  readonly threads: number
}

/** What a job means to the trainer: random examples that all have the job's lengths. */
export const trainingOf = (
  job: TrainingJob,
): {
  readonly architecture: Architecture
  readonly examples: readonly EncodedExample[]
  readonly options: TrainingOptions
} => {
  const { config, batch, accumulation, source, target } = job
  const draw = randomIds(config.vocab_size)
  return {
    architecture: architectureOf(config),
    examples: Array.from({ length: batch * accumulation }, () => ({ source: draw(source), target: draw(target) })),
    options: {
      duration: { maxSteps: job.warmUp + job.steps },
      batchSize: batch,
      accumulation,
      learningRate: 5e-5,
      warmupRatio: 0.1,
      weightDecay: 0,
      clipNorm: 1,
      dropout: "model",
      seed: 1,
      maxSourceTokens: source,
      maxTargetTokens: target,
      engine: onnxEngine,
      threads: job.threads,
    },
  }
}
