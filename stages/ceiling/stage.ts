import { Effect, Schema } from "effect"
import { attempt, many, one, Progress, stage } from "redag"
import { Ceiling } from "../../schemas/ceilings.ts"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Document } from "../../schemas/documents.ts"
import { Partition, Split } from "../../schemas/splits.ts"
import { kindsOf, Warning } from "../../schemas/warnings.ts"
import { measurerOf, usedBy } from "../shared/measures/measures.ts"
import { checkpointPaths } from "../shared/models/checkpoint.ts"
import { readModelDescription } from "../shared/models/description.ts"
import { attemptModel } from "../shared/models/failures.ts"
import { modelOptions, ModelParams } from "../shared/params/model.ts"
import { CeilingProtocol } from "./protocol.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/** Scores a generator that makes no mistake, under several protocols: what template, tokenizer, lengths and rules cost. */
export const ceiling = stage({
  name: "ceiling",
  params: Schema.Struct({
    ...ModelParams,
    corpus: Schema.String,
    model: Schema.String,
    partition: Partition,
    maxSourceTokens: Positive,
    maxTargetTokens: Positive,
    /** By what their rows are called ("paper", "paper + prompt-kept", "official"), in the order of the rows. */
    protocols: Schema.Array(Schema.Struct({ name: Schema.String, ...CeilingProtocol.fields })),
  }),
  /** `model` holds config.json and the tokenizer's files; the rows are flagged with the `warnings` about the documents. */
  inputs: { documents: many(Document), splits: one(Split), model: one(CheckpointFile), warnings: many(Warning) },
  outputs: { ceilings: Ceiling },
  uses: (params) => ({
    ...modelOptions(params),
    ...usedBy(params.protocols.map(({ measure }) => measure)),
  }),
  isolation: "process",
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
    const { encodeExamples } = yield* Effect.promise(() => import("../../models/training/batches.ts"))
    const { ceilingsOf } = yield* Effect.promise(() => import("./ceiling.ts"))

    const { corpus, model, partition, protocols, maxSourceTokens, maxTargetTokens } = params
    const limits = { maxSourceTokens, maxTargetTokens }
    const described = yield* readModelDescription(yield* checkpointPaths(inputs.model), params)
    yield* attemptModel(() => {
      for (const { decoding, endOfSequence, sharedTokens } of protocols) {
        resolveDecoding(described.generation, decoding)
        const encoding = { ...limits, sharedTokens, endOfSequence }
        encodeExamples(described.architecture, described.tokenizer, [{ source: "", target: "" }], encoding)
      }
    })
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const splits = (yield* inputs.splits.rows).filter((split) => split.partition === partition)
    const task = { corpus, model, ...limits, described, documents, splits }
    const flags = kindsOf((yield* Effect.forEach(inputs.warnings, ({ rows }) => rows)).flat())
    const total = protocols.length
    const ceilings: Array<Ceiling> = []
    for (const [done, { name, ...protocol }] of protocols.entries()) {
      yield* progress.advance({ done, total, unit: "protocols", note: name })
      const measurer = yield* measurerOf(protocol.measure)
      const rows = yield* attempt(() => ceilingsOf(task, name, protocol, measurer))
      ceilings.push(...rows.map((row) => ({ ...row, flags })))
    }
    yield* progress.count("ceilings", ceilings.length)
    return { ceilings }
  }),
})
