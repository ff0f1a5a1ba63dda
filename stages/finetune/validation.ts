import { Effect, Schema } from "effect"
import type { StageFailure } from "redag"
import type { Checkpoint } from "../../models/checkpoints/checkpoint.ts"
import type { Decoding } from "../../models/generation/decoding.ts"
import type { GenerationOptions } from "../../models/generation/generate.ts"
import type { Shot } from "../../schemas/shots.ts"
import { Extraction, InvertedTemplate } from "../shared/language/template.ts"
import { countByLabel, ratiosOf, sumOfCounts } from "../shared/measures/counts.ts"
import { drain } from "../shared/models/drain.ts"
import { DecodingParam } from "../shared/params/decoding.ts"
import { Counters, Matching, Prompt, Reading } from "../shared/params/protocol.ts"
import type { Evaluated } from "./history.ts"

const Positive = Schema.Natural.check(Schema.isGreaterThan(0))

/**
 * How the best epoch is found: after each epoch from `fromEpoch` on, and at the end, the model writes the relations of
 * every validation example, which are extracted and scored as the stages of those names do it.
 */
export const Validation = Schema.Struct({
  /** Counted from 1. */
  fromEpoch: Positive,
  template: InvertedTemplate,
  extraction: Extraction,
  reading: Reading,
  prompt: Prompt,
  matching: Matching,
  /** Whether an evaluation counts for itself; the chosen epoch is that of the best F1 so counted. */
  counters: Counters,
  batchSize: Positive,
  maxNewTokens: Positive,
  /** Where decoding is to differ from what the model's own configuration says. */
  decoding: DecodingParam.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  /** Evaluations in a row without a better F1 after which training ends; null for none. */
  patience: Schema.NullOr(Positive),
})
export type Validation = typeof Validation.Type

/** How validation examples are generated for by a model that decodes so. */
export const generationOptions = (
  { batchSize, maxNewTokens }: Validation,
  decoding: Decoding,
  { maxSourceTokens, sharedTokens = null, engine, threads }: Pick<
    GenerationOptions,
    "maxSourceTokens" | "sharedTokens" | "engine" | "threads"
  >,
): GenerationOptions => ({ batchSize, maxNewTokens, decoding, maxSourceTokens, sharedTokens, engine, threads })

/** Evaluates a model on the validation examples; `report` is given the number that are generated for. */
export const evaluate = Effect.fnUntraced(function*(
  checkpoint: Checkpoint,
  rows: ReadonlyArray<Shot>,
  validation: Validation,
  generation: GenerationOptions,
  report: (done: number) => Effect.Effect<void>,
): Effect.fn.Return<Omit<Evaluated, "epoch" | "step">, StageFailure> {
  const { generate } = yield* Effect.promise(() => import("../../models/generation/generate.ts"))
  const { extractor, readable } = yield* Effect.promise(() => import("../shared/language/extraction.ts"))
  const extract = extractor(validation)
  const sources = rows.map(({ source }) => source)
  const texts = yield* drain(generate({ ...generation, checkpoint, sources }), ({ done }) => report(done))
  const judged = rows.map(({ answers }, index) => {
    const { prompt = null, text = "" } = texts[index] ?? {}
    return { answers, ...extract(readable({ prompt, text }, validation.prompt)) }
  })
  const counts = sumOfCounts(countByLabel(judged, validation.matching))
  const { correct, predicted, gold } = counts
  return { ...ratiosOf(counts), correct, predicted, gold, unfinished: texts.filter(({ finished }) => !finished).length }
})
