import { Effect, Schema } from "effect"
import { Blobs, many, one, Progress, stage } from "../../pipeline/stage.ts"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Shot } from "../../schemas/shots.ts"
import { TrainingStep } from "../../schemas/training.ts"
import { engineOf, EngineParam } from "../engine.ts"
import { attemptModel, checkpointPaths, drain } from "../models.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

const AboveZero = Schema.Finite.check(Schema.isGreaterThan(0))
const Share = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThan(1))

/** The weights that training starts from: the model's own, or random ones in its architecture. */
const Start = Schema.Union([
  Schema.Struct({ from: Schema.Literal("pretrained") }),
  Schema.Struct({ from: Schema.Literal("random"), seed: Schema.Natural }),
])
type Start = typeof Start.Type

/** How long training lasts. */
const Duration = Schema.Union([Schema.Struct({ epochs: Positive }), Schema.Struct({ maxSteps: Positive })])

/**
 * Finetunes a model on the chosen examples.
 *
 * `model` holds config.json, the tokenizer's files and, unless training starts from random weights, the weights.
 */
export const finetune = stage({
  name: "finetune",
  params: Schema.Struct({
    start: Start,
    duration: Duration,
    batchSize: Positive,
    /** Batches whose gradients make one optimizer step. */
    accumulation: Positive,
    learningRate: AboveZero,
    /** Share of the steps over which the learning rate rises. */
    warmupRatio: Share,
    weightDecay: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)),
    /** Global gradient norm above which the gradient is scaled down. */
    clipNorm: AboveZero,
    /** The probability of each dropout: as the model's config.json sets it, or one for all. */
    dropout: Schema.Union([Schema.Literal("model"), Share]),
    /** Of the order of examples and of dropout. */
    seed: Schema.Natural,
    maxSourceTokens: Positive,
    maxTargetTokens: Positive,
    engine: EngineParam,
    /** Part of the key, since the order of floating-point sums depends on it. */
    threads: Positive,
  }),
  inputs: { model: one(CheckpointFile), shots: many(Shot) },
  outputs: { checkpoint: CheckpointFile, training: TrainingStep },
  isolation: "process",
  resources: ({ threads }) => ({ cpu: threads, memory: 1024, gpu: 0 }),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const blobs = yield* Blobs
    const { finetune: train } = yield* Effect.promise(() => import("../../models/trainer.ts"))
    const { keptGraphsThatFit } = yield* Effect.promise(() => import("../../models/need.ts"))
    const { checkpointFiles } = yield* Effect.promise(() => import("../../models/checkpoints/checkpoint.ts"))

    const shots = (yield* Effect.forEach(inputs.shots, ({ rows }) => rows)).flat()
    const examples = shots.filter(({ use }) => use === "train")
    const { start, engine: engineName, ...options } = params
    const engine = yield* engineOf(engineName)
    const files = yield* checkpointPaths(inputs.model)
    const keptGraphs = yield* attemptModel(() => keptGraphsThatFit(files, examples, { ...options, engine }))
    const initial = yield* startingPoint(files, start)
    const steps: Array<TrainingStep> = []
    const training = train({ ...options, engine, keptGraphs, checkpoint: initial, examples })
    const weights = yield* drain(training, ({ steps: total, ...step }) => {
      steps.push({ ...step, engine: engine.name })
      return progress.advance({ done: step.step, total, unit: "steps", note: `loss ${step.loss.toFixed(3)}` })
    })
    yield* progress.count("steps", steps.length)

    const checkpoint = yield* Effect.forEach(
      checkpointFiles({ ...initial, weights }),
      ([name, content]) => Effect.map(blobs.put(content), (blob) => ({ name, blob })),
    )
    return { checkpoint, training: steps }
  }),
})

const startingPoint = Effect.fnUntraced(function*(files: ReadonlyMap<string, string>, start: Start) {
  const { readCheckpoint, checkpointWithRandomWeights } = yield* Effect.promise(() =>
    import("../../models/checkpoints/checkpoint.ts")
  )
  return yield* attemptModel(() =>
    start.from === "random" ? checkpointWithRandomWeights(files, start.seed) : readCheckpoint(files)
  )
})
