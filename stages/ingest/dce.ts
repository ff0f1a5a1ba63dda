import { Result, Schema } from "effect"
import { checker, type InputError } from "redag"
import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { decoder, fieldError } from "../shared/fields.ts"
import { excerpt, type Place, uniqueDocuments, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed } from "./portion.ts"
import type { Problems } from "./problems.ts"
import { type Line, readLines, type Source } from "./source.ts"
import { checkSpans, codePointOffsets, covered, type OffsetMap, type Span } from "./spans.ts"

const DceSpan = Schema.Struct({
  span_id: Schema.Natural,
  text: Schema.String,
  start: Schema.Natural,
  end: Schema.Natural,
})

const DceRelation = Schema.Struct({
  class: Schema.String,
  spans: Schema.Array(Schema.Natural).check(Schema.isMinLength(2)),
})

/** One line of the corpus; the paragraph that each line also has is not used in the experiment. */
const DceDocument = Schema.Struct({
  doc_id: Schema.Union([Schema.String, Schema.Natural]),
  sentence: Schema.String,
  // Each is checked by itself, so that one that is wrong hides no other.
  spans: Schema.Array(Schema.Unknown),
  rels: Schema.Array(Schema.Unknown),
})

const decode = decoder(DceDocument)

/** Checks a part of a line, whose path in it is given. */
const partDecoder = <S extends Schema.ConstraintDecoder<unknown>>(schema: S) => {
  const check = checker(schema, { excess: "ignore" })
  return (value: unknown, path: ReadonlyArray<PropertyKey>, place: Place): S["Type"] => {
    const checked = check(value)
    if (Result.isSuccess(checked)) return checked.success
    const file = { file: place.source.name, help: messages.dceLine.help, lineOf: () => place.line }
    throw fieldError(file, [...path, ...checked.failure.path], checked.failure.message)
  }
}

const decodeSpan = partDecoder(DceSpan)
const decodeRelation = partDecoder(DceRelation)

const parse = (line: Line, place: Place): typeof DceDocument.Type => {
  let value: unknown
  try {
    value = JSON.parse(line.text)
  } catch (cause) {
    // The engine counts lines from the start of this one, which would mislead.
    const reason = (cause as Error).message.replace(/ \(line .*\)$/u, "")
    throw wrong(place, messages.lineNotJson.message(reason), messages.lineNotJson.help)
  }
  return decode(value, { file: place.source.name, help: messages.dceLine.help, lineOf: () => line.number })
}

/**
 * Where a mention is: at its offsets, or else at the nearest place that has its text.
 *
 * Four spans of one published training sentence, in no relation, have a text that starts up to four characters before
 * their offsets; there the text counts.
 */
const locate = (sentence: string, offsets: OffsetMap, span: typeof DceSpan.Type): Span => {
  const given = { start: offsets(span.start), end: offsets(span.end) }
  if (span.text === "" || covered(sentence, [given]) === span.text) return given
  const before = sentence.lastIndexOf(span.text, given.start)
  const after = sentence.indexOf(span.text, given.start)
  if (before === -1 && after === -1) return given
  const isBefore = after === -1 || (before !== -1 && given.start - before <= after - given.start)
  const start = isBefore ? before : after
  return { start, end: start + span.text.length }
}

const readMentions = (
  document: typeof DceDocument.Type,
  place: Place,
  problems: Problems,
): ReadonlyMap<number, Mention> => {
  const offsets = codePointOffsets(document.sentence)
  const mentions = new Map<number, Mention>()
  const readSpan = (written: unknown, index: number): void => {
    const span = decodeSpan(written, ["spans", index], place)
    const field = `spans[${index}]`
    if (mentions.has(span.span_id)) {
      const { message, help } = messages.repeatedSpan
      throw wrong({ ...place, field: `${field}.span_id` }, message(span.span_id), help)
    }
    const spans = [locate(document.sentence, offsets, span)]
    checkSpans(document.sentence, spans, span.text, { ...place, field })
    mentions.set(span.span_id, {
      id: String(span.span_id),
      type: "drug",
      text: span.text,
      spans,
      concepts: [],
      parts: [],
    })
  }
  for (const [index, span] of document.spans.entries()) {
    problems.attempt(String(document.doc_id), () => readSpan(span, index))
  }
  return mentions
}

const readRelation = (
  relation: typeof DceRelation.Type,
  { mentions, lost }: { readonly mentions: ReadonlyMap<number, Mention>; readonly lost: boolean },
  id: string,
  place: Place & { readonly field: string },
  portion: CorpusPortion,
): ReadonlyArray<GoldRelation> => {
  const named = new Set<number>()
  const ids = relation.spans.flatMap((span, index) => {
    if (named.size === named.add(span).size) {
      const { message, help } = messages.spanTwice
      throw wrong({ ...place, field: `${place.field}.spans[${index}]` }, message(span), help)
    }
    const mention = mentions.get(span)
    if (mention === undefined) {
      // It may be one with which something is wrong.
      if (lost) return []
      const { message, help } = messages.unknownSpan
      throw wrong({ ...place, field: `${place.field}.spans` }, message(span, excerpt(id)), help)
    }
    return [mention.id]
  })
  const used = isUsed(portion, relation.class, { ...place, field: `${place.field}.class` })
  return used ? [{ label: relation.class, level: "mention", arguments: ids }] : []
}

/** Reads DCE in JSON Lines form, one sentence a line. */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const check = uniqueDocuments()
  for (const source of sources) {
    // As of any line that cannot be read, its place is its name.
    const broken = (error: InputError): void => problems.report(error, `${source.name}:${error.line ?? 0}`)
    for (const line of readLines(source, broken)) {
      if (line.text.trim() === "") continue
      const place = { source, line: line.number }
      // A line that cannot be read has no id; its place is its name.
      const document = problems.attempt(`${source.name}:${line.number}`, () => parse(line, place))
      if (document === undefined) continue
      const id = String(document.doc_id)
      problems.attempt(id, () => check(id, { ...place, field: "doc_id" }))
      const mentions = readMentions(document, place, problems)
      const spans = { mentions, lost: mentions.size < document.spans.length }
      const relations = document.rels.flatMap((written, index) =>
        problems.attempt(id, () => {
          const relation = decodeRelation(written, ["rels", index], place)
          return readRelation(relation, spans, id, { ...place, field: `rels[${index}]` }, portion)
        }) ?? []
      )
      if (problems.has(id)) continue
      yield {
        corpus: portion.corpus,
        portion: portion.portion,
        id,
        text: document.sentence,
        mentions: [...mentions.values()],
        relations,
      }
    }
  }
}
