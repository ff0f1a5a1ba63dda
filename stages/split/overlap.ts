import { InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import { namedExamples, type Warning } from "../../schemas/warnings.ts"
import * as messages from "./messages.ts"

/** What the comparison of test documents with those that are learned from needs. */
export type Readable = Pick<Document, "corpus" | "portion" | "id" | "text">

/** A text as it is compared: small letters, and one space where there is white space; composed characters as one. */
export const comparable = (text: string): string => text.normalize("NFC").toLowerCase().replace(/\s+/gu, " ").trim()

/**
 * The warnings about test documents that have the text of one that is learned from. Throws an InputError on a test
 * document that is learned from itself: one with the same id and text. An id alone may stand for two documents, for what
 * is learned from and what is tested on are never looked up together.
 */
export const overlap = (documents: Iterable<Readable>, learned: Iterable<Readable>): ReadonlyArray<Warning> => {
  const idsOf = new Map<string, Set<string>>()
  for (const { id, text } of learned) {
    const words = comparable(text)
    const ids = idsOf.get(words) ?? new Set()
    idsOf.set(words, ids.add(id))
  }
  const tested = [...documents].filter(({ portion }) => portion === "test")
    .map((document) => ({ ...document, words: comparable(document.text) }))
  const same = tested.filter(({ id, words }) => idsOf.get(words)?.has(id) === true)
  if (same.length > 0) {
    const { message, help } = messages.alsoLearned
    const named = same.slice(0, namedExamples).map(({ id }) => id)
    throw new InputError({ message: message(named, same.length, tested.length), help, field: "document" })
  }
  const pairs = tested.flatMap(({ corpus, portion, id, words }) => {
    const [other] = words === "" ? [] : idsOf.get(words) ?? []
    return other === undefined ? [] : [{ corpus, portion, id, other }]
  })
  const [first] = pairs
  if (first === undefined) return []
  return [{
    corpus: first.corpus,
    portion: first.portion,
    kind: "test text in training",
    documents: pairs.length,
    of: tested.length,
    examples: pairs.slice(0, namedExamples).map(({ id }) => id),
    text: sameText(`${first.corpus} ${first.portion}`, pairs.length, tested.length, [first.id, first.other]),
  }]
}

/** The warning in words, which are what the stage makes: they are part of its program, unlike the words of failures. */
const sameText = (
  about: string,
  count: number,
  of: number,
  [test, learned]: readonly [test: string, learned: string],
): string =>
  `${about}: ${count} of ${of} documents ${
    count === 1 ? "has" : "have"
  } the text of a document that is learned from, under`
  + ` another id: ${JSON.stringify(test)} reads as ${JSON.stringify(learned)}${count === 1 ? "" : ", and others"}`
