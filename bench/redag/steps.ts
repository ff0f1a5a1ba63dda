import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Architecture } from "../../models/architectures/architecture.ts"
import type { Model } from "../../models/architectures/weights.ts"
import { openWeights } from "../../models/checkpoints/files.ts"
import { loadWeights } from "../../models/checkpoints/weights.ts"
import type { Engine } from "../../models/ir/program.ts"
import { finetuneEncoded } from "../../models/training/trainer.ts"
import { architectureOf } from "../../test/models/reading.ts"
import { randomIds } from "./random-ids.ts"

/** Steps without dropout, of a model in a folder or of one that is made. */
export interface StepsJob {
  readonly engine: Engine
  readonly threads: number
  readonly batch: number
  readonly accumulation: number
  readonly source: number
  readonly target: number
  readonly steps: number
  readonly model: { readonly folder: string } | {
    readonly config: Readonly<Record<string, unknown>>
    readonly made: (architecture: Architecture) => Model["weights"]
  }
}

/** What the steps came to, and what another needs for the same. */
export interface Stepped {
  readonly losses: readonly number[]
  readonly norms: readonly number[]
  readonly rates: readonly number[]
  /** Seconds of each step but the first, which is `warmUp`. */
  readonly seconds: readonly number[]
  readonly warmUp: number
  readonly sources: readonly (readonly number[])[]
  readonly targets: readonly (readonly number[])[]
}

/** Takes the steps, each over all examples, which have the same lengths: their order changes nothing. */
export const stepsOf = async (job: StepsJob): Promise<Stepped> => {
  const { batch, accumulation, source, target } = job
  const config = "config" in job.model
    ? job.model.config
    : JSON.parse(readFileSync(join(job.model.folder, "config.json"), "utf8")) as Readonly<Record<string, unknown>>
  const architecture = architectureOf(config)
  const weights = "made" in job.model ? job.model.made(architecture) : read(architecture, job.model.folder)
  const draw = randomIds(architecture.vocabulary)
  const examples = Array.from({ length: batch * accumulation }, () => ({ source: draw(source), target: draw(target) }))
  const [losses, norms, rates, seconds]: [number[], number[], number[], number[]] = [[], [], [], []]
  let start = performance.now()
  const training = finetuneEncoded({
    model: { architecture, weights },
    examples,
    duration: { maxSteps: job.steps },
    batchSize: batch,
    accumulation,
    learningRate: 5e-5,
    warmupRatio: 0,
    weightDecay: 0,
    clipNorm: 1,
    dropout: 0,
    seed: 1,
    maxSourceTokens: source,
    maxTargetTokens: target,
    engine: job.engine,
    threads: job.threads,
  })
  for await (const { loss, gradientNorm, learningRate } of training) {
    const now = performance.now()
    seconds.push((now - start) / 1000)
    start = now
    losses.push(loss)
    norms.push(gradientNorm)
    rates.push(learningRate)
  }
  const [warmUp = NaN, ...rest] = seconds
  const [sources, targets] = [examples.map((each) => each.source), examples.map((each) => each.target)]
  return { losses, norms, rates, seconds: rest, warmUp, sources, targets }
}

const read = (architecture: Architecture, folder: string): Model["weights"] => {
  const stored = openWeights(new Map([["model.safetensors", join(folder, "model.safetensors")]]))
  try {
    return loadWeights(architecture, stored.tensors)
  } finally {
    stored.close()
  }
}
