import type { OfficialEvaluation } from "../stages/shared/measures/measures.ts"
import type { DepartureName } from "./departures.ts"
import { type Setting, settings } from "./settings.ts"

/** One corpus of the experiment. */
export interface Corpus {
  /** What rows, node names and `experiment/files.yaml` call it. */
  readonly id: string
  readonly title: string
  /** The publication that describes it, and its address if it has one. */
  readonly publication: { readonly title: string; readonly url?: string }
  /** Whether the paper does not have it: the profiles "more" and "demo" do, "paper" and "authors" do not. */
  readonly beyondPaper?: boolean
  /** Whether models also learn from few examples of it. */
  readonly fewShot: boolean
  /**
   * Whether the arguments of a relation have an order. A drug interacts with another as that one does with it, though
   * the authors' code minds the order; of a combination nobody does.
   */
  readonly arguments: "ordered" | "symmetric" | "set"
  /** The entity types of the first and the second argument, where a relation between others is a mistake. */
  readonly argumentTypes?: readonly [string, string]
  /** Whether a relation may have its arguments in different sentences. */
  readonly reach: "document" | "sentence"
  /** The YAML file with the words of its prompts and relations. */
  readonly template: string
  /** The template of the paper's authors, where the departure "merged-classes" concerns the corpus. */
  readonly authorsTemplate?: string
  /** The evaluation of those who published it; null where scores are strict only. */
  readonly evaluation: OfficialEvaluation | null
  /** Labels that its files have and nobody evaluates; its other labels are those of its template. */
  readonly unusedLabels?: ReadonlyArray<string>
  /** What stands between the concepts of a mention in its files; "|" where left out. */
  readonly conceptSeparator?: "|" | ","
  /** What is said of a relation beside its label, and written behind that: "Association/Novel". */
  readonly qualifier?: string
  /** The keys of infons in its BioC files, where they are not those of CDR. */
  readonly infons?: { readonly concept: string; readonly label: string; readonly arguments: readonly [string, string] }
  /** The departures that concern it, besides those that concern every corpus. */
  readonly departures: ReadonlyArray<DepartureName>
}

/** The corpora, in the order of all tables, figures and pages. */
export const corpora: ReadonlyArray<Corpus> = [
  {
    id: "cdr",
    title: "CDR",
    publication: { title: "Wei et al., Database 2016, baw032", url: "https://doi.org/10.1093/database/baw032" },
    fewShot: true,
    arguments: "ordered",
    argumentTypes: ["Chemical", "Disease"],
    reach: "document",
    template: "stages/template/cdr.yaml",
    evaluation: "biocreative-v-cdr",
    departures: ["greatest-mention", "composite-names", "file-order", "repeated-clauses", "variants-counted"],
  },
  {
    id: "dce",
    title: "DCE",
    publication: {
      title: "Tiktinsky et al., NAACL 2022",
      url: "https://aclanthology.org/2022.naacl-main.233/",
    },
    fewShot: true,
    arguments: "set",
    reach: "document",
    template: "stages/template/dce.yaml",
    authorsTemplate: "stages/template/dce.authors.yaml",
    evaluation: "drug-combinations",
    departures: [
      "authors-split",
      "merged-classes",
      "ordered-duplicates",
      "repeated-clauses",
      "shuffled-clauses",
      "pooled-counters",
    ],
  },
  {
    id: "chemprot",
    title: "ChemProt",
    publication: { title: "Krallinger et al., BioCreative VI, 2017" },
    fewShot: false,
    arguments: "ordered",
    reach: "sentence",
    template: "stages/template/chemprot.yaml",
    evaluation: "biocreative-vi-chemprot",
    unusedLabels: ["CPR:0", "CPR:1", "CPR:2", "CPR:7", "CPR:8", "CPR:10"],
    departures: [
      "lower-cased-gold",
      "no-sentence-filter",
      "shuffled-clauses",
      "unknown-ignored",
      "pooled-counters",
    ],
  },
  {
    id: "ddi",
    title: "DDI",
    publication: {
      title: "Segura-Bedmar et al., SemEval-2013 Task 9",
      url: "https://aclanthology.org/S13-2056/",
    },
    fewShot: false,
    arguments: "symmetric",
    reach: "document",
    template: "stages/template/ddi.yaml",
    evaluation: "semeval-2013-ddi",
    departures: [
      "drugner-documents",
      "authors-split",
      "ordered-duplicates",
      "repeated-clauses",
      "shuffled-clauses",
      "unknown-ignored",
      "pooled-counters",
    ],
  },
  {
    id: "biored",
    title: "BioRED",
    publication: { title: "Luo et al., Briefings in Bioinformatics 2022", url: "https://doi.org/10.1093/bib/bbac282" },
    beyondPaper: true,
    fewShot: false,
    arguments: "symmetric",
    reach: "document",
    template: "stages/template/biored.yaml",
    evaluation: "biocreative-viii-biored",
    conceptSeparator: ",",
    qualifier: "novel",
    infons: { concept: "identifier", label: "type", arguments: ["entity1", "entity2"] },
    departures: [],
  },
  {
    id: "drugprot",
    title: "DrugProt",
    publication: { title: "Miranda et al., BioCreative VII, 2021" },
    beyondPaper: true,
    fewShot: false,
    arguments: "ordered",
    reach: "document",
    template: "stages/template/drugprot.yaml",
    evaluation: "biocreative-vi-chemprot",
    departures: [],
  },
]

/** The corpora that the paper has. */
export const paperCorpora = corpora.filter(({ beyondPaper = false }) => !beyondPaper)

/** The settings in which models learn from a corpus. */
export const settingsOf = ({ fewShot }: Pick<Corpus, "fewShot">): ReadonlyArray<Setting> =>
  settings.filter(({ shots }) => fewShot || shots === "full")

/** The corpus of an id. */
export const findCorpus = (id: string): Corpus | undefined => corpora.find((corpus) => corpus.id === id)

/** Says that a corpus has no column of a setting: not every corpus has every one; undefined where it has it. */
export const missingColumn = (id: string, setting: string): string | undefined => {
  const corpus = findCorpus(id)
  const own = corpus === undefined ? [] : settingsOf(corpus).map((each): string => each.id)
  return own.includes(setting)
    ? undefined
    : `the corpus ${corpus?.title ?? id} has no column "${setting}"; its columns: ${own.join(", ")}`
}

/** A corpus as it is written. */
export const corpusTitle = (id: string): string => findCorpus(id)?.title ?? id

/** The ids of the corpora that rows are of: those of the list in its order, then any that the list no longer has. */
export const corpusIdsIn = (rows: ReadonlyArray<{ readonly corpus: string }>): ReadonlyArray<string> => {
  const found = new Set(rows.map(({ corpus }) => corpus))
  const listed = corpora.map(({ id }) => id)
  return [...listed.filter((id) => found.has(id)), ...[...found].filter((id) => !listed.includes(id))]
}
