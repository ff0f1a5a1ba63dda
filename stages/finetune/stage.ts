import { Effect, Schema } from "effect"
import { Blobs, InputError, many, one, Progress, stage } from "redag"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Evaluation } from "../../schemas/evaluations.ts"
import { Shot } from "../../schemas/shots.ts"
import { StepSpeed } from "../../schemas/speeds.ts"
import { TrainingStep } from "../../schemas/training.ts"
import { attemptModel, checkpointPaths } from "../shared/models/failures.ts"
import { engineOf, EngineParam } from "../shared/params/engine.ts"
import { bestOf, evaluationRows } from "./history.ts"
import { paceOf } from "./save-interval.ts"
import { train, type Validator } from "./training.ts"
import { evaluate, generationOptions, Validation } from "./validation.ts"

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
 * Finetunes a model on the chosen examples, and goes on where an execution before it was killed.
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
    /** Whether a decoder-only model learns to end its text; the others always do. */
    endOfSequence: Schema.Boolean,
    /** How the best epoch is found among the shots' validation examples; null takes the last weights. */
    validation: Schema.NullOr(Validation),
    engine: EngineParam,
    /** Part of the key, since the order of floating-point sums depends on it. */
    threads: Positive,
  }),
  inputs: { model: one(CheckpointFile), shots: many(Shot) },
  outputs: { checkpoint: CheckpointFile, training: TrainingStep, evaluations: Evaluation, speeds: StepSpeed },
  isolation: "process",
  resources: ({ threads }) => ({ cpu: threads, memory: 1024, gpu: 0 }),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const blobs = yield* Blobs
    const { keptGraphsThatFit } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
    const { checkpointFiles } = yield* Effect.promise(() => import("../../models/checkpoints/checkpoint.ts"))
    const { encodeExamples } = yield* Effect.promise(() => import("../../models/training/batches.ts"))

    const pace = yield* paceOf(process.env)
    const shots = (yield* Effect.forEach(inputs.shots, ({ rows }) => rows)).flat()
    const texts = shots.filter(({ use }) => use === "train")
    const { start, engine: engineName, validation, ...rest } = params
    const options = { ...rest, engine: yield* engineOf(engineName) }
    const files = yield* checkpointPaths(inputs.model)
    const keptGraphs = yield* attemptModel(() => keptGraphsThatFit(files, texts, options))
    const validated = validation === null ? [] : shots.filter(({ use }) => use === "validation")
    const generation = validation === null ? undefined : yield* generationOf(files, validated, validation, options)
    const checkpoint = yield* startingPoint(files, start)
    const examples = encodeExamples(checkpoint.architecture, checkpoint.tokenizer, texts, options)
    const validator: Validator | undefined = validation === null || generation === undefined ? undefined : {
      ...validation,
      evaluate: (_, tell) =>
        evaluate(
          checkpoint,
          validated,
          validation,
          generation,
          (done) => tell(`${done} of ${validated.length} documents`),
        ),
    }
    const course = yield* train({ ...options, keptGraphs, checkpoint, examples, validator, pace })
    yield* progress.count("steps", course.steps.length)
    const best = bestOf(course.evaluations)
    if (best !== undefined) {
      yield* progress.count("validation F1", Math.round(best.f1 * 1000) / 10)
      yield* progress.count("best epoch", best.epoch)
    }
    const written = yield* Effect.forEach(
      checkpointFiles(checkpoint),
      ([name, content]) => Effect.map(blobs.put(content), (blob) => ({ name, blob })),
    )
    return {
      checkpoint: written,
      training: course.steps,
      evaluations: evaluationRows(course.evaluations),
      speeds: course.speeds,
    }
  }),
})

/** How validation examples are generated for, once it is sure that there are some and that memory suffices. */
const generationOf = Effect.fnUntraced(function*(
  files: ReadonlyMap<string, string>,
  validated: ReadonlyArray<Shot>,
  validation: Validation,
  options: Parameters<typeof generationOptions>[2],
) {
  const { readDescription } = yield* Effect.promise(() => import("../../models/checkpoints/checkpoint.ts"))
  const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
  const { requireGenerationMemory } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
  if (validated.length === 0) {
    return yield* new InputError({
      field: "validation",
      message: "is asked for, and none of the shots are for validation",
      help: "sample the full setting of a corpus with validation examples, or set it to null",
    })
  }
  return yield* attemptModel(() => {
    const decoding = resolveDecoding(readDescription(files).generation, validation.decoding)
    const generation = generationOptions(validation, decoding, options)
    requireGenerationMemory(files, validated.map(({ source }) => source), generation, undefined, "training")
    return generation
  })
})

const startingPoint = Effect.fnUntraced(function*(files: ReadonlyMap<string, string>, start: Start) {
  const { readCheckpoint, checkpointWithRandomWeights } = yield* Effect.promise(() =>
    import("../../models/checkpoints/checkpoint.ts")
  )
  return yield* attemptModel(() =>
    start.from === "random" ? checkpointWithRandomWeights(files, start.seed) : readCheckpoint(files)
  )
})
