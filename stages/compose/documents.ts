import type { Document, GoldRelation } from "../../schemas/documents.ts"
import { groupOf } from "./chemprot-groups.ts"
import type { ComposedDocument } from "./compose.ts"
import type { CorpusName } from "./corpora.ts"
import { join, type Passage } from "./passage.ts"

/** A composed document as the readers would read it back from its corpus's native format. */
export const toDocument = (
  corpus: CorpusName,
  composed: ComposedDocument,
  id: string,
  portion: Document["portion"],
): Document => {
  const sentences = join(composed.sentences, " ")
  const whole = corpus === "cdr" || corpus === "chemprot" ? join([composed.title, sentences], " ") : sentences
  return {
    corpus,
    portion,
    id,
    text: whole.text,
    mentions: whole.mentions.map(({ text, start, end, entity }, place) => ({
      id: mentionId(place),
      type: entity.kind,
      text,
      spans: [{ start, end }],
      concepts: corpus === "cdr" ? [entity.concept] : [],
      parts: [],
    })),
    relations: corpus === "cdr" ? conceptRelations(whole) : mentionRelations(corpus, whole),
  }
}

const mentionId = (place: number): string => `T${place + 1}`

/** CDR relates concepts, each pair once. */
const conceptRelations = (whole: Passage): ReadonlyArray<GoldRelation> => {
  const relations = new Map<string, GoldRelation>()
  for (const { label, mentions } of whole.relations) {
    const concepts = mentions.map((place) => whole.mentions[place]?.entity.concept ?? "")
    relations.set(concepts.join(" "), { label, level: "concept", arguments: concepts })
  }
  return [...relations.values()]
}

/** The other corpora relate mentions; ChemProt evaluates some groups of its relation types. */
const mentionRelations = (corpus: CorpusName, whole: Passage): ReadonlyArray<GoldRelation> =>
  whole.relations.flatMap(({ label, mentions }): ReadonlyArray<GoldRelation> => {
    const { group, isEvaluated } = corpus === "chemprot" ? groupOf(label) : { group: label, isEvaluated: true }
    if (!isEvaluated) return []
    const places = corpus === "ddi" ? mentions.toSorted((one, other) => one - other) : mentions
    return [{ label: group, level: "mention", arguments: places.map(mentionId) }]
  })
