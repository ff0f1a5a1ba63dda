import type { Document, GoldRelation, Mention, Portion } from "../../schemas/documents.ts"
import { parseNatural, type Place, quote, stem, uniqueDocuments, wrong } from "./checks.ts"
import { ddiLabel } from "./ddi.ts"
import { type Line, readLines, readText, type Source } from "./source.ts"
import { checkSpans, codePointOffsets, type OffsetMap } from "./spans.ts"

/** Kinds of BRAT annotation that say nothing about entities and relations: notes, attributes, normalisations. */
const ignored = /^[#AMN]/u

const readMention = (text: string, offsets: OffsetMap, line: Line, place: Place): Mention => {
  const [id = "", typed = "", mention] = line.text.split("\t")
  if (mention === undefined) {
    throw wrong(
      { ...place, field: "mention" },
      "an entity has an id, a type with offsets, and its text between tabs; this line has fewer fields",
      "restore the line from the published file; it seems to have been cut",
    )
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
  return { id, type: type.toLowerCase(), text: mention, spans, concepts: [] }
}

const readRelation = (line: Line, mentions: ReadonlyMap<string, Mention>, place: Place): GoldRelation => {
  const [, type, head, tail] = /^R\S*\t(\S+) Arg1:(\S+) Arg2:(\S+)\s*$/u.exec(line.text) ?? []
  if (type === undefined || head === undefined || tail === undefined) {
    throw wrong(
      { ...place, field: "relation" },
      `${quote(line.text)} is not of the form R1, tab, TYPE Arg1:T1 Arg2:T2`,
      "restore the line from the published file; it seems to have been cut",
    )
  }
  for (const [name, id] of [["Arg1", head], ["Arg2", tail]] as const) {
    if (!mentions.has(id)) {
      throw wrong(
        { ...place, field: name },
        `the document has no entity ${quote(id)}`,
        "correct the id, or annotate the entity",
      )
    }
  }
  return { label: ddiLabel(type, { ...place, field: "type" }), level: "mention", arguments: [head, tail] }
}

/** Reads the annotations of one text; relations may stand before the entities they name. */
const readAnnotations = (source: Source, text: string): Pick<Document, "mentions" | "relations"> => {
  const offsets = codePointOffsets(text)
  const mentions = new Map<string, Mention>()
  const relationLines: Array<Line> = []
  for (const line of readLines(source)) {
    const place = { source, line: line.number }
    if (line.text.trim() === "" || ignored.test(line.text)) continue
    if (line.text.startsWith("R")) {
      relationLines.push(line)
    } else if (line.text.startsWith("T")) {
      const mention = readMention(text, offsets, line, place)
      if (mentions.has(mention.id)) {
        throw wrong({ ...place, field: "id" }, `entity ${quote(mention.id)} is given twice`, "give each its own id")
      }
      mentions.set(mention.id, mention)
    } else {
      throw wrong(place, `${quote(line.text)} is no entity (T) and no relation (R)`, "remove or correct the line")
    }
  }
  const relations = relationLines.map((line) => readRelation(line, mentions, { source, line: line.number }))
  return { mentions: [...mentions.values()], relations }
}

const pathStem = (name: string): string => name.replace(/\.[^./\\]*$/u, "")

/** Reads DDI in BRAT form: a `.txt` with the text and an `.ann`, often empty, with the annotations of each document. */
export function* readBrat(sources: ReadonlyArray<Source>, portion: Portion): Generator<Document> {
  const check = uniqueDocuments()
  const annotations = new Map(
    sources.filter((source) => source.name.endsWith(".ann")).map((source) => [pathStem(source.name), source]),
  )
  for (const source of sources) {
    if (!source.name.endsWith(".txt")) continue
    const key = pathStem(source.name)
    const annotation = annotations.get(key)
    if (annotation === undefined) {
      throw wrong(
        { source, field: ".ann" },
        "the text has no file of annotations beside it",
        `add ${quote(`${stem(source.name)}.ann`)}, empty if the document has no annotations`,
      )
    }
    annotations.delete(key)
    const id = stem(source.name)
    check(id, { source })
    // The text is kept to the letter, carriage returns included, because the offsets count them.
    const text = readText(source)
    yield { corpus: "ddi", portion, id, text, ...readAnnotations(annotation, text) }
  }
  for (const [, source] of annotations) {
    throw wrong(
      { source, field: ".txt" },
      "the annotations have no text beside them",
      `add ${quote(`${stem(source.name)}.txt`)}, or remove the file`,
    )
  }
}
