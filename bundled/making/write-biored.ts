import type { ComposedDocument } from "../../stages/compose/compose.ts"
import type { Kind } from "../../stages/compose/names.ts"
import { join, type Passage } from "../../stages/compose/passage.ts"

/** BioRED's types; its genes have a kind of their own, so that receptors and enzymes do not occur. */
const types: Readonly<Record<Kind, string>> = {
  "drug": "ChemicalEntity",
  "disease": "DiseaseOrPhenotypicFeature",
  "gene": "GeneOrGeneProduct",
  "receptor": "GeneOrGeneProduct",
  "enzyme": "GeneOrGeneProduct",
  "variant": "SequenceVariant",
  "species": "OrganismTaxon",
  "cell line": "CellLine",
}

/**
 * Pairs of concepts with what is said of them, in the order of their ids and not of the text. Each pair once, whichever
 * sentence says it; a name of two concepts relates both.
 */
const relationsOf = ({ mentions, relations }: Passage): ReadonlyArray<ReadonlyArray<string>> => {
  const pairs = new Map<string, ReadonlyArray<string>>()
  for (const { label, mentions: [head = -1, tail = -1] } of relations) {
    const [type = "", novelty = ""] = label.split("/")
    const [heads = [], tails = []] = [head, tail].map((place) => mentions[place]?.entity.concept.split(","))
    const related = head === tail ? heads.map((id) => [id, id]) : heads.flatMap((a) => tails.map((b) => [a, b]))
    for (const pair of related) {
      const [first = "", second = ""] = pair.toSorted()
      const key = `${first}\t${second}`
      if (!pairs.has(key)) pairs.set(key, [type, first, second, novelty])
    }
  }
  return [...pairs.values()]
}

/** The PubTator file of a portion: title, abstract, mentions and relations with their novelty, then a blank line. */
export const bioredPubTator = (documents: readonly ComposedDocument[], firstId: number): string =>
  documents.map(({ title, sentences }, index) => {
    const id = String(firstId + index)
    const abstract = join(sentences, " ")
    const whole = join([title, abstract], " ")
    return [
      `${id}|t|${title.text}`,
      `${id}|a|${abstract.text}`,
      ...whole.mentions.map(({ start, end, text, entity }) =>
        [id, start, end, text, types[entity.kind], entity.concept].join("\t")
      ),
      ...relationsOf(whole).map((relation) => [id, ...relation].join("\t")),
      "\n",
    ].join("\n")
  }).join("")
