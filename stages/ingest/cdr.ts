import type { GoldRelation, Mention } from "../../schemas/documents.ts"
import { type Place, quote, wrong } from "./checks.ts"

/**
 * What CDR means, whichever of its two formats says it; both readers give the same rows.
 *
 * A composite mention ("ocular and auditory toxicity") is one mention with several concepts. Both formats also spell out
 * its parts ("ocular toxicity"), PubTator in a seventh field, BioC as further annotations with the role IndividualMention.
 * The readers leave the parts out: most are not in the text as written, and the two formats disagree about a few.
 */

/** The document's text as the offsets of both formats count it. */
export const cdrText = (title: string, abstract: string): string => `${title} ${abstract}`

/** The concepts of a mention: "D001|D002" is two, "-1" says that the vocabulary has none. */
export const conceptsOf = (field: string): ReadonlyArray<string> =>
  field.split("|").map((concept) => concept.trim()).filter((concept) => concept !== "" && concept !== "-1")

/** Gives an error unless the label is the corpus's one label. */
export const relationLabel = (label: string, place: Place): void => {
  if (label !== "CID") {
    throw wrong(
      place,
      `unknown relation label ${quote(label)}`,
      "the CDR corpus has one label, CID (chemical-induced disease)",
    )
  }
}

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
        throw wrong(
          { ...place, field: index === 0 ? "chemical" : "disease" },
          `the relation names ${quote(concept)}, but no mention of the document has that MeSH id`,
          "correct the id, or annotate a mention with it",
        )
      }
    }
    distinct.set(relation.arguments.join("\t"), relation)
  }
  return [...distinct.values()]
}
