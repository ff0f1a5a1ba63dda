import { Schema } from "effect"
import { InputError } from "redag"
import type { Document, Portion } from "../../schemas/documents.ts"
import { readBioC } from "./bioc.ts"
import { readBrat } from "./brat.ts"
import { readChemProt } from "./chemprot.ts"
import { readDce } from "./dce.ts"
import { readDdiXml } from "./ddi-xml.ts"
import { readPubTator } from "./pubtator.ts"
import type { Source } from "./source.ts"

/** The forms in which the four corpora are published. */
export const Format = Schema.Literals(["pubtator", "bioc", "chemprot", "ddi-xml", "brat", "dce"])
export type Format = typeof Format.Type

/** Reads one portion of a corpus from its files; documents come in the order of the files given. */
export type Reader = (sources: ReadonlyArray<Source>, portion: Portion) => Generator<Document>

const readers: Readonly<Record<Format, Reader>> = {
  pubtator: readPubTator,
  bioc: readBioC,
  chemprot: readChemProt,
  "ddi-xml": readDdiXml,
  brat: readBrat,
  dce: readDce,
}

/** Reads one portion of a corpus; files that hold no document at all are an error, not an empty corpus. */
export function* readCorpus(format: Format, sources: ReadonlyArray<Source>, portion: Portion): Generator<Document> {
  let count = 0
  for (const document of readers[format](sources, portion)) {
    count += 1
    yield document
  }
  if (count > 0) return
  const first = sources[0]
  throw new InputError({
    message: first === undefined ? `no files to read as ${format}` : `the files hold no document in the form ${format}`,
    help: "check the paths and the format; the file may be empty or cut off",
    ...(first === undefined ? {} : { file: first.name }),
  })
}
