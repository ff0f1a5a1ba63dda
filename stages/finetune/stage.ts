import { Effect, Schema } from "effect"
import { Blobs, InputError, many, one, Progress, stage, Unfinished } from "redag"
import type { Architecture } from "../../models/architectures/architecture.ts"
import type { Described } from "../../models/checkpoints/description.ts"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Evaluation } from "../../schemas/evaluations.ts"
import { Shot } from "../../schemas/shots.ts"
import { StepSpeed } from "../../schemas/speeds.ts"
import { TrainingStep } from "../../schemas/training.ts"
import { checkpointPaths } from "../shared/models/checkpoint.ts"
import { readModel } from "../shared/models/description.ts"
import { engineOf } from "../shared/models/engine.ts"
import { attemptModel } from "../shared/models/failures.ts"
import { EngineParam } from "../shared/params/engine.ts"
import { SharedTokens } from "../shared/params/lengths.ts"
import { modelOptions, ModelParams } from "../shared/params/model.ts"
import { bestOf, evaluationRows } from "./history.ts"
import { noValidationShots, noValidationShotsHelp } from "./messages.ts"
import { train, type Validator } from "./training.ts"
import { evaluate, generationOptions, Validation } from "./validation.ts"
import { trainingWork } from "./work.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

const AboveZero = Schema.Finite.check(Schema.isGreaterThan(0))
const Share = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThan(1))

/** The weights that training starts from: the model's own, or random ones in its architecture. */
const Start = Schema.Union([
  Schema.Struct({ from: Schema.Literal("pretrained") }),
  Schema.Struct({ from: Schema.Literal("random"), seed: Schema.Natural }),
])

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
    ...ModelParams,
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
    sharedTokens: SharedTokens,
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
  uses: (params) => ({ ...modelOptions(params), engine: [params.engine] }),
  isolation: "process",
  resources: ({ threads, engine }) => ({
    cpu: threads,
    memory: 1024,
    gpu: engine === "onnxruntime" ? 0 : 1,
    retries: { transient: 2, memory: 2 },
  }),
  work: ({ params, inputs, expected }) => trainingWork(params, inputs, expected),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const blobs = yield* Blobs
    const { checkpointFiles } = yield* Effect.promise(() => import("../../models/checkpoints/checkpoint.ts"))
    const { readWeights } = yield* Effect.promise(() => import("../../models/checkpoints/weights.ts"))
    const { initialise } = yield* Effect.promise(() => import("../../models/architectures/weights.ts"))
    const { keptGraphsThatFit } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
    const { encodeExamples } = yield* Effect.promise(() => import("../../models/training/batches.ts"))

    const interval = yield* (yield* Unfinished).interval
    const shots = (yield* Effect.forEach(inputs.shots, ({ rows }) => rows)).flat()
    const { architecture, tokenizer, start, engine: engineName, validation, ...rest } = params
    const options = { ...rest, engine: yield* engineOf(engineName) }
    const files = yield* checkpointPaths(inputs.model)
    const model = yield* readModel(files, { architecture, tokenizer })
    const texts = shots.filter(({ use }) => use === "train")
    const examples = yield* attemptModel(() => encodeExamples(model.architecture, model.tokenizer, texts, options))
    const keptGraphs = yield* attemptModel(() => keptGraphsThatFit(model.architecture, examples, options))
    const validated = validation === null ? [] : shots.filter(({ use }) => use === "validation")
    const generation = validation === null ? undefined : yield* generationOf(model, validated, validation, options)
    const weights = yield* attemptModel(() =>
      start.from === "random"
        ? initialise(model.architecture.parameters, start.seed)
        : readWeights(files, model.architecture)
    )
    const checkpoint = { ...model, weights }
    const validator: Validator | undefined = validation === null || generation === undefined ? undefined : {
      ...validation,
      documents: validated.length,
      evaluate: (_, report) => evaluate(checkpoint, validated, validation, generation, report),
    }
    const history = yield* train({ ...options, keptGraphs, checkpoint, examples, validator, interval })
    yield* progress.count("steps", history.steps.length)
    const best = bestOf(history.evaluations)
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
      training: history.steps,
      evaluations: evaluationRows(history.evaluations),
      speeds: history.speeds,
    }
  }),
})

/** How validation examples are generated for, once it is sure that there are some and that memory suffices. */
const generationOf = Effect.fnUntraced(function*(
  model: Described<Architecture>,
  validated: ReadonlyArray<Shot>,
  validation: Validation,
  options: Parameters<typeof generationOptions>[2],
) {
  const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
  const { requireGenerationMemory } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
  if (validated.length === 0) {
    return yield* new InputError({ field: "validation", message: noValidationShots, help: noValidationShotsHelp })
  }
  return yield* attemptModel(() => {
    const generation = generationOptions(validation, resolveDecoding(model.generation, validation.decoding), options)
    requireGenerationMemory(model, validated.map(({ source }) => source), generation, undefined, "training")
    return generation
  })
})
