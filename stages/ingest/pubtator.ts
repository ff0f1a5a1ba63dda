import type { InputError } from "redag"
import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { excerpt, parseNatural, type Place, uniqueDocuments, wrong } from "./checks.ts"
import { argumentField, conceptsOf, documentText, partsOf, resolveRelations } from "./concepts.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed, labelWith } from "./portion.ts"
import type { Problems } from "./problems.ts"
import { type Line, readLines, type Source } from "./source.ts"
import { checkSpans, codePointOffsets, type OffsetMap } from "./spans.ts"

/** A document while its lines are being read. */
interface Draft {
  readonly id: string
  readonly title: string
  readonly titleLine: number
  text?: string
  offsets: OffsetMap
  readonly mentions: Array<Mention>
  readonly relations: Array<{ readonly relation: GoldRelation; readonly place: Place }>
  /** Whether a line is lost that may have been an annotation, whose concept a relation may name. */
  lost: boolean
}

/** A text may hold what other programs take for a line break: U+2028, U+2029, a CR by itself. */
const textLine = /^([^|\t]+)\|([ta])\|(.*)$/su

const readMention = (
  draft: Draft,
  text: string,
  fields: ReadonlyArray<string>,
  place: Place,
  portion: CorpusPortion,
): Mention => {
  const names = ["id", "start", "end", "mention", "type", "concept"]
  const [, start, end, mention, type, concept, partNames = ""] = fields
  if (
    start === undefined || end === undefined || mention === undefined || type === undefined || concept === undefined
  ) {
    const { message, help } = messages.shortAnnotation
    throw wrong({ ...place, field: names[fields.length] ?? "concept" }, message(names.length, fields.length), help)
  }
  const spans = [{
    start: draft.offsets(parseNatural(start, { ...place, field: "start" })),
    end: draft.offsets(parseNatural(end, { ...place, field: "end" })),
  }]
  checkSpans(text, spans, mention, { ...place, field: "start, end" })
  if (type === "") {
    throw wrong({ ...place, field: "type" }, messages.entityTypeEmpty.message, messages.entityTypeEmpty.help)
  }
  return {
    id: `T${draft.mentions.length + 1}`,
    type,
    text: mention,
    spans,
    concepts: conceptsOf(concept, portion),
    parts: partsOf(concept, partNames, portion),
  }
}

const readRelation = (
  fields: ReadonlyArray<string>,
  place: Place,
  portion: CorpusPortion,
): ReadonlyArray<GoldRelation> => {
  const [, name = "", head = "", tail = "", more = ""] = fields
  const { qualifier } = portion
  const missing = head === ""
    ? argumentField(portion, 0)
    : tail === ""
    ? argumentField(portion, 1)
    : more === ""
    ? qualifier
    : undefined
  const label = labelWith(portion, name, more)
  // Of a label that lacks its qualifier nobody can say whether it is one.
  const used = missing !== undefined && qualifier !== undefined || isUsed(portion, label, { ...place, field: "label" })
  if (missing !== undefined) {
    const { message, help } = messages.shortRelation
    const found = fields.filter((field) => field !== "").length
    throw wrong({ ...place, field: missing }, message(qualifier === undefined ? 4 : 5, found), help)
  }
  return used ? [{ label, level: "concept", arguments: [head, tail] }] : []
}

const finish = (
  draft: Draft,
  source: Source,
  portion: CorpusPortion,
  problems: Problems,
): ReadonlyArray<Document> => {
  if (draft.text === undefined) {
    // Its abstract may be what is wrong.
    if (problems.has(draft.id)) return []
    const { message, help } = messages.abstractMissing
    const id = excerpt(draft.id)
    throw wrong({ source, line: draft.titleLine, field: "abstract" }, message(id), help(id))
  }
  const { id, text, mentions } = draft
  const relations = draft.lost ? [] : resolveRelations(id, mentions, draft.relations, portion, problems)
  if (problems.has(id)) return []
  return [{ corpus: portion.corpus, portion: portion.portion, id, text, mentions, relations }]
}

/** Takes an annotation or relation line into the document it belongs to. */
const readAnnotation = (
  draft: Draft | undefined,
  fields: ReadonlyArray<string>,
  place: Place,
  portion: CorpusPortion,
): void => {
  const [id = "", second = ""] = fields
  if (draft === undefined || draft.id !== id) {
    throw wrong({ ...place, field: "id" }, messages.strayLine.message(excerpt(id)), messages.strayLine.help)
  }
  if (draft.text === undefined) {
    const { message, help } = messages.earlyAnnotation
    throw wrong({ ...place, field: "abstract" }, message(excerpt(id)), help(excerpt(id)))
  }
  // The second field is an offset in an annotation and a label in a relation.
  if (/^-?\d/u.test(second)) {
    const before = draft.lost
    draft.lost = true
    draft.mentions.push(readMention(draft, draft.text, fields, place, portion))
    draft.lost = before
  } else {for (const relation of readRelation(fields.map((field) => field.trim()), place, portion)) {
      draft.relations.push({ relation, place })
    }}
}

/** Notes what is wrong with a line that is no text; what follows from something else in its document is not. */
const readLine = (
  draft: Draft | undefined,
  line: Line,
  place: Place,
  portion: CorpusPortion,
  problems: Problems,
): void => {
  // An annotation of nothing in the vocabulary may end in a tab and an empty id.
  const fields = line.text.split("\t")
  const [id = ""] = fields
  if (fields.length < 2) {
    const { message, help } = messages.unknownLine
    const error = wrong(place, message(excerpt(line.text)), help)
    // What programs write as a comment is no piece of a document.
    if (line.text.startsWith("#")) return problems.reportStray(error)
    problems.report(error, draft?.id)
    if (draft !== undefined) draft.lost = true
  } else if (draft?.text !== undefined && draft.id === id || !problems.has(id)) {
    problems.attempt(id, () => readAnnotation(draft, fields, place, portion))
  }
}

/** Reads PubTator: `id|t|title`, `id|a|abstract`, then annotations and relations between tabs. */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const finished = (draft: Draft | undefined, source: Source): ReadonlyArray<Document> => {
    if (draft === undefined) return []
    return problems.attempt(draft.id, () => finish(draft, source, portion, problems)) ?? []
  }
  const check = uniqueDocuments()
  /** The documents of which any text is there. */
  const seen = new Set<string>()
  for (const source of sources) {
    let draft: Draft | undefined
    const broken = (error: InputError, text: string): void => {
      const [, id, separator] = /^([^|\t]+)([|\t])/u.exec(text) ?? []
      if (id !== undefined && separator === "|") seen.add(id)
      problems.report(error, id ?? draft?.id)
      if (draft !== undefined) draft.lost = true
    }
    for (const line of readLines(source, broken)) {
      if (line.text.trim() === "") continue
      const place = { source, line: line.number }
      const [, id, part, text = ""] = textLine.exec(line.text) ?? []
      if (id !== undefined) seen.add(id)
      if (id === undefined) {
        readLine(draft, line, place, portion, problems)
      } else if (part === "t") {
        yield* finished(draft, source)
        problems.attempt(id, () => check(id, { ...place, field: "id" }))
        draft = {
          id,
          title: text,
          titleLine: line.number,
          offsets: (at) => at,
          mentions: [],
          relations: [],
          lost: false,
        }
      } else if (draft === undefined || draft.id !== id || draft.text !== undefined) {
        // Its title may be what is wrong.
        const { message, help } = messages.strayAbstract
        const error = wrong({ ...place, field: "abstract" }, message(excerpt(id)), help(excerpt(id)))
        if (!problems.has(id)) problems.report(error, id)
      } else {
        draft.text = documentText(draft.title, text)
        draft.offsets = codePointOffsets(draft.text)
      }
    }
    yield* finished(draft, source)
  }
  problems.thereAre(seen)
}
