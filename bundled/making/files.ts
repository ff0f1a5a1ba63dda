import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { ComposedDocument } from "../../stages/compose/compose.ts"
import type { CorpusName } from "../../stages/compose/corpora.ts"
import type { Portions } from "./portions.ts"
import { bioredPubTator } from "./write-biored.ts"
import { bioC, pubTator } from "./write-cdr.ts"
import { chemprotFiles } from "./write-chemprot.ts"
import { dceLines } from "./write-dce.ts"
import { ddiBrat, ddiXml } from "./write-ddi.ts"

/** A file of a corpus: its path below the corpora's folder, and its text. */
export interface CorpusFile {
  readonly path: string
  readonly text: string
}

/** Numbers far above any that PubMed has given out, apart for each portion. */
const pubMedIds = (documents: readonly ComposedDocument[], first: number): readonly string[] =>
  documents.map((_, index) => String(first + index))

const cdr = ({ train, dev, test }: Portions): readonly CorpusFile[] => {
  const portion = (name: string, documents: readonly ComposedDocument[], first: number): readonly CorpusFile[] => {
    const ids = pubMedIds(documents, first)
    return [
      { path: `cdr/CDR_${name}.PubTator.txt`, text: pubTator(documents, ids) },
      { path: `cdr/CDR_${name}.BioC.xml`, text: bioC(documents, ids) },
    ]
  }
  return [
    ...portion("TrainingSet", train, 90_100_001),
    ...portion("DevelopmentSet", dev, 90_200_001),
    ...portion("TestSet", test, 90_300_001),
  ]
}

const chemprot = ({ train, dev, test }: Portions): readonly CorpusFile[] => {
  const portion = (
    folder: string,
    prefix: string,
    suffix: string,
    documents: readonly ComposedDocument[],
    first: number,
  ): readonly CorpusFile[] => {
    const written = chemprotFiles(documents, pubMedIds(documents, first))
    const path = (name: string): string => `chemprot/${folder}/${prefix}_${name}.tsv`
    return [
      { path: path(`abstracts${suffix}`), text: written.abstracts },
      { path: path(`entities${suffix}`), text: written.entities },
      { path: path(`relations${suffix}`), text: written.relations },
      { path: path("gold_standard"), text: written.goldStandard },
    ]
  }
  return [
    ...portion("chemprot_training", "chemprot_training", "", train, 91_100_001),
    ...portion("chemprot_development", "chemprot_development", "", dev, 91_200_001),
    ...portion("chemprot_test_gs", "chemprot_test", "_gs", test, 91_300_001),
  ]
}

/** Every fourth document stands in the folder of MedLine, the others in that of DrugBank, as about in the real corpus. */
const sourceOf = (index: number): string => index % 4 === 3 ? "MedLine" : "DrugBank"

const ddi = ({ train, test }: Portions): readonly CorpusFile[] => [
  ...train.map((document, index) => ({
    path: `ddi/xml_corpus/Train/${sourceOf(index)}/${92_100_001 + index}.xml`,
    text: ddiXml(document, `DDI-${sourceOf(index)}.d${index}`),
  })),
  ...test.flatMap((document, index) => {
    const base = `ddi/brat_corpus/Test for DDI Extraction task/${sourceOf(index)}/${92_300_001 + index}`
    const { text, annotations } = ddiBrat(document)
    return [{ path: `${base}.txt`, text }, { path: `${base}.ann`, text: annotations }]
  }),
]

const dce = ({ train, test }: Portions): readonly CorpusFile[] => {
  const ids = (documents: readonly ComposedDocument[], portion: string): readonly string[] =>
    documents.map((_, index) => `${portion}/${index}`)
  return [
    { path: "dce/final_train_set.jsonl", text: dceLines(train, ids(train, "train")) },
    { path: "dce/final_test_set.jsonl", text: dceLines(test, ids(test, "test")) },
  ]
}

/** The files of BioRED in PubTator, under the names of the official distribution. */
export const bioredFiles = ({ train, dev, test }: Portions): readonly CorpusFile[] => [
  { path: "biored/Train.PubTator", text: bioredPubTator(train, 93_100_001) },
  { path: "biored/Dev.PubTator", text: bioredPubTator(dev, 93_200_001) },
  { path: "biored/Test.PubTator", text: bioredPubTator(test, 93_300_001) },
]

const writers: Readonly<Record<CorpusName, (portions: Portions) => readonly CorpusFile[]>> = { cdr, dce, chemprot, ddi }

/** The files of a corpus in its native format, under the names of the official distribution. */
export const corpusFiles = (corpus: CorpusName, portions: Portions): readonly CorpusFile[] => writers[corpus](portions)

/** Writes files below a folder, which is made where it is missing. */
export const writeFiles = async (folder: string, files: readonly CorpusFile[]): Promise<void> => {
  for (const directory of new Set(files.map((file) => dirname(join(folder, file.path))))) {
    await mkdir(directory, { recursive: true })
  }
  for (const file of files) await writeFile(join(folder, file.path), file.text)
}
