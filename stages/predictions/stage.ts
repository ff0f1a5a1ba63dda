import { Effect, Schema } from "effect"
import { attempt, files, InputError, many, Progress, stage } from "redag"
import { Document } from "../../schemas/documents.ts"
import { Example } from "../../schemas/examples.ts"
import { HandedIn } from "../../schemas/handed-in.ts"
import { Extraction as ExtractionRow } from "../../schemas/relations.ts"
import { Extraction, InvertedTemplate, Template } from "../shared/language/template.ts"
import { Reading, Rendering } from "../shared/params/protocol.ts"
import { FormName, forms } from "./forms.ts"
import { read as readJsonLines } from "./forms/json-lines.ts"
import { readSubmission } from "./handed-in.ts"
import { linesOf } from "./lines.ts"
import * as messages from "./messages.ts"
import { withoutMistake } from "./perfect.ts"
import { Problems } from "./problems.ts"

/** How many documents a warning names. */
const named = 20

/** Predictions in a file that somebody handed in. */
const OfFile = Schema.Struct({
  of: Schema.Literal("file"),
  corpus: Schema.String,
  /** The form that the corpus's official program reads; null where it has none. */
  form: Schema.NullOr(FormName),
  template: Schema.Struct({
    clause: Template.fields.clause,
    labels: Template.fields.labels,
    merge: Template.fields.merge,
    list: Template.fields.list,
    separator: Template.fields.separator,
    end: Template.fields.end,
    none: Template.fields.none,
  }),
  extraction: Extraction,
  reading: Reading,
  rendering: Rendering,
})

/** Predictions without a mistake, as texts or as lists of relations: what they score is the most that any can. */
const OfAnswers = Schema.Struct({
  of: Schema.Literal("answers"),
  as: Schema.Literals(["texts", "relations"]),
  template: InvertedTemplate,
  extraction: Extraction,
  reading: Reading,
})

/**
 * Reads predictions for the test documents of a corpus: those of a file, as texts, relations, or an official program's
 * form; or those that make no mistake.
 */
export const predictions = stage({
  name: "predictions",
  params: Schema.Union([OfFile, OfAnswers]),
  /** Either the file and the documents, or the examples that have the answers. */
  inputs: { file: files, documents: many(Document), examples: many(Example) },
  outputs: { relations: ExtractionRow, handedIn: HandedIn },
  uses: (params) => ({ form: params.of === "answers" || params.form === null ? [] : [params.form] }),
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const progress = yield* Progress
    const { extractor } = yield* Effect.promise(() => import("../shared/language/extraction.ts"))
    if (params.of === "answers") {
      const examples = (yield* Effect.forEach(inputs.examples, ({ rows }) => rows)).flat()
      return { relations: withoutMistake(examples, params.as, extractor(params)), handedIn: [] }
    }
    const { corpus, form, template, rendering, extraction, reading } = params
    const documents = (yield* Effect.forEach(inputs.documents, ({ rows }) => rows)).flat()
    const [file] = inputs.file
    if (file === undefined) return yield* new InputError({ ...messages.empty, field: "file" })
    const problems = new Problems(file.name)
    const lines = yield* attempt(() => linesOf(file, problems))
    const [first] = lines
    if (first === undefined && lines.length === 0) {
      yield* attempt(() => problems.check())
      return yield* new InputError({ ...messages.empty, file: file.name })
    }
    if (first?.text.trimStart().startsWith("[") === true) {
      return yield* new InputError({ ...messages.array, file: file.name, line: first.number })
    }
    const isJson = first?.text.trimStart().startsWith("{") === true
    const isOwn = form !== null && (!isJson || (form === "combinations" && first.text.includes("\"doc_id\"")))
    if (!isJson && !isOwn) {
      return yield* new InputError({ ...messages.noForm, file: file.name, line: first?.number ?? 1 })
    }
    const read = isOwn ? (yield* forms.load(form)).read : readJsonLines
    const found = yield* attempt(() => {
      const submission = read(lines, problems)
      const made = readSubmission(submission, {
        documents,
        template,
        rendering,
        extract: extractor({ template, extraction, reading }),
      }, problems)
      problems.check()
      if (submission.documents.size > 0 && made.unknown.length === submission.documents.size) {
        const { message, help } = messages.noneKnown
        throw new InputError({
          message: message(made.unknown.length, corpus, made.unknown.slice(0, 3)),
          help,
          file: file.name,
        })
      }
      return made
    })
    const { relations, handedIn, missing, unknown, repeated } = found
    if (missing.length > 0) {
      yield* progress.warn(messages.missing(file.name, missing.slice(0, named), missing.length, documents.length))
    }
    if (unknown.length > 0) yield* progress.warn(messages.unknown(file.name, unknown.slice(0, named), unknown.length))
    if (repeated > 0) yield* progress.warn(messages.repeated(file.name, repeated))
    yield* progress.count("documents", documents.length - missing.length)
    yield* progress.count("missing", missing.length)
    yield* progress.count("unknown", unknown.length)
    yield* progress.count("relations", relations.reduce((sum, row) => sum + row.relations.length, 0))
    yield* progress.count("malformed", relations.reduce((sum, row) => sum + row.malformed.length, 0))
    return { relations, handedIn }
  }),
})
