import { createHash } from "node:crypto"
import { InputError } from "redag"
import type { Document, GoldRelation, Mention } from "../../../schemas/documents.ts"
import type { Answer, Example } from "../../../schemas/examples.ts"
import type { Partition, Split } from "../../../schemas/splits.ts"
import { permutation } from "../numpy.ts"
import type { Rendering } from "../params/protocol.ts"
import { fillClause, joinList } from "./clause.ts"
import * as messages from "./messages.ts"
import { sentenceStarts } from "./sentences.ts"
import type { Template } from "./template.ts"

/** A relation with the mentions of each of its arguments. */
interface Grounded {
  readonly relation: GoldRelation
  readonly groups: ReadonlyArray<ReadonlyArray<Mention>>
}

/** The relations of a document. */
export interface Relations {
  /** As scoring counts them. */
  readonly answers: ReadonlyArray<Answer>
  /** As the target names them, before its clauses are put in order. */
  readonly stated: ReadonlyArray<Answer>
}

const start = (mention: Mention): number => Math.min(...mention.spans.map((span) => span.start))

const codePoints = (text: string): number => Array.from(text).length

/** Orders strings by their code points, as Python does; the bytes of UTF-8 have the same order. */
const byCodePoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Which string comes first and so names a concept; of equally long ones the first in the text. */
const comparisons: Readonly<Record<Rendering["concept"], (a: string, b: string) => number>> = {
  longest: (a, b) => codePoints(b) - codePoints(a),
  greatest: (a, b) => byCodePoints(b, a),
}

/** The names that a mention gives to an argument. */
const namesIn = (
  { text, parts }: Mention,
  argument: string,
  composites: Rendering["composites"],
): ReadonlyArray<string> =>
  composites === "whole"
    ? [text]
    : [text, ...parts.flatMap((part) => (part.concepts.includes(argument) ? [part.text] : []))]

/** The distinct strings of an argument's mentions, the one that names it first. */
export const stringsOf = (
  argument: string,
  mentions: ReadonlyArray<Mention>,
  { concept, composites, letters }: Rendering,
): ReadonlyArray<string> => {
  const inOrder = mentions.toSorted((a, b) => start(a) - start(b))
  const strings = [...new Set(inOrder.flatMap((mention) => namesIn(mention, argument, composites)))]
    .toSorted(comparisons[concept])
  return letters === "kept" ? strings : [...new Set(strings.map((string) => string.toLowerCase()))]
}

const mentionsOf = (document: Document, relation: GoldRelation, argument: string): ReadonlyArray<Mention> => {
  const found = document.mentions.filter((mention) =>
    relation.level === "concept" ? mention.concepts.includes(argument) : mention.id === argument
  )
  if (found.length > 0) return found
  const { message, help } = messages.unmentionedArgument
  throw new InputError({ message: message(document.id, argument), help, field: "relations.arguments" })
}

const labelOf = (document: Document, relation: GoldRelation, template: Template): string => {
  const label = template.merge?.[relation.label] ?? relation.label
  if (template.labels[label] !== undefined) return label
  const { message, help } = messages.labelNotInTemplate
  throw new InputError({
    message: message(document.id, relation.label),
    help: help(relation.label),
    field: "template.labels",
  })
}

const checkSlots = (document: Document, relation: GoldRelation, template: Template): void => {
  if (template.list !== undefined || relation.arguments.length === 2) return
  const { message, help } = messages.tooManyArguments
  throw new InputError({
    message: message(document.id, relation.arguments.length),
    help,
    field: "template.clause",
  })
}

/** Whether some sentence of the document mentions all arguments of a relation. */
const withinSentence = (document: Document): (grounded: Grounded) => boolean => {
  const starts = sentenceStarts(
    document.text,
    document.mentions.map(({ spans }) => ({
      start: Math.min(...spans.map((span) => span.start)),
      end: Math.max(...spans.map((span) => span.end)),
    })),
  )
  const sentenceOf = (mention: Mention): number => starts.findLastIndex((at) => at <= start(mention))
  return ({ groups }) => {
    const [first = new Set<number>(), ...others] = groups.map((mentions) => new Set(mentions.map(sentenceOf)))
    return [...first].some((sentence) => others.every((sentences) => sentences.has(sentence)))
  }
}

const comparePositions = (a: Grounded, b: Grounded): number => {
  const positions = ({ groups }: Grounded) => groups.map((mentions) => Math.min(...mentions.map(start)))
  const other = positions(b)
  for (const [index, position] of positions(a).entries()) {
    const difference = position - (other[index] ?? -1)
    if (difference !== 0) return difference
  }
  return 0
}

/** Arguments in their own order, or in one that is the same for any, where that makes no difference. */
const inOrderOf = (strings: ReadonlyArray<string>, { repeats }: Rendering): ReadonlyArray<string> =>
  repeats === "merged in any order" ? strings.toSorted() : strings

/** Strings as the clause shows them; two relations with the same ones are one. */
const shown = (answer: Answer, rendering: Rendering): string => {
  const strings = answer.arguments.map(([first = ""]) => first)
  return JSON.stringify([answer.label, ...inOrderOf(strings, rendering)])
}

/**
 * The document's relations, in the order in which their arguments first stand in the text or in that of its file.
 *
 * Two relations between mentions are the same if their strings are, which are all that a generated text can show. Two
 * relations between concepts are the same only if the concepts are, so that each counts in the score.
 */
export const relationsOf = (document: Document, template: Template, rendering: Rendering): Relations => {
  const all = document.relations.map((relation) => ({
    relation,
    groups: relation.arguments.map((argument) => mentionsOf(document, relation, argument)),
  }))
  const grounded = rendering.reach === "sentence" ? all.filter(withinSentence(document)) : all
  const inOrder = rendering.order === "file" ? grounded : grounded.toSorted(comparePositions)
  const annotated = inOrder.map(({ relation, groups }) => {
    checkSlots(document, relation, template)
    const answer: Answer = {
      label: labelOf(document, relation, template),
      arguments: groups.map((mentions, index) => stringsOf(relation.arguments[index] ?? "", mentions, rendering)),
    }
    return {
      answer,
      key: relation.level === "concept"
        ? JSON.stringify([answer.label, ...inOrderOf(relation.arguments, rendering)])
        : shown(answer, rendering),
    }
  })
  const each = annotated.map(({ answer }) => answer)
  const distinct = new Map<string, Answer>()
  for (const { answer, key } of annotated) if (!distinct.has(key)) distinct.set(key, answer)
  const answers = rendering.repeats === "kept" ? each : [...distinct.values()]
  const stated = rendering.clauses === "each" ? each : answers
  const { order } = rendering
  return {
    answers,
    stated: typeof order === "string" || template.list === undefined
      ? stated
      : stated.map((answer) => inSetOrder(answer, document.id, order.seed)),
  }
}

/** The arguments of a relation as a set has them: each name once, in an order that the names and the document decide. */
const inSetOrder = (answer: Answer, document: string, seed: number): Answer => {
  const byName = new Map(answer.arguments.map((strings) => [strings[0] ?? "", strings] as const))
  const names = [...byName.keys()].toSorted(byCodePoints)
  const order = permutation(seedOf(seed, document, answer.label, ...names), names.length)
  return { ...answer, arguments: order.flatMap((index) => [byName.get(names[index] ?? "") ?? []]) }
}

/** A seed of 48 bits that depends on these alone. */
const seedOf = (...parts: ReadonlyArray<string | number>): number =>
  createHash("sha256").update(JSON.stringify(parts)).digest().readUIntBE(0, 6)

/** An answer as a clause, each argument by its first string. */
export const clauseOf = (answer: Answer, template: Template): string => {
  const strings = answer.arguments.map(([first = ""]) => first)
  const [head = "", tail = ""] = strings
  const label = template.labels[answer.label] ?? ""
  return template.list === undefined
    ? fillClause(template.clause, { head, tail, label })
    : fillClause(template.clause, { [template.list.slot]: joinList(strings, template.list), label })
}

/** The clauses of relations, each once or once for each relation. */
export const clausesFor = (
  stated: ReadonlyArray<Answer>,
  template: Template,
  { clauses }: Pick<Rendering, "clauses">,
): ReadonlyArray<string> => {
  const all = stated.map((answer) => clauseOf(answer, template))
  return clauses === "each" ? all : [...new Set(all)]
}

/** The clauses in the order asked for; a shuffled one depends on the seed and the document alone. */
export const ordered = (
  clauses: ReadonlyArray<string>,
  document: string,
  order: Rendering["order"],
): ReadonlyArray<string> => {
  if (typeof order === "string") return clauses
  return permutation(seedOf(order.seed, document), clauses.length).flatMap((index) => clauses[index] ?? [])
}

/** Renders a document: the model's input, its expected output, and what scoring needs. */
export const renderDocument = (
  document: Document,
  partition: Partition,
  template: Template,
  rendering: Rendering,
): Example => {
  const { answers, stated } = relationsOf(document, template, rendering)
  const clauses = clausesFor(stated, template, rendering)
  const { separator, end, none } = template
  return {
    document: document.id,
    partition,
    source: template.source.split("{text}").join(document.text),
    target: clauses.length === 0 ? none : ordered(clauses, document.id, rendering.order).join(separator) + end,
    answers,
  }
}

/** Renders the documents that a split names, in the split's order. */
export function* renderDocuments(
  documents: Iterable<Document>,
  splits: Iterable<Split>,
  template: Template,
  rendering: Rendering,
): Generator<Example> {
  const byId = new Map(Array.from(documents, (document) => [document.id, document] as const))
  for (const split of splits) {
    const document = byId.get(split.document)
    if (document === undefined) {
      const { message, help } = messages.missingDocument
      throw new InputError({ message: message(split.document), help, field: "document" })
    }
    yield renderDocument(document, split.partition, template, rendering)
  }
}
