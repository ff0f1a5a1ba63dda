import type { ComposedDocument } from "../../stages/compose/compose.ts"
import type { Passage, PassageMention } from "../../stages/compose/passage.ts"
import { join } from "../../stages/compose/passage.ts"

/** One document of CDR: its PubMed-style number, its title and its abstract. */
interface CdrDocument {
  readonly id: string
  readonly title: Passage
  readonly abstract: Passage
  readonly whole: Passage
}

const cdrDocument = (document: ComposedDocument, id: string): CdrDocument => {
  const abstract = join(document.sentences, " ")
  return { id, title: document.title, abstract, whole: join([document.title, abstract], " ") }
}

const typeOf = (mention: PassageMention): string => mention.entity.kind === "drug" ? "Chemical" : "Disease"

/** Pairs of MeSH identifiers, chemical first, each once. */
const relationsOf = (document: CdrDocument): readonly (readonly [string, string])[] => {
  const pairs = document.whole.relations.map((relation) =>
    relation.mentions.map((place) => document.whole.mentions[place]?.entity.concept ?? "").join("\t")
  )
  return [...new Set(pairs)].map((pair) => {
    const [chemical = "", disease = ""] = pair.split("\t")
    return [chemical, disease] as const
  })
}

/** The PubTator file of a portion: title, abstract, mentions and `CID` lines, a blank line after each document. */
export const pubTator = (documents: readonly ComposedDocument[], ids: readonly string[]): string =>
  documents.map((composed, index) => {
    const document = cdrDocument(composed, ids[index] ?? "")
    return [
      `${document.id}|t|${document.title.text}`,
      `${document.id}|a|${document.abstract.text}`,
      ...document.whole.mentions.map((mention) =>
        [document.id, mention.start, mention.end, mention.text, typeOf(mention), mention.entity.concept].join("\t")
      ),
      ...relationsOf(document).map(([chemical, disease]) => [document.id, "CID", chemical, disease].join("\t")),
      "\n",
    ].join("\n")
  }).join("")

const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const bioCPassage = (type: string, passage: Passage, offset: number, firstId: number): string =>
  [
    "<passage>",
    `<infon key="type">${type}</infon>`,
    `<offset>${offset}</offset>`,
    `<text>${escapeXml(passage.text)}</text>`,
    ...passage.mentions.flatMap((mention, index) => [
      `<annotation id='${firstId + index}'>`,
      `<infon key="type">${typeOf(mention)}</infon>`,
      `<infon key="MESH">${mention.entity.concept}</infon>`,
      `<location offset='${mention.start + offset}' length='${mention.text.length}' />`,
      `<text>${escapeXml(mention.text)}</text>`,
      "</annotation>",
    ]),
    "</passage>",
  ].join("\n")

/** The BioC XML file of a portion: the same documents as its PubTator file. */
export const bioC = (documents: readonly ComposedDocument[], ids: readonly string[]): string =>
  [
    "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE collection SYSTEM 'BioC.dtd'>",
    "<collection>",
    "<source>PubTator</source>",
    "<date>0/0/0</date>",
    "<key>PubTator.key</key>",
    ...documents.flatMap((composed, index) => {
      const document = cdrDocument(composed, ids[index] ?? "")
      return [
        "<document>",
        `<id>${document.id}</id>`,
        bioCPassage("title", document.title, 0, 0),
        bioCPassage("abstract", document.abstract, document.title.text.length + 1, document.title.mentions.length),
        ...relationsOf(document).map(([chemical, disease], place) =>
          [
            `<relation id='R${place}'>`,
            `<infon key="relation">CID</infon>`,
            `<infon key="Chemical">${chemical}</infon>`,
            `<infon key="Disease">${disease}</infon>`,
            "</relation>",
          ].join("\n")
        ),
        "</document>",
      ]
    }),
    "</collection>",
    "",
  ].join("\n")
