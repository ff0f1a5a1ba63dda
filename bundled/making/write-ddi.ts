import type { ComposedDocument } from "../../stages/compose/compose.ts"
import type { Passage } from "../../stages/compose/passage.ts"
import { join } from "../../stages/compose/passage.ts"

/** The two files of a document in the BRAT form of the DDI corpus. */
export interface BratFiles {
  readonly text: string
  readonly annotations: string
}

const attribute = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\"", "&quot;")

/** The label said of two mentions of a sentence, if any. */
const labelOf = (passage: Passage, first: number, second: number): string | undefined =>
  passage.relations.find(({ mentions }) => mentions.includes(first) && mentions.includes(second))?.label

const xmlSentence = (passage: Passage, id: string): string => {
  const opening = `    <sentence id="${id}" text="${attribute(passage.text)}"`
  if (passage.mentions.length === 0) return `${opening}/>`
  const entities = passage.mentions.map((mention, place) =>
    `        <entity id="${id}.e${place}" charOffset="${mention.start}-${mention.end - 1}"\n`
    + `            type="drug" text="${attribute(mention.text)}"/>`
  )
  const pairs: string[] = []
  passage.mentions.forEach((_, first) => {
    for (let second = first + 1; second < passage.mentions.length; second++) {
      const label = labelOf(passage, first, second)
      const said = label === undefined ? `ddi="false"` : `ddi="true" type="${label}"`
      pairs.push(
        `        <pair id="${id}.p${pairs.length}" e1="${id}.e${first}"\n            e2="${id}.e${second}" ${said}/>`,
      )
    }
  })
  return [`${opening}>`, ...entities, ...pairs, "    </sentence>"].join("\n")
}

/** A document in the XML of the DDI corpus; offsets are inclusive and counted from the start of each sentence. */
export const ddiXml = (document: ComposedDocument, id: string): string =>
  [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<document id="${id}">`,
    ...document.sentences.map((sentence, index) => xmlSentence(sentence, `${id}.s${index}`)),
    "</document>",
    "",
  ].join("\n")

/** A document in the BRAT form of the DDI corpus; offsets are end-exclusive over the whole text. */
export const ddiBrat = (document: ComposedDocument): BratFiles => {
  const whole = join(document.sentences, " ")
  const mentions = whole.mentions.map((mention, place) =>
    `T${place + 1}\tDRUG ${mention.start} ${mention.end}\t${mention.text}\n`
  )
  const relations = whole.relations.map(({ label, mentions: places }, place) => {
    const [first = 0, second = 0] = [...places].sort((one, other) => one - other)
    return `R${place + 1}\t${label.toUpperCase()} Arg1:T${first + 1} Arg2:T${second + 1}\n`
  })
  return { text: whole.text, annotations: [...mentions, ...relations].join("") }
}
