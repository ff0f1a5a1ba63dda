import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { excerpt, parseNatural, type Place, stem, uniqueDocuments, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed } from "./portion.ts"
import { Problems } from "./problems.ts"
import { byteOrderMark, type Line, readLines, readText, type Source } from "./source.ts"
import { checkSpans, codePointOffsets, type OffsetMap } from "./spans.ts"

/**
 * Kinds of BRAT annotation that say nothing about entities and relations: notes, attributes (M in old files),
 * normalisations, events, and sets of entities that are the same, which alone have no number.
 */
const ignored = /^(?:[#AMNE][^\s]*|\*)\t/u

const readMention = (text: string, offsets: OffsetMap, line: Line, place: Place): Mention => {
  const [id = "", typed = "", mention] = line.text.split("\t")
  if (mention === undefined) {
    throw wrong({ ...place, field: "mention" }, messages.shortEntity.message, messages.shortEntity.help)
  }
  const [, type = "", written = ""] = /^(\S+) (.*)$/u.exec(typed) ?? []
  const spans = written.split(";").map((part) => {
    const [start = "", end = ""] = part.split(" ")
    return {
      start: offsets(parseNatural(start, { ...place, field: "start" })),
      end: offsets(parseNatural(end, { ...place, field: "end" })),
    }
  })
  checkSpans(text, spans, mention, { ...place, field: "start, end" })
  return { id, type: type.toLowerCase(), text: mention, spans, concepts: [], parts: [] }
}

const readRelation = (
  line: Line,
  mentions: ReadonlyMap<string, Mention>,
  place: Place,
  portion: CorpusPortion,
): ReadonlyArray<GoldRelation> => {
  const [, type, head, tail] = /^R\S*\t(\S+) Arg1:(\S+) Arg2:(\S+)\s*$/u.exec(line.text) ?? []
  if (type === undefined || head === undefined || tail === undefined) {
    const { message, help } = messages.malformedRelation
    throw wrong({ ...place, field: "relation" }, message(excerpt(line.text)), help)
  }
  for (const [name, id] of [["Arg1", head], ["Arg2", tail]] as const) {
    if (!mentions.has(id)) {
      const { message, help } = messages.unknownEntity
      throw wrong({ ...place, field: name }, message(excerpt(id)), help)
    }
  }
  if (head === tail) {
    const { message, help } = messages.entityWithItself
    throw wrong({ ...place, field: "Arg2" }, message(excerpt(tail)), help)
  }
  // BRAT writes capitals where XML does not.
  const label = type.toLowerCase()
  const used = isUsed(portion, label, { ...place, field: "type" }, type)
  return used ? [{ label, level: "mention", arguments: [head, tail] }] : []
}

/** Reads the annotations of one text; relations may stand before the entities they name. */
const readAnnotations = (
  source: Source,
  { id, text }: Pick<Document, "id" | "text">,
  portion: CorpusPortion,
  problems: Problems,
): Pick<Document, "mentions" | "relations"> => {
  const offsets = codePointOffsets(text)
  const mentions = new Map<string, Mention>()
  const relationLines: Array<Line> = []
  const readAnnotation = (line: Line): void => {
    const place = { source, line: line.number }
    if (/^R\S*\t/u.test(line.text)) {
      relationLines.push(line)
    } else if (line.text.startsWith("T")) {
      const mention = readMention(text, offsets, line, place)
      if (mentions.has(mention.id)) {
        const { message, help } = messages.repeatedEntity
        throw wrong({ ...place, field: "id" }, message(excerpt(mention.id)), help)
      }
      mentions.set(mention.id, mention)
    } else {
      const { message, help } = messages.unknownAnnotation
      throw wrong(place, message(excerpt(line.text)), help)
    }
  }
  for (const line of readLines(source, (error) => problems.report(error, id))) {
    if (line.text.trim() !== "" && !ignored.test(line.text)) problems.attempt(id, () => readAnnotation(line))
  }
  // The entity that a relation names may be one with which something is wrong.
  const relations = problems.has(id)
    ? []
    : relationLines.flatMap((line) =>
      problems.attempt(id, () => readRelation(line, mentions, { source, line: line.number }, portion)) ?? []
    )
  return { mentions: [...mentions.values()], relations }
}

/**
 * The text of a document. BRAT counts a byte-order mark as a character like any other; a text that got its mark after it
 * was annotated does not have it counted, which the first entity shows.
 */
const textOf = (source: Source, annotation: Source): string => {
  const text = readText(source)
  if (!text.startsWith(byteOrderMark)) return text
  const offsets = codePointOffsets(text)
  for (const line of readLines(annotation)) {
    if (!line.text.startsWith("T")) continue
    const problems = new Problems()
    problems.attempt(undefined, () => readMention(text, offsets, line, { source: annotation }))
    return problems.count === 0 ? text : text.slice(1)
  }
  return text.slice(1)
}

const pathStem = (name: string): string => name.replace(/\.[^./\\]*$/u, "")

/** Reads BRAT: a `.txt` with the text and an `.ann`, often empty, with the annotations of each document. */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const check = uniqueDocuments()
  const annotations = new Map(
    sources.filter((source) => source.name.endsWith(".ann")).map((source) => [pathStem(source.name), source]),
  )
  for (const source of sources) {
    if (!source.name.endsWith(".txt")) continue
    const key = pathStem(source.name)
    const annotation = annotations.get(key)
    annotations.delete(key)
    const id = stem(source.name)
    const document = problems.attempt(id, () => {
      if (annotation === undefined) {
        const { message, help } = messages.annotationsMissing
        throw wrong({ source, field: ".ann" }, message, help(`${id}.ann`))
      }
      check(id, { source, field: "id" })
      // Nothing of the text is changed, carriage returns included, because the offsets count every character.
      const text = textOf(source, annotation)
      return { id, text, ...readAnnotations(annotation, { id, text }, portion, problems) }
    })
    if (document !== undefined && !problems.has(id)) {
      yield { corpus: portion.corpus, portion: portion.portion, ...document }
    }
  }
  for (const [, source] of annotations) {
    const { message, help } = messages.textMissing
    const id = stem(source.name)
    problems.report(wrong({ source, field: ".txt" }, message, help(`${id}.txt`)), id)
  }
}
