import { Schema } from "effect"
import { choice, InputError } from "redag"
import type { Document } from "../../schemas/documents.ts"
import { noDocument, noFile } from "./messages.ts"
import type { CorpusPortion, Reader } from "./portion.ts"
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

/** Reads one portion of a corpus; files that hold no document at all are an error, not an empty corpus. */
export function* readCorpus(
  read: Reader,
  format: Format,
  sources: ReadonlyArray<Source>,
  portion: CorpusPortion,
): Generator<Document> {
  let count = 0
  for (const document of read(sources, portion)) {
    count += 1
    yield document
  }
  if (count > 0) return
  const [first] = sources
  throw first === undefined
    ? new InputError({ message: noFile.message(format), help: noFile.help })
    : new InputError({ message: noDocument.message(format), help: noDocument.help, file: first.name })
}
