import type { GoldRelation, Mention } from "../../schemas/documents.ts"
import { excerpt, type Place, wrong } from "./checks.ts"
import * as messages from "./messages.ts"
import type { CorpusPortion } from "./portion.ts"

/**
 * Corpora whose relations are between concepts, whichever of two formats has them; both readers give the same rows.
 *
 * A composite mention ("ocular and auditory toxicity") is one mention with several concepts. Both formats also spell out
 * its parts ("ocular toxicity"), PubTator in a seventh field, BioC as further annotations with the role IndividualMention.
 * The readers leave the parts out: most are not in the text as written, and the two formats disagree about a few.
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

/** The document's relations, each once, after a check that some mention has each concept. */
export const resolveRelations = (
  mentions: ReadonlyArray<Mention>,
  relations: ReadonlyArray<{ readonly relation: GoldRelation; readonly place: Place }>,
): ReadonlyArray<GoldRelation> => {
  const known = new Set(mentions.flatMap((mention) => mention.concepts))
  const distinct = new Map<string, GoldRelation>()
  for (const { relation, place } of relations) {
    for (const [index, concept] of relation.arguments.entries()) {
      if (!known.has(concept)) {
        const { message, help } = messages.unknownConcept
        throw wrong({ ...place, field: index === 0 ? "chemical" : "disease" }, message(excerpt(concept)), help)
      }
    }
    distinct.set(relation.arguments.join("\t"), relation)
  }
  return [...distinct.values()]
}
