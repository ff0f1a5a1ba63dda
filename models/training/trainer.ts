import { decays, type Description } from "../architectures/architecture.ts"
import { type Model, type ModelWeights, viewsOf } from "../architectures/weights.ts"
import { InvalidOption, requireInteger, requireRange } from "../ir/options.ts"
import type { Engine } from "../ir/program.ts"
import { sizeOf } from "../ir/shape.ts"
import { Random } from "../kernels/random.ts"
import type { Tokenizer } from "../tokenizers/tokenizer.ts"
import { batchShape, type EncodedExample, encodeExamples, type Example, planStep, stepsPerEpoch } from "./batches.ts"
import { MOST_KEPT, TrainingGraphs } from "./graphs.ts"
import { requireLimits, type TokenLimits } from "./limits.ts"
import { diverged, empty } from "./messages.ts"
import { adamW, clipScale, globalNorm, linearSchedule, type ParameterGroup } from "./optimizer.ts"
import { type Dropout, trainedShapes } from "./programs.ts"

/** How a model is trained. */
export interface TrainingOptions extends TokenLimits {
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
  readonly dropout: Dropout
  /** Draws the order of examples and the dropout masks. */
  readonly seed: number
  /** Whether a decoder-only model learns to end its text, as it does where this is not given; the others always do. */
  readonly endOfSequence?: boolean
  readonly engine: Engine
  /** Graphs of different lengths kept at a time, `MOST_KEPT` where it is not given; one that is gone is compiled again. */
  readonly keptGraphs?: number
  readonly threads: number
  /** Where to go on from, kept current; a training that begins has its own where none is given. */
  readonly state?: TrainingState
  /** Once it is aborted, the state changes no more: training ends without the step that it is at. */
  readonly signal?: AbortSignal
}

/**
 * All that a training's next step depends on, beside its options. While a training stands between two steps, its state
 * may be written down, and a later training of the same options may go on from what was written.
 */
export interface TrainingState {
  /** Optimizer steps made. */
  completed: number
  /** The model's own flat array of trained weights. */
  readonly weights: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
  /** 0 between steps: nothing to be written down, but one array for all of a training. */
  readonly gradients: Float32Array
}

/** The state before the first step. */
export const initialTrainingState = ({ weights: { trained } }: Pick<Model, "weights">): TrainingState => ({
  completed: 0,
  weights: trained,
  firstMoment: new Float32Array(trained.length),
  secondMoment: new Float32Array(trained.length),
  gradients: new Float32Array(trained.length),
})

/** A model that reads text, and what to train it on. */
export interface FinetuneOptions extends TrainingOptions {
  /** Its weights are trained in place. */
  readonly checkpoint: Model & { readonly tokenizer: Tokenizer }
  readonly examples: readonly Example[]
}

/** A model, and what to train it on, as token ids. */
export interface FinetuneEncodedOptions extends TrainingOptions {
  /** Its weights are trained in place. */
  readonly model: Model
  readonly examples: readonly EncodedExample[]
}

/** What one optimizer step did. */
export interface TrainingStep {
  /** From 1 to `steps`. */
  readonly step: number
  readonly steps: number
  /** Epochs completed, with the share of the current one. */
  readonly epoch: number
  /** The epoch that is over before the next step; after the last step, that in which training ends. */
  readonly epochEnd: number | undefined
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
    super(diverged(loss, gradientNorm, learningRate))
    this.step = step
    this.loss = loss
    this.gradientNorm = gradientNorm
    this.learningRate = learningRate
  }
}

/**
 * Trains a checkpoint's weights in place on examples, yields one entry for each optimizer step and returns the weights.
 * The same options give the same bytes for a given engine and number of threads. Throws `InvalidOption`,
 * `TrainingDiverged` or `EngineError`.
 */
export async function* finetune(options: FinetuneOptions): AsyncGenerator<TrainingStep, ModelWeights, void> {
  const { checkpoint, examples, ...training } = options
  validateTraining(checkpoint.architecture, training)
  const encoded = encodeExamples(checkpoint.architecture, checkpoint.tokenizer, examples, training)
  return yield* finetuneEncoded({ ...training, model: checkpoint, examples: encoded })
}

/**
 * `finetune` on token ids. A step depends on the state and its number alone: order, dropout and learning rate are drawn
 * from the seed and the number.
 */
export async function* finetuneEncoded(
  options: FinetuneEncodedOptions,
): AsyncGenerator<TrainingStep, ModelWeights, void> {
  const { model, examples, batchSize, accumulation, seed, dropout, engine, threads } = options
  const { architecture, weights } = model
  validateTraining(architecture, options)
  if (examples.length === 0) throw new InvalidOption("examples", empty)
  const batching = { examples: examples.length, batchSize, accumulation }
  const steps = "epochs" in options.duration
    ? options.duration.epochs * stepsPerEpoch(batching)
    : options.duration.maxSteps

  const state = options.state ?? initialTrainingState(model)
  const { gradients } = state
  const memory = { weights: weights.tensors, gradients: viewsOf(gradients, trainedShapes(architecture)) }
  const groups = parameterGroups(architecture, options.weightDecay)
  const graphs = new TrainingGraphs(engine, { threads }, architecture, memory, {
    dropout,
    accumulate: accumulation > 1,
    kept: options.keptGraphs ?? MOST_KEPT,
  })
  try {
    for (let index = state.completed; index < steps; index++) {
      const { microBatches, epoch, epochEnd } = planStep(index, batching, seed)
      let [sum, tokens] = [0, 0]
      for (const [part, indices] of microBatches.entries()) {
        const batch = indices.flatMap((example) => examples[example] ?? [])
        const graph = await graphs.get(batchShape(architecture, batchSize, batch, options))
        graph.batch.write(batch, accumulation)
        sum += await graph.run(new Random(seed, 2, index, part))
        if (options.signal?.aborted === true) return weights
        tokens += batch.reduce((total, example) => total + example.source.length + example.target.length, 0)
      }
      const loss = sum * accumulation / microBatches.length
      const learningRate = linearSchedule(index, steps, options.warmupRatio, options.learningRate)
      const gradientNorm = globalNorm(gradients)
      if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
        throw new TrainingDiverged(index + 1, loss, gradientNorm, learningRate)
      }
      const scale = clipScale(gradientNorm, options.clipNorm)
      adamW(state, index + 1, groups, learningRate, scale)
      state.completed = index + 1
      const ended = index + 1 === steps ? Math.ceil(epoch) : epochEnd
      yield { step: index + 1, steps, epoch, epochEnd: ended, loss, learningRate, gradientNorm, tokens }
    }
  } finally {
    await graphs.release()
  }
  return weights
}

/** One stretch of the flat weights for each parameter, neighbours of equal decay joined. */
const parameterGroups = (architecture: Description, weightDecay: number): readonly ParameterGroup[] => {
  const groups: ParameterGroup[] = []
  let start = 0
  for (const [name, parameter] of architecture.parameters) {
    if (parameter.buffer === true) continue
    const decay = decays(name, parameter) ? weightDecay : 0
    const end = start + sizeOf(parameter.shape)
    const last = groups.at(-1)
    if (last?.weightDecay === decay) groups[groups.length - 1] = { ...last, end }
    else groups.push({ start, end, weightDecay: decay })
    start = end
  }
  return groups
}

/** Throws `InvalidOption` for a training that makes no sense for the model. */
export const validateTraining = (architecture: Description, options: TrainingOptions): void => {
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
  if (options.dropout !== "model") requireRange("dropout", options.dropout, 0, 0.99)
  requireLimits(architecture, options)
}
