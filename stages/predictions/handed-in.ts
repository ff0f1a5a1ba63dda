import type { Document } from "../../schemas/documents.ts"
import type { Generation } from "../../schemas/generations.ts"
import type { HandedIn, NumberedRelation } from "../../schemas/handed-in.ts"
import type { Extraction, PredictedRelation } from "../../schemas/relations.ts"
import type { Extracted } from "../shared/language/extraction.ts"
import type { Template } from "../shared/language/template.ts"
import type { Rendering } from "../shared/params/protocol.ts"
import * as messages from "./messages.ts"
import type { Problems } from "./problems.ts"
import { type Level, resolver } from "./resolve.ts"
import type { Handed, Stated, Submission } from "./submission.ts"

/** What a file is read with. */
export interface Reading {
  readonly documents: ReadonlyArray<Document>
  readonly template: Pick<Template, "labels" | "merge" | "list">
  readonly rendering: Rendering
  /** Reads the relations out of a text. */
  readonly extract: (text: Generation["text"]) => Extracted
}

/** What a file has of the test documents. */
export interface Read {
  readonly relations: ReadonlyArray<Extraction>
  readonly handedIn: ReadonlyArray<HandedIn>
  /** Test documents of which it has nothing. */
  readonly missing: ReadonlyArray<string>
  /** Documents that are not of the test set. */
  readonly unknown: ReadonlyArray<string>
  /** Relations that are in a document twice. */
  readonly repeated: number
}

/** Items without repetition, as JSON shows them. */
const distinct = <A>(items: ReadonlyArray<A>): ReadonlyArray<A> =>
  items.length < 2 ? items : [...new Map(items.map((item) => [JSON.stringify(item), item] as const)).values()]

/**
 * What a file may call a document: its id, or what the ids of its mentions begin with. DDI's documents are called as
 * their files, and its official program knows "DDI-DrugBank.d1" of "DDI-DrugBank.d1.s0.e2" alone.
 */
const namesOf = ({ id, mentions: [mention] }: Document): ReadonlyArray<string> => {
  const [, document] = /^(.+)\.s\d+\.e\d+$/u.exec(mention?.id ?? "") ?? []
  return document === undefined ? [id] : [id, document]
}

/** Brings what a file has together with the test documents, in their order. */
export const readSubmission = (
  { documents: handed, listsAll }: Submission,
  { documents, template, rendering, extract }: Reading,
  problems: Problems,
): Read => {
  const known = new Set(documents.flatMap(namesOf))
  const level: Level = documents.find(({ relations }) => relations.length > 0)?.relations[0]?.level ?? "mention"
  const relations: Array<Extraction> = []
  const handedIn: Array<HandedIn> = []
  const missing: Array<string> = []
  let repeated = 0
  const emit = (
    document: string,
    given: boolean,
    own: Extracted,
    annotations: ReadonlyArray<NumberedRelation> | undefined,
  ): void => {
    relations.push({ document, ...own, finished: true, sourceTruncated: false })
    handedIn.push({ document, given, numbered: annotations !== undefined, annotations: annotations ?? [] })
  }
  for (const document of documents) {
    const [own, other] = namesOf(document).flatMap((name) => {
      const found = handed.get(name)
      return found === undefined ? [] : [{ name, handed: found }]
    }).toSorted((a, b) => a.handed.line - b.handed.line)
    if (own !== undefined && other !== undefined) {
      const { message, help } = messages.twoNames
      problems.add(other.handed.line, { message: message(document.id, [own.name, own.handed.line], other.name), help })
    }
    if (own === undefined && listsAll) missing.push(document.id)
    if (own === undefined) emit(document.id, !listsAll, { relations: [], malformed: [] }, undefined)
    else if (own.handed._tag === "Text") emit(document.id, true, extract(own.handed.text), undefined)
    else {
      const found = resolved(document, own.handed, { level, template, rendering }, problems)
      repeated += found.repeated
      emit(document.id, true, { relations: found.relations, malformed: [] }, found.annotations)
    }
  }
  return { relations, handedIn, missing, unknown: [...handed.keys()].filter((id) => !known.has(id)), repeated }
}

const resolved = (
  document: Document,
  { line, relations }: Extract<Handed, { _tag: "Relations" }>,
  { level, template, rendering }: Pick<Reading, "template" | "rendering"> & { readonly level: Level },
  problems: Problems,
): {
  readonly relations: ReadonlyArray<PredictedRelation>
  readonly annotations: ReadonlyArray<NumberedRelation> | undefined
  readonly repeated: number
} => {
  const resolve = resolver(document, level, rendering, problems)
  const all = relations.flatMap((stated) => {
    const label = labelOf(stated, template, problems)
    if (label === undefined || !hasArguments(stated, template, problems)) return []
    return resolve({ ...stated, label }) ?? []
  })
  // Two relations of other ids are two, though they read alike.
  const found = distinct(all)
  const strings = found.map(({ relation }) => relation)
  const numbered = found.flatMap(({ numbered }) => (numbered === undefined ? [] : [numbered]))
  if (numbered.length > 0 && numbered.length < found.length) {
    const { message, help } = messages.mixedArguments
    problems.add(line, { message: message(document.id), help })
  }
  return {
    relations: strings,
    annotations: numbered.length === 0 ? undefined : distinct(numbered.flat()),
    repeated: all.length - found.length,
  }
}

const inField = (field: string | undefined, name: string): string | undefined =>
  field === undefined ? undefined : `${field}.${name}`

/** The label that a template gives a relation; one that begins with "?" is a predicate that a model made up. */
const labelOf = (
  { line, label, field }: Stated,
  { labels, merge = {} }: Reading["template"],
  problems: Problems,
): string | undefined => {
  const own = merge[label] ?? label
  if (labels[own] !== undefined || label.startsWith("?")) return own
  const { message, help } = messages.unknownLabel
  problems.add(line, { message: message(label, Object.keys({ ...labels, ...merge })), help }, inField(field, "label"))
  return undefined
}

const hasArguments = (
  { line, field, arguments: { length } }: Stated,
  { list }: Reading["template"],
  problems: Problems,
): boolean => {
  if (list === undefined ? length === 2 : length >= 2) return true
  const { message, help } = list === undefined ? messages.argumentCount : messages.fewArguments
  problems.add(line, { message: message(length), help }, inField(field, "arguments"))
  return false
}
