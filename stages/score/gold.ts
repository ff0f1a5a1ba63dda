import { InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Extraction } from "../../schemas/relations.ts"
import type { Partition } from "../../schemas/splits.ts"
import type { Prediction } from "../shared/measures/measured.ts"
import * as messages from "./messages.ts"

/** What a run is scored against: the examples of a partition and their documents, among which there may be others. */
export interface Gold {
  readonly partition: Partition
  readonly documents: ReadonlyArray<Document>
  readonly examples: ReadonlyArray<Example>
  /** Whether an example of none of the documents is an error, or is left out with what was extracted for it. */
  readonly others?: "error" | "left out"
}

const wrong = (message: string, help: string): InputError => new InputError({ message, help, field: "document" })

/** The documents of the examples of the partition, in their order, each of which is to be there once. */
const examined = (
  { partition, documents, examples, others }: Gold,
): ReadonlyArray<Pick<Prediction, "document" | "answers">> => {
  const byId = new Map(documents.map((document) => [document.id, document] as const))
  if (byId.size < documents.length) {
    const repeated = documents.find((document) => byId.get(document.id) !== document)
    throw wrong(messages.repeatedDocument.message(repeated?.id ?? ""), messages.repeatedDocument.help)
  }
  const seen = new Set<string>()
  return examples.filter((example) => example.partition === partition).flatMap(({ document: id, answers }) => {
    const document = byId.get(id)
    if (document === undefined && others === "left out") return []
    if (document === undefined) {
      const { message, help } = messages.exampleWithoutDocument
      throw wrong(message(partition, id), help)
    }
    if (seen.has(id)) throw wrong(messages.repeatedExample.message(partition, id), messages.repeatedExample.help)
    seen.add(id)
    return [{ document, answers }]
  })
}

/**
 * Makes the function that brings the examples together with what was extracted for each; what is missing, too much or
 * there twice is an error.
 */
export const pairer = (gold: Gold): (relations: ReadonlyArray<Extraction>) => ReadonlyArray<Prediction> => {
  const examples = examined(gold)
  const places = new Map(examples.map(({ document }, index) => [document.id, index] as const))
  const leftOut = new Set(
    gold.others === "left out" ? gold.examples.map(({ document }) => document).filter((id) => !places.has(id)) : [],
  )
  return (relations) => {
    const extractions = examples.map((): Extraction | undefined => undefined)
    for (let index = 0; index < relations.length; index++) {
      const extraction = relations[index]
      if (extraction === undefined) continue
      // Mostly the two are in the same order.
      const id = extraction.document
      const place = examples[index]?.document.id === id ? index : places.get(id)
      if (place === undefined && leftOut.has(id)) continue
      if (place === undefined) {
        throw wrong(messages.notAnExample.message(gold.partition, id), messages.notAnExample.help)
      }
      if (extractions[place] !== undefined) {
        throw wrong(messages.repeatedGeneration.message(id), messages.repeatedGeneration.help)
      }
      extractions[place] = extraction
    }
    return examples.map(({ document, answers }, index) => {
      const extraction = extractions[index]
      if (extraction === undefined) {
        const { message, help } = messages.generationMissing
        throw wrong(message(gold.partition, document.id), help)
      }
      return { document, answers, extraction }
    })
  }
}
