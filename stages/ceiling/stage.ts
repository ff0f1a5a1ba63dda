import { Effect, Schema } from "effect"
import { attempt, many, one, Progress, stage } from "redag"
import { Ceiling } from "../../schemas/ceilings.ts"
import { CheckpointFile } from "../../schemas/checkpoints.ts"
import { Document } from "../../schemas/documents.ts"
import { Partition, Split } from "../../schemas/splits.ts"
import { Extraction, Template } from "../shared/language/template.ts"
import { Measure } from "../shared/measures/measure.ts"
import { measureOption, measurerOf } from "../shared/measures/measures.ts"
import { attemptModel, checkpointPaths } from "../shared/models/failures.ts"
import { DecodingParam } from "../shared/params/decoding.ts"
import { Prompt, Rendering } from "../shared/params/protocol.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/** What the best possible score depends on. */
const CeilingProtocol = Schema.Struct({
  template: Template,
  extraction: Extraction,
  rendering: Rendering,
  endOfSequence: Schema.Boolean,
  decoding: DecodingParam,
  prompt: Prompt,
  measure: Measure,
})
export type CeilingProtocol = typeof CeilingProtocol.Type

/** Scores a generator that makes no mistake, under several protocols: what template, tokenizer, lengths and rules cost. */
export const ceiling = stage({
  name: "ceiling",
  params: Schema.Struct({
    corpus: Schema.String,
    model: Schema.String,
    partition: Partition,
    maxSourceTokens: Positive,
    maxTargetTokens: Positive,
    protocols: Schema.Record(Schema.String, CeilingProtocol),
  }),
  /** `model` holds config.json and the tokenizer's files. */
  inputs: { documents: many(Document), splits: one(Split), model: one(CheckpointFile) },
  outputs: { ceilings: Ceiling },
  uses: ({ protocols }) => ({ measure: Object.values(protocols).map(({ measure }) => measureOption(measure)) }),
  isolation: "process",
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { readDescription } = yield* Effect.promise(() => import("../../models/checkpoints/checkpoint.ts"))
    const { resolveDecoding } = yield* Effect.promise(() => import("../../models/generation/decoding.ts"))
    const { encodeExamples } = yield* Effect.promise(() => import("../../models/training/batches.ts"))
    const { ceilingsOf } = yield* Effect.promise(() => import("./ceiling.ts"))

    const { partition, protocols, ...limits } = params
    const files = yield* checkpointPaths(inputs.model)
    const described = yield* attemptModel(() => {
      const { architecture, tokenizer, ...own } = readDescription(files)
      for (const { decoding, endOfSequence } of Object.values(protocols)) {
        resolveDecoding(own.generation, decoding)
        encodeExamples(architecture, tokenizer, [{ source: "", target: "" }], { ...limits, endOfSequence })
      }
      return { architecture, tokenizer, ...own }
    })
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const splits = (yield* inputs.splits.rows).filter((split) => split.partition === partition)
    const task = { ...limits, described, documents, splits }
    const total = Object.keys(protocols).length
    const ceilings: Array<Ceiling> = []
    for (const [done, [name, protocol]] of Object.entries(protocols).entries()) {
      yield* progress.advance({ done, total, unit: "protocols", note: name })
      const measurer = yield* measurerOf(protocol.measure)
      ceilings.push(...yield* attempt(() => ceilingsOf(task, name, protocol, measurer)))
    }
    yield* progress.count("ceilings", ceilings.length)
    return { ceilings }
  }),
})
