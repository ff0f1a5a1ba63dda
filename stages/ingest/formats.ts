import { Schema } from "effect"
import { choice, InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import { noDocument, noFile } from "./messages.ts"
import { type CorpusPortion, isKept, type Reader } from "./portion.ts"
import { Problems } from "./problems.ts"
import type { Source } from "./source.ts"

/** The reader of each form in which corpora are published. */
export const readers = choice("format", {
  "pubtator": () => import("./pubtator.ts"),
  "bioc": () => import("./bioc.ts"),
  "chemprot": () => import("./chemprot.ts"),
  "ddi-xml": () => import("./ddi-xml.ts"),
  "brat": () => import("./brat.ts"),
  "dce": () => import("./dce.ts"),
})

/** A form that there is a reader for. It follows from the readers, so that a new one is in no other's program. */
export const Format = Schema.Literals(readers.options)
export type Format = typeof Format.Type

/** What there is in the files of a portion. */
export interface Reading {
  /** Those in which nothing is wrong. */
  readonly documents: ReadonlyArray<Document>
  readonly problems: Problems
}

/** Reads one portion of a corpus. Throws an InputError on files that hold no document at all: no corpus is empty. */
export const readCorpus = (
  read: Reader,
  format: Format,
  sources: ReadonlyArray<Source>,
  portion: CorpusPortion,
): Reading => {
  const problems = new Problems()
  const documents: Array<Document> = []
  problems.attempt(undefined, () => {
    for (const document of read(sources, portion, problems)) documents.push(document)
  })
  const kept = documents.filter((document) => isKept(portion, document))
  if (kept.length === 0 && problems.count === 0) {
    const [first] = sources
    throw first === undefined
      ? new InputError({ message: noFile.message(format), help: noFile.help })
      : new InputError({ message: noDocument.message(format, portion.keep), help: noDocument.help, file: first.name })
  }
  // The first document of an id that is given twice was there before the second.
  return { documents: kept.filter(({ id }) => !problems.has(id)), problems }
}
