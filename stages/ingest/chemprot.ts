import { InputError } from "redag"
import type { Document, GoldRelation, Mention, Portion } from "../../schemas/documents.ts"
import { baseName, parseNatural, type Place, quote, uniqueDocuments, wrong } from "./checks.ts"
import { readLines, type Source } from "./source.ts"
import { checkSpans, codePointOffsets } from "./spans.ts"

/** The five relation groups that the task evaluates; the others are annotated but are no gold relations. */
const evaluated = new Set(["CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"])
const groups = new Set(Array.from({ length: 11 }, (_, group) => `CPR:${group}`))

/** A line of a tab-separated file that names a document, kept until the document's abstract is read. */
interface Row {
  readonly fields: ReadonlyArray<string>
  readonly place: Place & { readonly line: number }
}

/** Reads a tab-separated file whose lines must have the named fields. */
function* rows(source: Source, names: ReadonlyArray<string>): Generator<Row> {
  for (const { number, text } of readLines(source)) {
    if (text.trim() === "") continue
    const fields = text.split("\t")
    // Editors and spreadsheets leave blank fields at the end.
    while (fields.length > names.length && fields.at(-1)?.trim() === "") fields.pop()
    if (fields.length !== names.length) {
      throw wrong(
        { source, line: number, field: names[fields.length] ?? names.at(-1) ?? "" },
        `a line has ${names.length} fields between tabs (${names.join(", ")}), this one has ${fields.length}`,
        "restore the line from the published file; it seems to have been cut or changed",
      )
    }
    yield { fields, place: { source, line: number } }
  }
}

/** The rows of each document, by its id. */
const byDocument = (source: Source, names: ReadonlyArray<string>): Map<string, Array<Row>> => {
  const documents = new Map<string, Array<Row>>()
  for (const row of rows(source, names)) {
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
    throw wrong(
      { source: second },
      `two files have "${role}" in their names; the other is ${first.name}`,
      "read the portions of ChemProt one at a time",
    )
  }
  return first
}

const required = (source: Source | undefined, sources: ReadonlyArray<Source>, role: string): Source => {
  if (source !== undefined) return source
  throw new InputError({
    message: `no file of the ChemProt corpus here has "${role}" in its name`,
    help: "give the abstracts, the entities and the gold_standard (or relations) file of one portion",
    file: sources[0]?.name ?? role,
    field: role,
  })
}

const readMentions = (text: string, entityRows: ReadonlyArray<Row>): Map<string, Mention> => {
  const offsets = codePointOffsets(text)
  const mentions = new Map<string, Mention>()
  for (const { fields, place } of entityRows) {
    const [, id = "", type = "", start = "", end = "", mention = ""] = fields
    if (mentions.has(id)) {
      throw wrong({ ...place, field: "id" }, `entity ${quote(id)} is given twice`, "keep one of the two lines")
    }
    const spans = [{
      start: offsets(parseNatural(start, { ...place, field: "start" })),
      end: offsets(parseNatural(end, { ...place, field: "end" })),
    }]
    checkSpans(text, spans, mention, { ...place, field: "start, end" })
    mentions.set(id, { id, type, text: mention, spans, concepts: [] })
  }
  return mentions
}

/** The mention that "Arg1:T7" names. */
const argument = (field: string, name: string, mentions: ReadonlyMap<string, Mention>, place: Place): Mention => {
  const value = field.trim()
  const id = value.startsWith(`${name}:`) ? value.slice(name.length + 1) : undefined
  const mention = id === undefined ? undefined : mentions.get(id)
  if (mention === undefined) {
    throw wrong(
      { ...place, field: name },
      id === undefined ? `${quote(value)} is not of the form ${name}:T1` : `the document has no entity ${quote(id)}`,
      id === undefined ? "restore the line from the published file" : "correct the id, or annotate the entity",
    )
  }
  return mention
}

const readRelations = (
  relationRows: ReadonlyArray<Row>,
  mentions: ReadonlyMap<string, Mention>,
): ReadonlyArray<GoldRelation> => {
  const distinct = new Map<string, GoldRelation>()
  for (const { fields, place } of relationRows) {
    const label = (fields[1] ?? "").trim()
    if (!groups.has(label)) {
      throw wrong(
        { ...place, field: "group" },
        `unknown relation group ${quote(label)}`,
        "the groups are CPR:0 to CPR:10",
      )
    }
    const chemical = argument(fields.at(-2) ?? "", "Arg1", mentions, place)
    const protein = argument(fields.at(-1) ?? "", "Arg2", mentions, place)
    if (chemical.type !== "CHEMICAL" || protein.type === "CHEMICAL") {
      throw wrong(
        { ...place, field: chemical.type === "CHEMICAL" ? "Arg2" : "Arg1" },
        `the arguments are ${quote(chemical.type)} and ${quote(protein.type)}`,
        "the first argument is the chemical, the second the gene or protein",
      )
    }
    // One pair may stand in two groups, which are two relations, and in one group under two finer types, which are one.
    const relation: GoldRelation = { label, level: "mention", arguments: [chemical.id, protein.id] }
    if (evaluated.has(label)) distinct.set(`${label} ${chemical.id} ${protein.id}`, relation)
  }
  return [...distinct.values()]
}

const checkAllUsed = (left: ReadonlyMap<string, ReadonlyArray<Row>>, abstracts: Source): void => {
  for (const [id, [first]] of left) {
    if (first !== undefined) {
      throw wrong(
        { ...first.place, field: "document" },
        `the line belongs to document ${quote(id)}, which ${abstracts.name} does not have`,
        "give the abstracts, entities and relations of the same portion",
      )
    }
  }
}

/** Reads one portion of ChemProt: abstracts, entities, and gold_standard or else relations. */
export function* readChemProt(sources: ReadonlyArray<Source>, portion: Portion): Generator<Document> {
  const abstracts = required(withRole(sources, "abstracts"), sources, "abstracts")
  const entityFile = required(withRole(sources, "entities"), sources, "entities")
  const gold = withRole(sources, "gold_standard")
  const entities = byDocument(entityFile, ["document", "id", "type", "start", "end", "mention"])
  const relations = gold === undefined
    ? byDocument(
      required(withRole(sources, "relations"), sources, "gold_standard"),
      ["document", "group", "evaluated", "type", "Arg1", "Arg2"],
    )
    : byDocument(gold, ["document", "group", "Arg1", "Arg2"])
  const check = uniqueDocuments()
  for (const { fields, place } of rows(abstracts, ["document", "title", "abstract"])) {
    const [id = "", title = "", abstract = ""] = fields
    check(id, { ...place, field: "document" })
    const text = `${title} ${abstract}`
    const mentions = readMentions(text, entities.get(id) ?? [])
    yield {
      corpus: "chemprot",
      portion,
      id,
      text,
      mentions: [...mentions.values()],
      relations: readRelations(relations.get(id) ?? [], mentions),
    }
    entities.delete(id)
    relations.delete(id)
  }
  checkAllUsed(entities, abstracts)
  checkAllUsed(relations, abstracts)
}
