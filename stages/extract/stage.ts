import { Effect, Schema } from "effect"
import { one, Progress, stage } from "redag"
import { Generation } from "../../schemas/generations.ts"
import { Extraction as ExtractionRow } from "../../schemas/relations.ts"
import { Extraction, InvertedTemplate } from "../shared/language/template.ts"
import { Prompt, Reading } from "../shared/params/protocol.ts"

/** Reads relations out of generated text with the regular expression that inverts the template. */
export const extract = stage({
  name: "extract",
  params: Schema.Struct({ template: InvertedTemplate, extraction: Extraction, reading: Reading, prompt: Prompt }),
  inputs: { generations: one(Generation) },
  outputs: { relations: ExtractionRow },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { extractAll } = yield* Effect.promise(() => import("../shared/language/extraction.ts"))
    const generations = yield* inputs.generations.rows
    const relations = [...extractAll(generations, params)]
    yield* progress.count("relations", relations.reduce((sum, row) => sum + row.relations.length, 0))
    yield* progress.count("malformed", relations.reduce((sum, row) => sum + row.malformed.length, 0))
    return { relations }
  }),
})
