import { bucketLength, encodeExamples, type Example, fillBatch, planStep, stepsPerEpoch } from "./batches.ts"
import type { Checkpoint } from "./checkpoint.ts"
import { onnxEngine } from "./onnx/engine.ts"
import { adamW, clipScale, globalNorm, initialState, linearSchedule, type ParameterGroup } from "./optimizer.ts"
import { InvalidOption, requireInteger, requireRange } from "./options.ts"
import { Random } from "./random.ts"
import { t5Decays, t5Shapes, t5Weights } from "./t5-parameters.ts"
import { TrainingGraphs } from "./training-graphs.ts"
import { viewsOf, type Weights } from "./weights.ts"

/** How `finetune` trains. */
export interface FinetuneOptions {
  readonly checkpoint: Checkpoint
  readonly examples: readonly Example[]
  readonly duration: { readonly epochs: number } | { readonly maxSteps: number }
  /** Examples in one forward and backward pass. */
  readonly batchSize: number
  /** Passes whose gradients make one optimizer step. */
  readonly accumulation: number
  /** The peak of the schedule. */
  readonly learningRate: number
  /** Share of the steps over which the learning rate rises from 0. */
  readonly warmupRatio: number
  readonly weightDecay: number
  /** The gradients' global norm is cut to this. */
  readonly clipNorm: number
  /** Probability of dropping, 0 for none. */
  readonly dropout: number
  /** Draws the order of examples and the dropout masks. */
  readonly seed: number
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
  readonly threads: number
}

/** What one optimizer step did. */
export interface TrainingStep {
  /** From 1 to `steps`. */
  readonly step: number
  readonly steps: number
  /** Epochs completed, with the share of the current one. */
  readonly epoch: number
  /** Mean cross-entropy per target token before the step, in nats. */
  readonly loss: number
  readonly learningRate: number
  /** Global norm of the gradients before clipping. */
  readonly gradientNorm: number
  /** Source and target tokens trained on, without padding. */
  readonly tokens: number
}

/** A training whose loss or gradients are no longer finite. */
export class TrainingDiverged extends Error {
  readonly _tag = "TrainingDiverged"
  readonly step: number
  readonly loss: number
  readonly gradientNorm: number
  readonly learningRate: number

  constructor(step: number, loss: number, gradientNorm: number, learningRate: number) {
    super(`step ${step}: loss ${loss}, gradient norm ${gradientNorm} at learning rate ${learningRate}; try a lower one`)
    this.step = step
    this.loss = loss
    this.gradientNorm = gradientNorm
    this.learningRate = learningRate
  }
}

/**
 * Trains a checkpoint on examples, yields one entry for each optimizer step and returns the trained weights; the
 * checkpoint's own are left as they are. The same options give the same bytes for a given number of threads.
 * Throws `InvalidOption`, `WeightsMismatch`, `TrainingDiverged` or `EngineError`. A step depends on the weights, the moments and its
 * number alone: order, dropout and learning rate are drawn from the seed and the number.
 */
export async function* finetune(options: FinetuneOptions): AsyncGenerator<TrainingStep, Weights, void> {
  validate(options)
  const { checkpoint: { config, tokenizer }, batchSize, accumulation, seed, dropout } = options
  const examples = encodeExamples(tokenizer, options.examples, options.maxSourceTokens, options.maxTargetTokens)
  const perEpoch = stepsPerEpoch(examples.length, batchSize, accumulation)
  const steps = "epochs" in options.duration ? options.duration.epochs * perEpoch : options.duration.maxSteps

  const shapes = t5Shapes(config)
  const size = [...shapes.values()].reduce(
    (total, shape) => total + shape.reduce((product, dim) => product * dim, 1),
    0,
  )
  const [weights, gradients] = [new Float32Array(size), new Float32Array(size)]
  const memory = { weights: viewsOf(weights, shapes), gradients: viewsOf(gradients, shapes) }
  for (const [name, { data }] of t5Weights(config, options.checkpoint.weights)) memory.weights.get(name)?.data.set(data)
  const groups = parameterGroups(memory.weights, options.weightDecay)
  const state = initialState(size)

  const accumulate = accumulation > 1
  const graphs = new TrainingGraphs(onnxEngine, { threads: options.threads }, config, memory, { dropout, accumulate })
  try {
    for (let index = 0; index < steps; index++) {
      const { microBatches } = planStep(index, examples.length, batchSize, accumulation, seed)
      let [loss, tokens] = [0, 0]
      if (accumulate) gradients.fill(0)
      for (const [part, indices] of microBatches.entries()) {
        const batch = indices.flatMap((example) => examples[example] ?? [])
        const [source, target] = [longest(batch.map((e) => e.source)), longest(batch.map((e) => e.target))]
        const graph = await graphs.get({
          batch: batchSize,
          source: bucketLength(source, options.maxSourceTokens),
          target: bucketLength(target, options.maxTargetTokens),
        })
        fillBatch(graph.arrays, graph.shape, batch, microBatches.length, config)
        loss += await graph.run(new Random(seed, 2, index, part))
        tokens += batch.reduce((total, example) => total + example.source.length + example.target.length, 0)
      }
      const learningRate = linearSchedule(index, steps, options.warmupRatio, options.learningRate)
      const gradientNorm = globalNorm(gradients)
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new TrainingDiverged(index + 1, loss, gradientNorm, learningRate)
      }
      adamW(weights, gradients, state, groups, learningRate, clipScale(gradientNorm, options.clipNorm))
      yield { step: index + 1, steps, epoch: (index + 1) / perEpoch, loss, learningRate, gradientNorm, tokens }
    }
  } finally {
    await graphs.release()
  }
  return memory.weights
}

const longest = (sequences: readonly (readonly number[])[]): number =>
  sequences.reduce((length, sequence) => Math.max(length, sequence.length), 1)

/** One stretch of the flat weights for each parameter, neighbours of equal decay joined. */
const parameterGroups = (weights: Weights, weightDecay: number): readonly ParameterGroup[] => {
  const groups: ParameterGroup[] = []
  let start = 0
  for (const [name, { data }] of weights) {
    const decay = t5Decays(name) ? weightDecay : 0
    const end = start + data.length
    const last = groups.at(-1)
    if (last?.weightDecay === decay) groups[groups.length - 1] = { ...last, end }
    else groups.push({ start, end, weightDecay: decay })
    start = end
  }
  return groups
}

const validate = (options: FinetuneOptions): void => {
  if (options.examples.length === 0) throw new InvalidOption("examples", "is empty")
  if ("epochs" in options.duration) requireInteger("duration.epochs", options.duration.epochs, 1)
  else requireInteger("duration.maxSteps", options.duration.maxSteps, 1)
  for (const option of ["batchSize", "accumulation", "maxSourceTokens", "maxTargetTokens", "threads"] as const) {
    requireInteger(option, options[option], 1)
  }
  requireInteger("seed", options.seed, 0)
  requireRange("learningRate", options.learningRate, 0, Infinity)
  requireRange("warmupRatio", options.warmupRatio, 0, 1)
  requireRange("weightDecay", options.weightDecay, 0, Infinity)
  requireRange("clipNorm", options.clipNorm, 0, Infinity)
  requireRange("dropout", options.dropout, 0, 0.99)
}
