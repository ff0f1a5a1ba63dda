import { Effect, Schema } from "effect"
import { one, stage } from "redag"
import { Example } from "../../schemas/examples.ts"
import { Extraction as ExtractionRow } from "../../schemas/relations.ts"
import { Extraction, InvertedTemplate } from "../shared/language/template.ts"
import { Reading } from "../shared/params/protocol.ts"

/**
 * What is read out of predictions without a mistake: of texts, each the target of its example, or of lists of relations,
 * each argument by the name that the template gives it. What such predictions score is the most that any can.
 */
export const perfect = stage({
  name: "perfect",
  params: Schema.Struct({
    as: Schema.Literals(["texts", "relations"]),
    template: InvertedTemplate,
    extraction: Extraction,
    reading: Reading,
  }),
  inputs: { examples: one(Example) },
  outputs: { relations: ExtractionRow },
  run: Effect.fnUntraced(function*({ params: { as, ...inversion }, inputs }) {
    const { extractor } = yield* Effect.promise(() => import("../shared/language/extraction.ts"))
    const extract = extractor(inversion)
    const examples = yield* inputs.examples.rows
    const relations = examples.map(({ document, target, answers }): ExtractionRow => {
      const read = as === "texts" ? extract(target) : {
        relations: answers.map(({ label, arguments: names }) => ({
          label,
          arguments: names.map(([first = ""]) => first),
        })),
        malformed: [],
      }
      return { document, ...read, finished: true, sourceTruncated: false }
    })
    return { relations }
  }),
})
