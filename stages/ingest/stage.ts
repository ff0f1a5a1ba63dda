import { Effect, Schema } from "effect"
import { attempt, files, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Warning } from "../../schemas/warnings.ts"
import { Format, readCorpus, readers } from "./formats.ts"
import { CorpusPortion } from "./portion.ts"

/** Reads one portion of a corpus from its native files into documents. */
export const ingest = stage({
  name: "ingest",
  params: Schema.Struct({ format: Format, ...CorpusPortion.fields }),
  inputs: { corpus: files },
  outputs: { documents: Document, warnings: Warning },
  uses: ({ format }) => ({ format: [format] }),
  run: Effect.fnUntraced(function*({ params: { format, ...portion }, inputs }) {
    const progress = yield* Progress
    const { read } = yield* readers.load(format)
    const { documents, problems } = yield* attempt(() => readCorpus(read, format, inputs.corpus, portion))
    const error = problems.error()
    if (error !== undefined) return yield* error
    yield* progress.count("documents", documents.length)
    yield* progress.count("relations", documents.reduce((sum, { relations }) => sum + relations.length, 0))
    yield* progress.count(
      "documents without relations",
      documents.filter(({ relations }) => relations.length === 0).length,
    )
    return { documents, warnings: [] }
  }),
})
