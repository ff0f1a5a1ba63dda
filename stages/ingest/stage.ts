import { Effect, Schema } from "effect"
import { attempt, files, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Warning } from "../../schemas/warnings.ts"
import { Format, readCorpus, readers } from "./formats.ts"
import { CorpusPortion } from "./portion.ts"
import { ignoredIn, Published, warningsOf } from "./warnings.ts"

/**
 * Reads one portion of a corpus from its native files into documents.
 *
 * A document in which something is wrong is an error; `lenient` leaves it out instead, with a warning.
 */
export const ingest = stage({
  name: "ingest",
  params: Schema.Struct({
    format: Format,
    ...CorpusPortion.fields,
    lenient: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    published: Published.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  }),
  inputs: { corpus: files },
  outputs: { documents: Document, warnings: Warning },
  uses: ({ format }) => ({ format: [format] }),
  run: Effect.fnUntraced(function*({ params: { format, lenient, published, ...portion }, inputs }) {
    const progress = yield* Progress
    const { read } = yield* readers.load(format)
    const { documents, problems } = yield* attempt(() => readCorpus(read, format, inputs.corpus, portion))
    const error = problems.error()
    const count = documents.length
    const stops = !lenient || problems.beyondDocuments !== undefined || count === 0
    if (error !== undefined && stops) return yield* error
    const warnings = warningsOf(portion, { documents: count, problems, files: inputs.corpus, published })
    const ignored = ignoredIn(portion, problems)
    if (ignored !== undefined) yield* progress.warn(ignored)
    for (const { text } of warnings) yield* progress.warn(text)
    yield* progress.count("documents", count)
    yield* progress.count("relations", documents.reduce((sum, { relations }) => sum + relations.length, 0))
    yield* progress.count(
      "documents without relations",
      documents.filter(({ relations }) => relations.length === 0).length,
    )
    return { documents, warnings }
  }),
})
