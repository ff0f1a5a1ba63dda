import type { GoldRelation, Mention, Part } from "../../schemas/documents.ts"
import { excerpt, type Place, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import type { CorpusPortion } from "./portion.ts"
import type { Problems } from "./problems.ts"

/**
 * Corpora whose relations are between concepts, whichever of two formats has them; both readers give the same rows.
 *
 * A composite mention ("ocular and auditory toxicity") is one mention with several concepts. Both formats also spell out
 * its parts ("ocular toxicity"), PubTator in a seventh field, BioC as further annotations with the role IndividualMention.
 * The parts are no mentions of their own, since most are not in the text as written. The two formats disagree about the
 * concept of one part in each of two documents of CDR.
 */

/** The document's text as the offsets of both formats count it. */
export const documentText = (title: string, abstract: string): string => `${title} ${abstract}`

/** What says that the vocabulary has no concept for a mention. */
const none: ReadonlySet<string> = new Set(["", "-", "-1"])

/** The concepts of a mention: "D001|D002" is two where they are separated by "|". */
export const conceptsOf = (
  field: string,
  { conceptSeparator }: Pick<CorpusPortion, "conceptSeparator">,
): ReadonlyArray<string> =>
  field.split(conceptSeparator).map((concept) => concept.trim()).filter((concept) => !none.has(concept))

/**
 * The parts of a composite mention, from fields with an entry for each of its concepts. A field of another number of
 * entries is something else than its parts, and gives none.
 */
export const partsOf = (
  concepts: string,
  names: string,
  portion: Pick<CorpusPortion, "conceptSeparator">,
): ReadonlyArray<Part> => {
  const [ids, texts] = [concepts, names].map((field) => field.split(portion.conceptSeparator))
  if (ids === undefined || texts === undefined || ids.length < 2 || ids.length !== texts.length) return []
  return ids.map((id, index) => ({ text: (texts[index] ?? "").trim(), concepts: conceptsOf(id, portion) }))
}

/** What messages call an argument of a relation: its type where the corpus has one for it. */
export const argumentField = ({ argumentTypes }: Pick<CorpusPortion, "argumentTypes">, index: number): string =>
  argumentTypes[index]?.toLowerCase() ?? (index === 0 ? "head" : "tail")

/**
 * The document's relations, each once, after a check that some mention has each concept, and of which type; what is wrong
 * with one is noted in `problems`.
 */
export const resolveRelations = (
  id: string,
  mentions: ReadonlyArray<Mention>,
  relations: ReadonlyArray<{ readonly relation: GoldRelation; readonly place: Place }>,
  portion: Pick<CorpusPortion, "argumentTypes">,
  problems: Problems,
): ReadonlyArray<GoldRelation> => {
  const types = new Map<string, Set<string>>()
  for (const { concepts, type } of mentions) {
    for (const concept of concepts) types.set(concept, (types.get(concept) ?? new Set()).add(type))
  }
  const distinct = new Map<string, GoldRelation>()
  for (const { relation, place } of relations) {
    problems.attempt(id, () => {
      for (const [index, concept] of relation.arguments.entries()) {
        if (!types.has(concept)) {
          const { message, help } = messages.unknownConcept
          throw wrong({ ...place, field: argumentField(portion, index) }, message(excerpt(concept)), help)
        }
      }
      checkTypes(relation, types, portion.argumentTypes, place)
      distinct.set([relation.label, ...relation.arguments].join("\t"), relation)
    })
  }
  return [...distinct.values()]
}

/** Gives an error where a relation's arguments are not of the types that the corpus gives its relations. */
const checkTypes = (
  relation: GoldRelation,
  types: ReadonlyMap<string, ReadonlySet<string>>,
  expected: ReadonlyArray<string>,
  place: Place,
): void => {
  const index = expected.findIndex((type, at) => types.get(relation.arguments[at] ?? "")?.has(type) !== true)
  if (index === -1) return
  const found = relation.arguments.map((concept) => [...types.get(concept) ?? []].join(" or "))
  const { message, help } = messages.argumentsOfOtherTypes
  const field = (expected[index] ?? "").toLowerCase()
  throw wrong({ ...place, field }, message(relation.label, found.map(excerpt)), help(expected))
}
