import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import type { CorpusFiles, PortionFiles } from "../../experiment/files.ts"
import { publishedFiles } from "../../experiment/files.ts"
import { findFiles } from "../../pipeline/graph/files.ts"
import { archivedContent } from "../../pipeline/graph/folders.ts"
import { readYaml, type YamlSchema } from "../../pipeline/graph/yaml.ts"
import type { CorpusPortion } from "../../stages/ingest/portion.ts"
import { repository } from "../rig/project.ts"
import { zipOf } from "../rig/zip.ts"
import { bioredCorpus, readCorpus } from "../stages/support.ts"
import { corpusOf } from "./corpus.ts"

type Files = Readonly<Record<string, string | Uint8Array>>

const under = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]))

/** A document of CDR in PubTator. */
const cdr = (id: string): string =>
  `${id}|t|Lead.\n${id}|a|Rash.\n${id}\t0\t4\tLead\tChemical\tD1\n${id}\t6\t10\tRash\tDisease\tD2\n${id}\tCID\tD1\tD2\n\n`
const cdrFiles: Files = {
  "CDR_TrainingSet.PubTator.txt": cdr("1"),
  "CDR_DevelopmentSet.PubTator.txt": cdr("2"),
  "CDR_TestSet.PubTator.txt": cdr("3"),
  "CDR_TestSet.BioC.xml": "<collection/>",
}

const dce = (id: string): string => `${JSON.stringify({ doc_id: id, sentence: "Iron .", spans: [], rels: [] })}\n`
const dceFiles: Files = { "final_train_set.jsonl": dce("a"), "final_test_set.jsonl": dce("b"), "README.md": "" }

/** A portion of ChemProt, in which the test set marks its files otherwise. */
const chemprot = (portion: string, mark: string, id: string): Files => ({
  [`chemprot_${portion}_abstracts${mark}.tsv`]: `${id}\tIron binds TF.\tNone.\n`,
  [`chemprot_${portion}_entities${mark}.tsv`]: `${id}\tT1\tCHEMICAL\t0\t4\tIron\n${id}\tT2\tGENE-Y\t11\t13\tTF\n`,
  [`chemprot_${portion}_relations${mark}.tsv`]: "",
  [`chemprot_${portion}_gold_standard.tsv`]: `${id}\tCPR:3\tArg1:T1\tArg2:T2\n`,
})
const chemprotPortions: Readonly<Record<string, Files>> = {
  chemprot_training: chemprot("training", "", "1"),
  chemprot_development: chemprot("development", "", "2"),
  chemprot_test_gs: chemprot("test", "_gs", "3"),
}

const brat = (id: string, relations: boolean): Files => ({
  [`${id}.txt`]: "Iron and zinc.",
  [`${id}.ann`]: `T1\tDRUG 0 4\tIron\nT2\tDRUG 9 13\tzinc\n${relations ? "R1\tINT Arg1:T1 Arg2:T2\n" : ""}`,
})
const ddiBrat: Files = {
  ...under("Train/DrugBank", { ...brat("d1", true), ...brat("d2", false) }),
  ...under("Train/MedLine", brat("m1", true)),
  ...under("Test/DrugBank", { ...brat("t1", true), ...brat("n1", false) }),
  ...under("Test/MedLine", { ...brat("t2", true), ...brat("n2", false) }),
}
const xml = (id: string, relations: boolean): Files => ({
  [`${id}.xml`]: `<document id="x"><sentence id="s" text="Iron and zinc."><entity id="a" charOffset="0-3" type="drug" `
    + `text="Iron"/><entity id="b" charOffset="9-12" type="drug" text="zinc"/>`
    + `${relations ? `<pair id="p" e1="a" e2="b" ddi="true" type="int"/>` : ""}</sentence></document>`,
})
const ddiXml: Files = {
  ...under("Train/DrugBank", { ...xml("d1", true), ...xml("d2", false) }),
  ...under("Train/MedLine", xml("m1", true)),
  ...under("Test/Test for DDI Extraction task/DrugBank", xml("t1", true)),
  ...under("Test/Test for DDI Extraction task/MedLine", xml("t2", true)),
  ...under("Test/Test for DrugNER task/DrugBank", xml("n1", false)),
  ...under("Test/Test for DrugNER task/MedLine", xml("n2", false)),
}

const biored = (id: string): string => `${id}|t|Lead.\n${id}|a|Rash.\n${id}\t0\t4\tLead\tChemicalEntity\tD1\n`
const bioredFiles: Files = {
  "Train.PubTator": biored("1"),
  "Dev.PubTator": biored("2"),
  "Test.PubTator": biored("3"),
  "Test.BioC.XML": "<collection/>",
}
const bioc = (id: string): string =>
  `<collection><document><id>${id}</id><passage><offset>0</offset><text>Lead</text></passage></document></collection>`
const bioredXml: Files = { "Train.BioC.XML": bioc("1"), "Dev.BioC.XML": bioc("2"), "Test.BioC.XML": bioc("3") }

/** A portion of DrugProt, whose abstracts are misspelt in their file's name. */
const drugprot = (portion: string, id: string): Files =>
  under(portion, {
    [`drugprot_${portion}_abstracs.tsv`]: `${id}\tIron binds TF.\tNone.\n`,
    [`drugprot_${portion}_entities.tsv`]: `${id}\tT1\tCHEMICAL\t0\t4\tIron\n${id}\tT2\tGENE-N\t11\t13\tTF\n`,
    [`drugprot_${portion}_relations.tsv`]: `${id}\tPART-OF\tArg1:T1\tArg2:T2\n`,
  })
const drugprotArchive = under("drugprot-gs-training-development", {
  ...drugprot("training", "1"),
  ...drugprot("development", "2"),
  "README.pdf": "",
})

const zipped = (files: Readonly<Record<string, Files>>): Files =>
  Object.fromEntries(Object.entries(files).map(([name, inner]) => [`${name}.zip`, zipOf(under(name, inner))]))
const foldersOf = (files: Readonly<Record<string, Files>>): Files =>
  Object.assign({}, ...Object.entries(files).map(([name, inner]) => under(name, inner))) as Files

/** Each portion in a folder in a folder of its name. */
const doubled = Object.fromEntries(
  Object.entries(chemprotPortions).map(([name, inner]) => [name, under(name, inner)]),
)

const cdrArchive = under("CDR_Data", {
  ...under("CDR.Corpus.v010516", cdrFiles),
  "DNorm.TestSet/TestSet.DNorm.PubTator.txt": "",
})
const chemprotArchive = under("ChemProt_Corpus", zipped(chemprotPortions))

/** How the files of each corpus may lie below DAG_CORPORA, the .zip as its publishers give it first. */
const layouts: ReadonlyArray<readonly [corpus: string, what: string, files: Files]> = [
  ["cdr", "CDR_Data.zip", { "CDR_Data.zip": zipOf(cdrArchive) }],
  ["cdr", "CDR_Data.zip in the corpus's folder", { "cdr/CDR_Data.zip": zipOf(cdrArchive) }],
  ["cdr", "CDR_Data.zip unpacked", cdrArchive],
  ["cdr", "CDR_Data.zip unpacked in the corpus's folder", under("cdr", cdrArchive)],
  ["cdr", "CDR_Data.zip unpacked by a program that makes a folder", under("CDR_Data", cdrArchive)],
  ["cdr", "its files in the corpus's folder", under("cdr", cdrFiles)],
  ["cdr", "its files alone", cdrFiles],
  ["dce", "the repository's .zip", {
    "drug-combo-extraction-main.zip": zipOf(under("drug-combo-extraction-main/data", dceFiles)),
  }],
  ["dce", "the repository's .zip unpacked", under("drug-combo-extraction-main/data", dceFiles)],
  ["dce", "a clone of the repository", under("drug-combo-extraction/data", dceFiles)],
  ["dce", "its files in the corpus's folder", under("dce", dceFiles)],
  ["chemprot", "ChemProt_Corpus.zip", { "ChemProt_Corpus.zip": zipOf(chemprotArchive) }],
  ["chemprot", "ChemProt_Corpus.zip in the corpus's folder", {
    "chemprot/ChemProt_Corpus.zip": zipOf(chemprotArchive),
  }],
  ["chemprot", "ChemProt_Corpus.zip unpacked, not the archives in it", chemprotArchive],
  ["chemprot", "all unpacked", under("ChemProt_Corpus", foldersOf(chemprotPortions))],
  [
    "chemprot",
    "all unpacked, each portion into a folder of its name",
    under("ChemProt_Corpus", foldersOf(doubled)),
  ],
  ["chemprot", "the archives of its portions", under("chemprot", zipped(chemprotPortions))],
  ["chemprot", "its portions in the corpus's folder", under("chemprot", foldersOf(chemprotPortions))],
  ["ddi", "DDICorpus-2013(BRAT).zip", { "DDICorpus-2013(BRAT).zip": zipOf(under("DDICorpusBrat", ddiBrat)) }],
  ["ddi", "DDICorpus-2013(BRAT).zip unpacked", under("DDICorpusBrat", ddiBrat)],
  ["ddi", "DDICorpus-2013(BRAT).zip unpacked in the corpus's folder", under("ddi/DDICorpusBrat", ddiBrat)],
  ["ddi", "DDICorpus-2013(BRAT).zip unpacked into a folder of its name", {
    ...under("DDICorpus-2013(BRAT)/DDICorpusBrat", ddiBrat),
  }],
  ["ddi", "DDICorpus-2013.zip", { "DDICorpus-2013.zip": zipOf(under("DDICorpus", ddiXml)) }],
  ["ddi", "DDICorpus-2013.zip unpacked", under("DDICorpus", ddiXml)],
  ["ddi", "the repository's .zip with both archives", {
    "DDICorpus-master.zip": zipOf(under("DDICorpus-master", {
      "DDICorpus-2013(BRAT).zip": zipOf(under("DDICorpusBrat", ddiBrat)),
      "DDICorpus-2013.zip": zipOf(under("DDICorpus", ddiXml)),
    })),
  }],
  ["ddi", "BRAT with the tasks apart", {
    ...under("ddi/brat_corpus/Train/DrugBank", { ...brat("d1", true), ...brat("d2", false) }),
    ...under("ddi/brat_corpus/Train/MedLine", brat("m1", true)),
    ...under("ddi/brat_corpus/Test for DDI Extraction task/DrugBank", brat("t1", true)),
    ...under("ddi/brat_corpus/Test for DDI Extraction task/MedLine", brat("t2", true)),
    ...under("ddi/brat_corpus/Test for DrugNER task/DrugBank", brat("n1", false)),
    ...under("ddi/brat_corpus/Test for DrugNER task/MedLine", brat("n2", false)),
  }],
  ["biored", "BIORED.zip", { "BIORED.zip": zipOf(under("BioRED", bioredFiles)) }],
  ["biored", "BIORED.zip unpacked", under("BioRED", bioredFiles)],
  ["biored", "BIORED.zip unpacked in the corpus's folder", under("biored/BioRED", bioredFiles)],
  ["biored", "its files in the corpus's folder", under("biored", bioredFiles)],
  ["biored", "its BioC files alone", under("BioRED", bioredXml)],
  ["drugprot", "drugprot-gs-training-development.zip", {
    "drugprot-gs-training-development.zip": zipOf(drugprotArchive),
  }],
  ["drugprot", "drugprot-gs-training-development.zip unpacked", drugprotArchive],
  ["drugprot", "drugprot-gs-training-development.zip unpacked in the corpus's folder", {
    ...under("drugprot", drugprotArchive),
  }],
]

/** The ids of each portion's documents. */
const idsOf: Readonly<Record<string, Readonly<Partial<Record<keyof CorpusFiles, ReadonlyArray<string>>>>>> = {
  cdr: { train: ["1"], dev: ["2"], test: ["3"] },
  dce: { train: ["a"], test: ["b"] },
  chemprot: { train: ["1"], dev: ["2"], test: ["3"] },
  biored: { train: ["1"], dev: ["2"], test: ["3"] },
  drugprot: { train: ["1"], test: ["2"] },
  ddi: { train: ["d1", "d2", "m1"], test: ["t1", "t2"], unannotated: ["n1", "n2"] },
}

/** What of each corpus its files do not say. */
const ownOf: Readonly<Record<string, Partial<CorpusPortion>>> = {
  biored: bioredCorpus,
  drugprot: { corpus: "drugprot", labels: ["PART-OF"] },
}

describe("corpora as their publishers ship them", () => {
  let base = ""
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), "redag-test-"))
  })
  afterAll(() => rmSync(base, { recursive: true }))

  const reader = { yaml: <S extends YamlSchema>(file: string, schema: S) => readYaml(repository, file, schema) }

  /** The documents of a portion, read from copies of its files as an action has them. */
  const documentsIn = (
    { format, portion, keep, set }: PortionFiles,
    copies: string,
    own: Partial<CorpusPortion>,
  ): ReadonlyArray<string> => {
    const found = Effect.runSync(findFiles(set))
    if (found._tag === "Absent") return assert.fail(`absent: ${found.names.join(", ")}`)
    const sources = found.files.map(({ name, path }, index) => {
      const content = archivedContent(path)
      if (content === undefined) return { name, path }
      const copy = join(copies, String(index))
      writeFileSync(copy, content)
      return { name, path: copy }
    })
    return [...readCorpus(format, sources, portion, { keep, ...own })].map(({ id }) => id)
  }

  for (const [index, [id, what, files]] of layouts.entries()) {
    it(`${what.startsWith("DDICorpus-2013(BRAT)") ? "ddi-brat-layout: " : ""}${id}: ${what}`, () => {
      const folder = join(base, String(index))
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), content)
      }
      mkdirSync(join(folder, "copies"), { recursive: true })
      const { train, dev, test, unannotated } = publishedFiles(reader, corpusOf(id), folder)
      const portions = { train, dev, test, unannotated }
      for (const [portion, expected] of Object.entries(idsOf[id] ?? {})) {
        const of = portions[portion as keyof typeof portions]
        assert.deepStrictEqual(of && documentsIn(of, join(folder, "copies"), ownOf[id] ?? {}), expected, portion)
      }
      // What the action's key holds does not depend on where the files lie.
      const names = Effect.runSync(findFiles(train.set))
      assert.isTrue(names._tag === "Found" && names.files.every(({ name }) => name.startsWith(`${id}/`)))
    })
  }
})
