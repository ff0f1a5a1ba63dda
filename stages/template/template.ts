import { InputError } from "../../pipeline/errors.ts"
import type { Document, GoldRelation, Mention } from "../../schemas/documents.ts"
import type { Answer, Example } from "../../schemas/examples.ts"
import type { Partition, Split } from "../../schemas/splits.ts"
import { fillClause, joinList } from "../clause.ts"
import type { Template } from "../language.ts"

/** A relation with the strings that may name its arguments, and where those first stand in the text. */
interface Named {
  readonly answer: Answer
  readonly positions: ReadonlyArray<number>
}

const start = (mention: Mention): number => Math.min(...mention.spans.map((span) => span.start))

/** The distinct strings of a concept's mentions, the longest first; of equally long ones the first in the text. */
const longestFirst = (mentions: ReadonlyArray<Mention>): ReadonlyArray<string> => {
  const strings = [...new Set(mentions.toSorted((a, b) => start(a) - start(b)).map((mention) => mention.text))]
  return strings.toSorted((a, b) => b.length - a.length)
}

const mentionsOf = (document: Document, relation: GoldRelation, argument: string): ReadonlyArray<Mention> => {
  const found = document.mentions.filter((mention) =>
    relation.level === "concept" ? mention.concepts.includes(argument) : mention.id === argument
  )
  if (found.length > 0) return found
  throw new InputError({
    message: `a relation of document ${document.id} names ${argument}, which no mention of the document has`,
    help: "ingest the corpus again; the readers refuse such relations",
    field: "relations.arguments",
  })
}

const labelOf = (document: Document, relation: GoldRelation, template: Template): string => {
  const label = template.merge?.[relation.label] ?? relation.label
  if (template.labels[label] !== undefined) return label
  throw new InputError({
    message: `document ${document.id} has a relation ${relation.label}, for which the template has no phrase`,
    help: `add ${relation.label} under "labels" or "merge" of the template, or use the template of this corpus`,
    field: "template.labels",
  })
}

const named = (document: Document, relation: GoldRelation, template: Template): Named => {
  const groups = relation.arguments.map((argument) => mentionsOf(document, relation, argument))
  if (relation.level === "concept" && template.name === undefined) {
    throw new InputError({
      message:
        `the relations of document ${document.id} are between concepts, and the template does not say how to name one`,
      help: `add "name: longest-mention" to the template`,
      field: "template.name",
    })
  }
  if (template.list === undefined && relation.arguments.length !== 2) {
    throw new InputError({
      message:
        `a relation of document ${document.id} has ${relation.arguments.length} arguments, the clause has two slots`,
      help: `give the template a "list" whose slot takes all arguments, or use the template of this corpus`,
      field: "template.clause",
    })
  }
  return {
    answer: { label: labelOf(document, relation, template), arguments: groups.map(longestFirst) },
    positions: groups.map((mentions) => Math.min(...mentions.map(start))),
  }
}

const comparePositions = (a: Named, b: Named): number => {
  for (const [index, position] of a.positions.entries()) {
    const difference = position - (b.positions[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** Strings as the clause shows them; two relations with the same ones are one. */
const shown = (answer: Answer): string =>
  JSON.stringify([answer.label, ...answer.arguments.map((strings) => strings[0])])

/**
 * The document's relations as answers, each once, in the order in which their arguments first stand in the text.
 *
 * Relations between mentions are told apart by their strings, which are all that a generated text can show. Relations
 * between concepts are told apart by the concepts, so that each counts in the score.
 */
const answersOf = (document: Document, template: Template): ReadonlyArray<Answer> => {
  const relations = document.relations.map((relation) => ({ relation, ...named(document, relation, template) }))
  const distinct = new Map<string, Answer>()
  for (const { relation, answer } of relations.toSorted(comparePositions)) {
    const key = relation.level === "concept" ? JSON.stringify([answer.label, ...relation.arguments]) : shown(answer)
    if (!distinct.has(key)) distinct.set(key, answer)
  }
  return [...distinct.values()]
}

const clauseOf = (answer: Answer, template: Template): string => {
  const strings = answer.arguments.map(([first = ""]) => first)
  const [head = "", tail = ""] = strings
  const label = template.labels[answer.label] ?? ""
  return template.list === undefined
    ? fillClause(template.clause, { head, tail, label })
    : fillClause(template.clause, { [template.list.slot]: joinList(strings, template.list), label })
}

/** Renders a document: the model's input, its expected output, and what scoring needs. */
export const renderDocument = (document: Document, partition: Partition, template: Template): Example => {
  const answers = answersOf(document, template)
  const clauses = new Set(answers.map((answer) => clauseOf(answer, template)))
  return {
    document: document.id,
    partition,
    source: template.source.split("{text}").join(document.text),
    target: clauses.size === 0 ? template.none : [...clauses].join(template.separator) + template.end,
    answers,
  }
}

/** Renders the documents that a split names, in the split's order. */
export function* renderDocuments(
  documents: Iterable<Document>,
  splits: Iterable<Split>,
  template: Template,
): Generator<Example> {
  const byId = new Map(Array.from(documents, (document) => [document.id, document] as const))
  for (const split of splits) {
    const document = byId.get(split.document)
    if (document === undefined) {
      throw new InputError({
        message: `the split names document ${split.document}, which the corpus does not have`,
        help: "split the same documents that are rendered",
        field: "document",
      })
    }
    yield renderDocument(document, split.partition, template)
  }
}
