import { Effect, Schema } from "effect"
import { one, Progress, stage } from "redag"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Example } from "../../schemas/examples.ts"
import { Generation } from "../../schemas/generations.ts"
import { Partition } from "../../schemas/splits.ts"
import { attemptModel, checkpointPaths, drain } from "../shared/models/failures.ts"
import { DecodingParam } from "../shared/params/decoding.ts"
import { engineOf, EngineParam } from "../shared/params/engine.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/** Has a finetuned model write the relations of each document of one partition, as the model says or as overridden. */
export const generate = stage({
  name: "generate",
  params: Schema.Struct({
    partition: Partition,
    batchSize: Positive,
    maxNewTokens: Positive,
    maxSourceTokens: Positive,
    /** Where decoding is to differ from what the model's generation_config.json or config.json says. */
    decoding: DecodingParam.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
    engine: EngineParam,
    /** Part of the key, since the order of floating-point sums depends on it. */
    threads: Positive,
  }),
  inputs: { checkpoint: one(CheckpointFile), examples: one(Example) },
  outputs: { generations: Generation },
  isolation: "process",
  resources: ({ threads }) => ({ cpu: threads, memory: 1024, gpu: 0 }),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { partition, engine: engineName, decoding: overrides, ...limits } = params
    const { readCheckpoint, readDescription } = yield* Effect.promise(() =>
      import("../../models/checkpoints/checkpoint.ts")
    )
    const { requireGenerationMemory } = yield* Effect.promise(() => import("../../models/memory/requirements.ts"))
    const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
    const { generate: decode } = yield* Effect.promise(() => import("../../models/generation/generate.ts"))

    const engine = yield* engineOf(engineName)
    const files = yield* checkpointPaths(inputs.checkpoint)
    const examples = (yield* inputs.examples.rows).filter((example) => example.partition === partition)
    const sources = examples.map(({ source }) => source)
    const decoding = yield* attemptModel(() => resolveDecoding(readDescription(files).generation, overrides))
    const options = { ...limits, decoding, engine }
    yield* attemptModel(() => requireGenerationMemory(files, sources, options))
    const checkpoint = yield* attemptModel(() => readCheckpoint(files))
    const texts = yield* drain(
      decode({ ...options, checkpoint, sources }),
      ({ done, total }) => progress.advance({ done, total, unit: "documents" }),
    )
    const generations = texts.map((text, index) => ({ document: examples[index]?.document ?? "", ...text }))
    yield* progress.count("documents", generations.length)
    yield* progress.count("unfinished", generations.filter(({ finished }) => !finished).length)
    return { generations }
  }),
})
