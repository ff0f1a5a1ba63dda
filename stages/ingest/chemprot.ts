import { InputError } from "redag"
import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import { baseName, excerpt, parseNatural, type Place, uniqueDocuments, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import { type CorpusPortion, isUsed } from "./portion.ts"
import type { Problems } from "./problems.ts"
import { readLines, type Source } from "./source.ts"
import { checkSpans, codePointOffsets } from "./spans.ts"

/** A line of a tab-separated file that names a document. */
interface Row {
  readonly fields: ReadonlyArray<string>
  readonly place: Place & { readonly line: number }
}

/** Reads a tab-separated file whose lines must have the named fields; `seen` gets the documents that any line names. */
function* rows(
  source: Source,
  names: ReadonlyArray<string>,
  problems: Problems,
  seen = new Set<string>(),
): Generator<Row> {
  const broken = (error: InputError, text: string): void => {
    const document = text.includes("\t") ? text.split("\t", 1)[0] : undefined
    if (document !== undefined) seen.add(document)
    problems.report(error, document)
  }
  for (const { number, text } of readLines(source, broken)) {
    if (text.trim() === "") continue
    const fields = text.split("\t")
    const [id = ""] = fields
    if (fields.length > 1) seen.add(id)
    // Editors and spreadsheets leave blank fields at the end.
    while (fields.length > names.length && fields.at(-1)?.trim() === "") fields.pop()
    if (fields.length !== names.length) {
      const { message, help } = messages.fieldCount
      const field = names[fields.length] ?? names.at(-1) ?? ""
      // A line without any tab names no document.
      const document = fields.length > 1 ? id : undefined
      problems.report(wrong({ source, line: number, field }, message(names, fields.length), help), document)
    } else {
      yield { fields, place: { source, line: number } }
    }
  }
}

/** The columns of a file: of several lists the one with as many as its first line has, or else the first list. */
const columnsOf = (source: Source, lists: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  for (const { text } of readLines(source, () => undefined)) {
    const found = lists.find(({ length }) => length === text.split("\t").length)
    if (text.trim() !== "") return found ?? lists[0] ?? []
  }
  return lists[0] ?? []
}

/** The rows of each document, by its id. */
const byDocument = (source: Source, names: ReadonlyArray<string>, problems: Problems): Map<string, Array<Row>> => {
  const documents = new Map<string, Array<Row>>()
  for (const row of rows(source, names, problems)) {
    const id = row.fields[0] ?? ""
    const known = documents.get(id)
    if (known === undefined) documents.set(id, [row])
    else known.push(row)
  }
  return documents
}

/** Picks the file with a role by the role's name in the file's name, as all three published portions are named. */
const withRole = (sources: ReadonlyArray<Source>, role: string): Source | undefined => {
  const [first, second] = sources.filter((source) => baseName(source.name).includes(role))
  if (first !== undefined && second !== undefined) {
    throw wrong({ source: second }, messages.twoFilesOfRole.message(role, first.name), messages.twoFilesOfRole.help)
  }
  return first
}

const required = (source: Source | undefined, sources: ReadonlyArray<Source>, role: string): Source => {
  if (source !== undefined) return source
  const { message, help } = messages.roleMissing
  throw new InputError({ message: message(role), help, file: sources[0]?.name ?? role, field: role })
}

const readMentions = (
  { id: document, text }: Pick<Document, "id" | "text">,
  entityRows: ReadonlyArray<Row>,
  problems: Problems,
): Map<string, Mention> => {
  const offsets = codePointOffsets(text)
  const mentions = new Map<string, Mention>()
  const readMention = ({ fields, place }: Row): void => {
    const [, id = "", type = "", start = "", end = "", mention = ""] = fields
    if (mentions.has(id)) {
      throw wrong({ ...place, field: "id" }, messages.repeatedEntity.message(excerpt(id)), messages.repeatedEntity.help)
    }
    const spans = [{
      start: offsets(parseNatural(start, { ...place, field: "start" })),
      end: offsets(parseNatural(end, { ...place, field: "end" })),
    }]
    checkSpans(text, spans, mention, { ...place, field: "start, end" })
    mentions.set(id, { id, type, text: mention, spans, concepts: [], parts: [] })
  }
  for (const row of entityRows) problems.attempt(document, () => readMention(row))
  return mentions
}

/** The mentions of a document, and whether something is wrong with others, so that a relation may name one of these. */
interface Mentions {
  readonly mentions: ReadonlyMap<string, Mention>
  readonly lost: boolean
}

/** The mention that "Arg1:T7" names; undefined where it may be one that is lost. */
const argument = (field: string, name: string, { mentions, lost }: Mentions, place: Place): Mention | undefined => {
  const value = field.trim()
  const id = value.startsWith(`${name}:`) ? value.slice(name.length + 1) : undefined
  if (id === undefined) {
    const { message, help } = messages.malformedArgument
    throw wrong({ ...place, field: name }, message(excerpt(value), name), help)
  }
  const mention = mentions.get(id)
  if (mention === undefined && !lost) {
    const { message, help } = messages.unknownEntity
    throw wrong({ ...place, field: name }, message(excerpt(id)), help)
  }
  return mention
}

const readRelations = (
  document: string,
  relationRows: ReadonlyArray<Row>,
  mentions: Mentions,
  portion: CorpusPortion,
  problems: Problems,
): ReadonlyArray<GoldRelation> => {
  const distinct = new Map<string, GoldRelation>()
  const readRelation = ({ fields, place }: Row): void => {
    const label = (fields[1] ?? "").trim()
    const used = isUsed(portion, label, { ...place, field: "group" })
    const chemical = argument(fields.at(-2) ?? "", "Arg1", mentions, place)
    const protein = argument(fields.at(-1) ?? "", "Arg2", mentions, place)
    if (chemical === undefined || protein === undefined) return
    if (chemical.type !== "CHEMICAL" || protein.type === "CHEMICAL") {
      const { message, help } = messages.wrongArguments
      const field = chemical.type === "CHEMICAL" ? "Arg2" : "Arg1"
      throw wrong({ ...place, field }, message(excerpt(chemical.type), excerpt(protein.type)), help)
    }
    // One pair may stand in two groups, which are two relations, and in one group under two finer types, which are one.
    const relation: GoldRelation = { label, level: "mention", arguments: [chemical.id, protein.id] }
    if (used) distinct.set(`${label} ${chemical.id} ${protein.id}`, relation)
  }
  for (const row of relationRows) problems.attempt(document, () => readRelation(row))
  return [...distinct.values()]
}

const checkAllUsed = (
  left: ReadonlyMap<string, ReadonlyArray<Row>>,
  abstracts: Source,
  problems: Problems,
): void => {
  for (const [id, [first]] of left) {
    if (first !== undefined && !problems.has(id)) {
      const { message, help } = messages.otherPortion
      problems.report(wrong({ ...first.place, field: "document" }, message(excerpt(id), abstracts.name), help), id)
    }
  }
}

/** The columns of the gold standard. DrugProt's relations have the same, those of ChemProt two more. */
const goldColumns = ["document", "group", "Arg1", "Arg2"]
const relationColumns = ["document", "group", "evaluated", "type", "Arg1", "Arg2"]

/**
 * Reads one portion of ChemProt or DrugProt: abstracts, entities, and gold_standard or else relations. The files of
 * DrugProt's abstracts are misspelt.
 */
export function* read(sources: ReadonlyArray<Source>, portion: CorpusPortion, problems: Problems): Generator<Document> {
  const abstracts = required(withRole(sources, "abstracts") ?? withRole(sources, "abstracs"), sources, "abstracts")
  const entityFile = required(withRole(sources, "entities"), sources, "entities")
  const gold = withRole(sources, "gold_standard")
  const entities = byDocument(entityFile, ["document", "id", "type", "start", "end", "mention"], problems)
  /** The documents that have entities which cannot be read. */
  const lacking = new Set(problems.documents)
  const relationFile = gold ?? required(withRole(sources, "relations"), sources, "gold_standard")
  const columns = gold === undefined ? columnsOf(relationFile, [relationColumns, goldColumns]) : goldColumns
  const relations = byDocument(relationFile, columns, problems)
  const check = uniqueDocuments()
  const seen = new Set<string>()
  for (const { fields, place } of rows(abstracts, ["document", "title", "abstract"], problems, seen)) {
    const [id = "", title = "", abstract = ""] = fields
    problems.attempt(id, () => check(id, { ...place, field: "document" }))
    const text = `${title} ${abstract}`
    const mentions = readMentions({ id, text }, entities.get(id) ?? [], problems)
    const known = { mentions, lost: lacking.has(id) || mentions.size < (entities.get(id)?.length ?? 0) }
    const own = readRelations(id, relations.get(id) ?? [], known, portion, problems)
    if (!problems.has(id)) {
      yield {
        corpus: portion.corpus,
        portion: portion.portion,
        id,
        text,
        mentions: [...mentions.values()],
        relations: own,
      }
    }
    entities.delete(id)
    relations.delete(id)
  }
  checkAllUsed(entities, abstracts, problems)
  checkAllUsed(relations, abstracts, problems)
  problems.thereAre(seen)
}
