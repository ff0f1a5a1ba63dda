import { Effect, Schema } from "effect"
import { attempt, many, one, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Example } from "../../schemas/examples.ts"
import { Split } from "../../schemas/splits.ts"
import { renderDocuments } from "../shared/language/rendering.ts"
import { Template } from "../shared/language/template.ts"
import { Rendering } from "../shared/params/protocol.ts"

/** Renders documents and their relations as a model's input and output. */
export const template = stage({
  name: "template",
  params: Schema.Struct({ template: Template, rendering: Rendering }),
  inputs: { documents: many(Document), splits: one(Split) },
  outputs: { examples: Example },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const splits = yield* inputs.splits.rows
    const examples = yield* attempt(() => [...renderDocuments(documents, splits, params.template, params.rendering)])
    yield* progress.count("examples", examples.length)
    return { examples }
  }),
})
