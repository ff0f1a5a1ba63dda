import { Effect, Schema } from "effect"
import { one, Progress, stage } from "redag"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Example } from "../../schemas/examples.ts"
import { Generation } from "../../schemas/generations.ts"
import { Partition } from "../../schemas/splits.ts"
import { checkpointPaths } from "../shared/models/checkpoint.ts"
import { readModel } from "../shared/models/description.ts"
import { drain } from "../shared/models/drain.ts"
import { engineOf } from "../shared/models/engine.ts"
import { attemptModel } from "../shared/models/failures.ts"
import { ConstraintParam } from "../shared/params/constraint.ts"
import { DecodingParam } from "../shared/params/decoding.ts"
import { EngineParam } from "../shared/params/engine.ts"
import { SharedTokens } from "../shared/params/lengths.ts"
import { modelOptions, ModelParams } from "../shared/params/model.ts"
import { writers } from "./writers.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/** Has a finetuned model write the relations of each document of one partition, as the model says or as overridden. */
export const generate = stage({
  name: "generate",
  params: Schema.Struct({
    ...ModelParams,
    partition: Partition,
    batchSize: Positive,
    maxNewTokens: Positive,
    maxSourceTokens: Positive,
    sharedTokens: SharedTokens,
    /** Where decoding is to differ from what the model's generation_config.json or config.json says. */
    decoding: DecodingParam.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    /** What the texts are kept to; where it is left out, they are what the model finds likeliest. */
    constraint: Schema.optionalKey(ConstraintParam),
    engine: EngineParam,
    /** Part of the key, since the order of floating-point sums depends on it. */
    threads: Positive,
  }),
  inputs: { checkpoint: one(CheckpointFile), examples: one(Example) },
  outputs: { generations: Generation },
  uses: (params) => ({
    ...modelOptions(params),
    engine: [params.engine],
    constraint: [params.constraint === undefined ? "none" : "template"],
  }),
  isolation: "process",
  resources: ({ threads, engine }) => ({
    cpu: threads,
    memory: 1024,
    gpu: engine === "onnxruntime" ? 0 : 1,
    retries: { transient: 2, memory: 2 },
  }),
  // Bytes of the model times tokens that go through it, of each beam.
  work: ({ params: { maxSourceTokens, maxNewTokens, decoding }, inputs: { checkpoint, examples } }) =>
    checkpoint.bytes === undefined || examples.rows === undefined ? {} : {
      amount: checkpoint.bytes * examples.rows * (maxSourceTokens + (decoding.numBeams ?? 1) * maxNewTokens),
    },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { architecture, tokenizer, partition, engine: engineName, decoding: overrides, constraint, ...limits } =
      params
    const { readWeights } = yield* Effect.promise(() => import("../../models/checkpoints/weights.ts"))
    const { requireGenerationMemory } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
    const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
    const { writer } = yield* writers.load(constraint === undefined ? "none" : "template")

    const engine = yield* engineOf(engineName)
    const files = yield* checkpointPaths(inputs.checkpoint)
    const examples = (yield* inputs.examples.rows).filter((example) => example.partition === partition)
    const sources = examples.map(({ source }) => source)
    const model = yield* readModel(files, { architecture, tokenizer })
    const decoding = yield* attemptModel(() => resolveDecoding(model.generation, overrides))
    const options = { ...limits, decoding, engine }
    yield* attemptModel(() => requireGenerationMemory(model, sources, options))
    const checkpoint = { ...model, weights: yield* attemptModel(() => readWeights(files, model.architecture)) }
    const texts = yield* drain(
      yield* writer({ ...options, checkpoint, sources }, constraint),
      ({ done, total }) => progress.advance({ done, total, unit: "documents" }),
    )
    const generations = texts.map((text, index) => ({ document: examples[index]?.document ?? "", ...text }))
    yield* progress.count("documents", generations.length)
    yield* progress.count("unfinished", generations.filter(({ finished }) => !finished).length)
    return { generations }
  }),
})
