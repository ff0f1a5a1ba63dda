import { assert } from "@effect/vitest"
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { InputError } from "../../pipeline/base/errors.ts"
import type { Document } from "../../schemas/documents.ts"
import * as bioc from "../../stages/ingest/bioc.ts"
import * as brat from "../../stages/ingest/brat.ts"
import * as chemprot from "../../stages/ingest/chemprot.ts"
import * as dce from "../../stages/ingest/dce.ts"
import * as ddiXml from "../../stages/ingest/ddi-xml.ts"
import { type Format, readCorpus as read, type Reading } from "../../stages/ingest/formats.ts"
import type { CorpusPortion, Reader } from "../../stages/ingest/portion.ts"
import * as pubtator from "../../stages/ingest/pubtator.ts"
import type { Source } from "../../stages/ingest/source.ts"
import type { Measurer } from "../../stages/shared/measures/measured.ts"
import type { Measure, OfficialEvaluation } from "../../stages/shared/measures/measures.ts"
import * as cdr from "../../stages/shared/measures/official/biocreative-v-cdr.ts"
import * as chemprotEvaluation from "../../stages/shared/measures/official/biocreative-vi-chemprot.ts"
import * as bioredEvaluation from "../../stages/shared/measures/official/biocreative-viii-biored.ts"
import * as combinations from "../../stages/shared/measures/official/drug-combinations.ts"
import * as ddiEvaluation from "../../stages/shared/measures/official/semeval-2013-ddi.ts"
import * as strict from "../../stages/shared/measures/strict.ts"

const readers: Readonly<Record<Format, { readonly read: Reader }>> = {
  pubtator,
  bioc,
  chemprot,
  "ddi-xml": ddiXml,
  brat,
  dce,
}

const officialMeasurers: Readonly<Record<OfficialEvaluation, Measurer>> = {
  "biocreative-v-cdr": cdr.measurer,
  "biocreative-vi-chemprot": chemprotEvaluation.measurer,
  "semeval-2013-ddi": ddiEvaluation.measurer,
  "drug-combinations": combinations.measurer,
  "biocreative-viii-biored": bioredEvaluation.measurer,
}

/** The code of a measure without an Effect. */
export const measurerOf = (measure: Measure): Measurer =>
  measure.by === "strict" ? strict.measurer(measure.matching) : officialMeasurers[measure.evaluation]

const cdrCorpus = { corpus: "cdr", labels: ["CID"], argumentTypes: ["Chemical", "Disease"] }
/** What BioRED's files need, as experiment/corpora.ts says it. */
export const bioredCorpus = {
  corpus: "biored",
  labels: ["Association", "Bind", "Comparison", "Conversion", "Cotreatment", "Drug_Interaction"]
    .concat("Negative_Correlation", "Positive_Correlation").flatMap((type) => [`${type}/Novel`, `${type}/No`]),
  conceptSeparator: ",",
  qualifier: "novel",
  infons: { concept: "identifier", label: "type", arguments: ["entity1", "entity2"] },
} as const satisfies Partial<CorpusPortion>

const ddiCorpus = { corpus: "ddi", labels: ["advise", "effect", "int", "mechanism"] }
const corpora: Readonly<Record<Format, Pick<CorpusPortion, "corpus" | "labels"> & Partial<CorpusPortion>>> = {
  "pubtator": cdrCorpus,
  "bioc": cdrCorpus,
  "chemprot": {
    corpus: "chemprot",
    labels: ["CPR:3", "CPR:4", "CPR:5", "CPR:6", "CPR:9"],
    unusedLabels: ["CPR:0", "CPR:1", "CPR:2", "CPR:7", "CPR:8", "CPR:10"],
  },
  "ddi-xml": ddiCorpus,
  "brat": ddiCorpus,
  "dce": { corpus: "dce", labels: ["COMB", "NEG", "POS"] },
}

/** A portion of the corpus that is published in a format, or of one of a test's own. */
export const portionOf = (
  format: Format,
  portion: Document["portion"],
  own: Partial<CorpusPortion> = {},
): CorpusPortion => ({
  keep: "all",
  unusedLabels: [],
  conceptSeparator: "|",
  argumentTypes: [],
  ...corpora[format],
  portion,
  // A corpus of other labels relates other types.
  ...(own.labels === undefined ? {} : { argumentTypes: [] }),
  ...own,
})

/** What there is in the files of one portion of a corpus, and what is wrong with them. */
export const readingOf = (
  format: Format,
  sources: ReadonlyArray<Source>,
  portion: Document["portion"],
  own: Partial<CorpusPortion> = {},
): Reading => read(readers[format].read, format, sources, portionOf(format, portion, own))

/** Reads one portion of a corpus without an Effect. */
export const readCorpus = (
  format: Format,
  sources: ReadonlyArray<Source>,
  portion: Document["portion"],
  own: Partial<CorpusPortion> = {},
): ReadonlyArray<Document> => {
  const { documents, problems } = readingOf(format, sources, portion, own)
  const error = problems.error()
  if (error !== undefined) throw error
  return documents
}

/** Files by name, as a test writes them. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Runs a function with the files on disk, and removes them. */
export const withFiles = <A>(files: Files, use: (sources: ReadonlyArray<Source>) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "redag-test-"))
  try {
    return use(
      Object.entries(files).map(([name, content]) => {
        const path = join(folder, name)
        writeFileSync(path, content)
        return { name, path }
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The documents of files in a format. */
export const documentsOf = (
  format: Format,
  files: Files,
  own: Partial<CorpusPortion> = {},
): ReadonlyArray<Document> => withFiles(files, (sources) => [...readCorpus(format, sources, "train", own)])

/** Asserts that a function throws an InputError at the place, with the words in its message and something to do. */
export const assertInputError = (
  run: () => unknown,
  expected: {
    readonly file?: string
    readonly line?: number
    readonly field?: string
    readonly message: RegExp
  },
): void => {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  if (!(thrown instanceof InputError)) {
    assert.fail(thrown instanceof Error ? `not an InputError: ${thrown.stack}` : "nothing was thrown")
  }
  assert.match(thrown.message, expected.message)
  assert.notStrictEqual(thrown.help, "")
  assert.deepStrictEqual(
    { file: thrown.file, line: thrown.line, field: thrown.field },
    { file: expected.file, line: expected.line, field: expected.field },
  )
}

const root = resolve(process.env["DAG_CORPORA"] ?? "../shared/data")

/** Why tests on the published corpora do not run here, or undefined where they do. */
export const corporaMissing = existsSync(join(root, "cdr")) ? undefined : `no corpora at ${root} (DAG_CORPORA)`

/** The end of a test's name that says why it does not run. */
export const skipReason = corporaMissing === undefined ? "" : ` [skipped: ${corporaMissing}]`

/** A file of the published corpora. */
export const corpusFile = (name: string): Source => ({ name, path: join(root, name) })

const folder = (name: string): ReadonlyArray<Source> =>
  readdirSync(join(root, name)).toSorted().map((file) => corpusFile(`${name}/${file}`))

const ddi = (kind: string): ReadonlyArray<Source> =>
  ["DrugBank", "MedLine"].flatMap((part) => folder(`ddi/${kind}_corpus/Train/${part}`))

/** The published files of each portion that is here, by a short name. */
export const published = {
  "cdr train": () => readCorpus("pubtator", [corpusFile("cdr/CDR_TrainingSet.PubTator.txt")], "train"),
  "cdr dev": () => readCorpus("pubtator", [corpusFile("cdr/CDR_DevelopmentSet.PubTator.txt")], "dev"),
  "cdr test": () => readCorpus("pubtator", [corpusFile("cdr/CDR_TestSet.PubTator.txt")], "test"),
  "cdr train bioc": () => readCorpus("bioc", [corpusFile("cdr/CDR_TrainingSet.BioC.xml")], "train"),
  "cdr dev bioc": () => readCorpus("bioc", [corpusFile("cdr/CDR_DevelopmentSet.BioC.xml")], "dev"),
  "cdr test bioc": () => readCorpus("bioc", [corpusFile("cdr/CDR_TestSet.BioC.xml")], "test"),
  "chemprot train": () => readCorpus("chemprot", folder("chemprot/chemprot_training"), "train"),
  "chemprot dev": () => readCorpus("chemprot", folder("chemprot/chemprot_development"), "dev"),
  "biored train": () => readCorpus("pubtator", [corpusFile("biored/Train.PubTator")], "train", bioredCorpus),
  "biored dev": () => readCorpus("pubtator", [corpusFile("biored/Dev.PubTator")], "dev", bioredCorpus),
  "biored train bioc": () => readCorpus("bioc", [corpusFile("biored/Train.BioC.XML")], "train", bioredCorpus),
  "biored dev bioc": () => readCorpus("bioc", [corpusFile("biored/Dev.BioC.XML")], "dev", bioredCorpus),
  "dce train": () => readCorpus("dce", [corpusFile("dce/final_train_set.jsonl")], "train"),
  "dce test": () => readCorpus("dce", [corpusFile("dce/final_test_set.jsonl")], "test"),
  "ddi train xml": () => readCorpus("ddi-xml", ddi("xml"), "train"),
  "ddi train brat": () => readCorpus("brat", ddi("brat"), "train"),
} satisfies Readonly<Record<string, () => ReadonlyArray<Document>>>
