import type { ComposedDocument } from "../../stages/compose/compose.ts"
import { join, plain } from "../../stages/compose/passage.ts"
import { hexadecimalId } from "../../stages/compose/random.ts"

/** Sentences around the annotated one, so that the paragraph is wider than the sentence, as in DCE. */
export const paragraphStart = "The treatment of this disease is difficult."
export const paragraphEnd = "Further studies are needed."

const line = (document: ComposedDocument, id: string): string => {
  const sentence = join(document.sentences, " ")
  const tokensBefore = (offset: number): number => sentence.text.slice(0, offset).split(" ").length - 1
  return JSON.stringify({
    doc_id: hexadecimalId(id),
    sentence: sentence.text,
    spans: sentence.mentions.map((mention, place) => ({
      span_id: place,
      text: mention.text,
      start: mention.start,
      end: mention.end,
      token_start: tokensBefore(mention.start),
      token_end: tokensBefore(mention.start) + 1,
    })),
    rels: sentence.relations.map(({ label, mentions }) => ({
      class: label,
      spans: mentions,
      is_context_needed: false,
    })),
    paragraph: join([plain(paragraphStart), sentence, plain(paragraphEnd)], " ").text,
    source: null,
  })
}

/** The JSON lines of a portion of DCE, one annotated sentence a line. */
export const dceLines = (documents: readonly ComposedDocument[], ids: readonly string[]): string =>
  documents.map((document, index) => `${line(document, ids[index] ?? "")}\n`).join("")
