import { Effect, Schema } from "effect"
import { one, Progress, stage } from "redag"
import { Generation } from "../../schemas/generations.ts"
import { Extraction as ExtractionRow } from "../../schemas/relations.ts"
import { Extraction, InvertedTemplate } from "../shared/language/template.ts"
import { Prompt, Reading } from "../shared/params/protocol.ts"

/** Reads relations out of generated text with the regular expression that inverts the template. */
export const extract = stage({
  name: "extract",
  params: Schema.Struct({
    template: InvertedTemplate,
    extraction: Extraction,
    reading: Reading,
    prompt: Prompt,
    /** Where a text ends that a model goes on with, as one does that was shown examples: before the first of these. */
    stop: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  }),
  inputs: { generations: one(Generation) },
  outputs: { relations: ExtractionRow },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { extractAll } = yield* Effect.promise(() => import("../shared/language/extraction.ts"))
    const { stop = [] } = params
    const generations = (yield* inputs.generations.rows).map((generation) => stoppedBy(stop, generation))
    const relations = [...extractAll(generations, params)]
    yield* progress.count("relations", relations.reduce((sum, row) => sum + row.relations.length, 0))
    yield* progress.count("malformed", relations.reduce((sum, row) => sum + row.malformed.length, 0))
    return { relations }
  }),
})

/** A generation up to the first stop sequence; the model has ended it there itself. Blanks at its start are none. */
const stoppedBy = (stop: ReadonlyArray<string>, generation: Generation): Generation => {
  if (stop.length === 0) return generation
  const text = generation.text.trimStart()
  const ends = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0)
  return ends.length === 0 ? generation : { ...generation, text: text.slice(0, Math.min(...ends)), finished: true }
}
