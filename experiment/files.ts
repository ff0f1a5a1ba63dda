import type { FileSet, FileSource } from "redag"
import type { Portion } from "../schemas/documents.ts"
import type { Format } from "../stages/ingest/formats.ts"

/** The files of one portion of a corpus, and the form that they are in. */
export interface PortionFiles {
  readonly format: Format
  readonly portion: Portion
  readonly set: FileSet
}

/** The portions that a corpus is published in; `dev` is absent where the publishers made none. */
export interface CorpusFiles {
  readonly train: PortionFiles
  readonly dev?: PortionFiles
  readonly test: PortionFiles
  /** More test documents, in which nothing that is looked for was annotated. */
  readonly unannotated?: PortionFiles
  /** The ids of the documents that the paper's authors trained and validated on. */
  readonly authorsSplit?: FileSet
}

/** The names of the four corpora. */
export type CorpusName = "cdr" | "dce" | "chemprot" | "ddi"

const cdr: Omit<FileSource, "bytes"> = {
  where: "BioCreative V CDR corpus v010516 (biocreative.bioinformatics.udel.edu), CDR_Data.zip",
  licence: "public domain (work of the US government)",
}
const chemprot: Omit<FileSource, "bytes"> = {
  where: "BioCreative VI ChemProt corpus (biocreative.bioinformatics.udel.edu), ChemProt_Corpus.zip",
  licence: "free for research; read the terms in the archive",
}
const ddi: Omit<FileSource, "bytes"> = {
  where: "DDI corpus 2013 (github.com/isegura/DDICorpus), DDICorpusBrat.zip",
  licence: "CC BY-NC 4.0",
}
const dce: Omit<FileSource, "bytes"> = {
  where: "Drug Combination Extraction dataset (github.com/allenai/drug-combo-extraction), data/",
  licence: "none stated by its publishers",
}

/**
 * The official files of the four corpora below a folder, as their publishers lay them out.
 *
 * The pinned digests are of the published files; those of the ChemProt and DDI test sets are not known to us.
 */
export const officialCorpora = (base: string): Readonly<Record<CorpusName, CorpusFiles>> => ({
  cdr: {
    train: {
      format: "pubtator",
      portion: "train",
      set: {
        title: "CDR training set",
        base,
        names: ["cdr/CDR_TrainingSet.PubTator.txt"],
        provenance: {
          ...cdr,
          bytes: 1_129_998,
          sha256: {
            "cdr/CDR_TrainingSet.PubTator.txt": "7afcec134e3d4871e74b0398d92850d3c9ac94c0bdc780003f2d60184c012bd8",
          },
        },
      },
    },
    dev: {
      format: "pubtator",
      portion: "dev",
      set: {
        title: "CDR development set",
        base,
        names: ["cdr/CDR_DevelopmentSet.PubTator.txt"],
        provenance: {
          ...cdr,
          bytes: 1_127_990,
          sha256: {
            "cdr/CDR_DevelopmentSet.PubTator.txt": "9e18d8e700168887a7919e62f67ac2ce2357e3f409a48ee992906abdd80fe3e5",
          },
        },
      },
    },
    test: {
      format: "pubtator",
      portion: "test",
      set: {
        title: "CDR test set",
        base,
        names: ["cdr/CDR_TestSet.PubTator.txt"],
        provenance: {
          ...cdr,
          bytes: 1_168_687,
          sha256: {
            "cdr/CDR_TestSet.PubTator.txt": "a3c48d5f35bdfce20c2371778abedc9fd24d1da092207072e5181ad53c8d0e2f",
          },
        },
      },
    },
  },
  chemprot: {
    train: chemprotPortion(base, "train", "chemprot_training", "", 2_819_602, [
      "2eef8782dc6c1474115ce5b780d6b4bc8f68d98e34fbf1619b9502fafc97685b",
      "ec01f954803d6854965b36b4c222001246b93b683a8fde4f4944132779161a7e",
      "dc1333bf582ecf67ca1a1fe05c27bfaa03969a5ef3d70543d0c7a90e2dd9896e",
    ]),
    dev: chemprotPortion(base, "dev", "chemprot_development", "", 1_699_898, [
      "186a45a6b604d602c3fcf2a04fe6cc9b5f5d6dbe5542babfc685d56db1fd617d",
      "7b75bd8e5397a72a29a387bb12f847487938b7469c84d04b289ccaa8009ec12a",
      "7fc258e29160c18807b12cb34e30fce6a4c26df835247febaafa21dc49e6ec60",
    ]),
    test: chemprotPortion(base, "test", "chemprot_test", "_gs", 0, []),
  },
  ddi: {
    train: {
      format: "brat",
      portion: "train",
      set: {
        title: "DDI training set",
        base,
        names: bratNames("ddi/brat_corpus/Train"),
        provenance: {
          ...ddi,
          bytes: 1_492_708,
          sha256: "053ccbd0ac938c39f4db6702fd889daacefa0c6f4ebba2073721cf7e64ab7bf1",
        },
      },
    },
    test: {
      format: "brat",
      portion: "test",
      set: {
        title: "DDI test set",
        base,
        names: bratNames("ddi/brat_corpus/Test for DDI Extraction task"),
        provenance: { ...ddi, bytes: 0 },
      },
    },
    unannotated: {
      format: "brat",
      portion: "test",
      set: {
        title: "DDI test set of the DrugNER task",
        base,
        names: bratNames("ddi/brat_corpus/Test for DrugNER task"),
        provenance: { ...ddi, bytes: 0 },
      },
    },
    authorsSplit: authorsIds(base, "DDI", "splits/ddi_authors_split_document_ids.json", 17_131),
  },
  dce: {
    train: {
      format: "dce",
      portion: "train",
      set: {
        title: "DCE training set",
        base,
        names: ["dce/final_train_set.jsonl"],
        provenance: {
          ...dce,
          bytes: 3_376_376,
          sha256: {
            "dce/final_train_set.jsonl": "001e8cd0fa1bf5e62c2778fb34a9ea970c44fc2f05549763bfe9c8dba405b1c7",
          },
        },
      },
    },
    test: {
      format: "dce",
      portion: "test",
      set: {
        title: "DCE test set",
        base,
        names: ["dce/final_test_set.jsonl"],
        provenance: {
          ...dce,
          bytes: 692_595,
          sha256: {
            "dce/final_test_set.jsonl": "8b893a8a10a7fe3205ffa52769bdcf330358aed709cb73ea9ae017cdef0570c4",
          },
        },
      },
    },
    authorsSplit: authorsIds(base, "DCE", "splits/dce_authors_split_doc_ids.json", 58_864),
  },
})

const bratNames = (folder: string): ReadonlyArray<string> =>
  ["DrugBank", "MedLine"].flatMap((part) => [`${folder}/${part}/*.ann`, `${folder}/${part}/*.txt`])

/** No digest is pinned: whoever takes the ids out of the published code may write the lists in another layout. */
const authorsIds = (base: string, corpus: string, name: string, bytes: number): FileSet => ({
  title: `${corpus} split of the paper's authors`,
  base,
  names: [name],
  provenance: {
    where: `computed from the code of the paper's authors (github.com/bionlproc/DS-PT-IFT): JSON with the lists "train"`
      + ` and "valid" of document ids`,
    licence: "ids only; the documents are the corpus's",
    bytes,
  },
})

const words: Readonly<Record<Portion, string>> = { train: "training", dev: "development", test: "test" }

const chemprotPortion = (
  base: string,
  portion: Portion,
  folder: string,
  suffix: string,
  bytes: number,
  digests: ReadonlyArray<string>,
): PortionFiles => {
  // The test archive marks every file but the gold standard with "_gs".
  const names = [`abstracts${suffix}`, `entities${suffix}`, "gold_standard"].map((table) =>
    `chemprot/${folder}${suffix}/${folder}_${table}.tsv`
  )
  const sha256 = Object.fromEntries(digests.map((digest, index) => [names[index] ?? "", digest]))
  return {
    format: "chemprot",
    portion,
    set: { title: `ChemProt ${words[portion]} set`, base, names, provenance: { ...chemprot, bytes, sha256 } },
  }
}

/** The bundled sample corpora, laid out like the official ones; nobody else split them or annotated less of them. */
export const sampleCorpora = (base: string): Readonly<Record<CorpusName, CorpusFiles>> => {
  const unpinned = ({ set: { title, names }, ...rest }: PortionFiles): PortionFiles => ({
    ...rest,
    set: { title: `sample ${title}`, base, names },
  })
  const official = officialCorpora(base)
  const part = (corpus: CorpusFiles): CorpusFiles => ({
    train: unpinned(corpus.train),
    ...(corpus.dev === undefined ? {} : { dev: unpinned(corpus.dev) }),
    test: unpinned(corpus.test),
  })
  const ddi = part(official.ddi)
  return {
    cdr: part(official.cdr),
    dce: part(official.dce),
    chemprot: part(official.chemprot),
    // Here both forms of the DDI corpus are read: XML to learn from, BRAT to test on.
    ddi: {
      train: {
        format: "ddi-xml",
        portion: "train",
        set: {
          ...ddi.train.set,
          names: ["ddi/xml_corpus/Train/DrugBank/*.xml", "ddi/xml_corpus/Train/MedLine/*.xml"],
        },
      },
      test: ddi.test,
    },
  }
}
