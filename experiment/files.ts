import { Schema } from "effect"
import { type Builder, type FileSet, InputError, isThere } from "redag"
import type { Portion } from "../schemas/documents.ts"
import { Format } from "../stages/ingest/formats.ts"
import { Keep } from "../stages/ingest/portion.ts"
import type { Published } from "../stages/ingest/warnings.ts"
import type { Corpus } from "./corpora.ts"

const file = "experiment/files.yaml"

const Names = Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1))
const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u))

/** Files in one of the forms in which a portion is published. */
const formFields = {
  format: Format,
  names: Names,
  /** Which documents are of the portion, where others lie among them. */
  keep: Schema.optionalKey(Keep),
}

/** The files of one portion of a corpus, and the form that they are in. */
const PortionEntry = Schema.Struct({
  ...formFields,
  /** Other forms in which it is published: the first that is there is read, with other digests and sizes. */
  forms: Schema.optionalKey(Schema.Array(Schema.Struct(formFields))),
  title: Schema.optionalKey(Schema.String),
  /** Documents in which something is wrong are left out, with a warning, instead of being an error. */
  lenient: Schema.optionalKey(Schema.Boolean),
  /** How many its publishers say that there are. */
  documents: Schema.optionalKey(Schema.Natural),
  /** Which of their sets it is, where they did not publish that of the portion's name. */
  set: Schema.optionalKey(Schema.Literal("development set")),
  bytes: Schema.optionalKey(Schema.Natural),
  sha256: Schema.optionalKey(Schema.Union([Sha256, Schema.Record(Schema.String, Sha256)])),
})

/** The portions that a corpus is published in. */
const PortionsEntry = Schema.Struct({
  train: PortionEntry,
  dev: Schema.optionalKey(PortionEntry),
  test: PortionEntry,
  unannotated: Schema.optionalKey(PortionEntry),
  authorsSplit: Schema.optionalKey(Schema.Struct({ names: Names, bytes: Schema.Natural })),
})

/** What `experiment/files.yaml` says of each corpus. */
export const FilesEntries = Schema.Record(
  Schema.String,
  Schema.Struct({
    where: Schema.String,
    licence: Schema.String,
    /** By a folder that names begin with, others that the publishers' archives have in its place. */
    places: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(Schema.String))),
    published: PortionsEntry,
    bundled: Schema.optionalKey(PortionsEntry),
  }),
)

/** The files of one portion of a corpus, ready to be wired. */
export interface PortionFiles {
  readonly format: (typeof Format)["Encoded"]
  readonly portion: Portion
  readonly keep: Keep
  readonly lenient: boolean
  /** What its publishers say of it, as far as it is known. */
  readonly published: (typeof Published)["Encoded"]
  readonly set: FileSet
}

/** The files of a corpus; `dev` is absent where its publishers made none. */
export interface CorpusFiles {
  readonly train: PortionFiles
  readonly dev?: PortionFiles
  readonly test: PortionFiles
  /** More test documents, in which nothing that is looked for was annotated. */
  readonly unannotated?: PortionFiles
  /** The ids of the documents that the paper's authors trained and validated on. */
  readonly authorsSplit?: FileSet
}

/** What reads the files' entries. */
type Reader = Pick<Builder, "yaml">

/** The published files of a corpus below a folder. Throws an InputError where `experiment/files.yaml` has none. */
export const publishedFiles = (dag: Reader, corpus: Corpus, base: string): CorpusFiles => {
  const { published, places = {}, where, licence } = entryOf(dag, corpus)
  const source: SourceOf = ({ names, bytes = 0, sha256 }) => {
    const folder = Object.keys(places).find((one) => names.every((name) => name.startsWith(`${one}/`)))
    const others = folder === undefined ? undefined : places[folder]
    return {
      // An archive lies in the corpus's own folder or beside those of others.
      ...(folder === undefined || others === undefined
        ? {}
        : { elsewhere: { folder, places: others.flatMap((place) => [`${corpus.id}/${place}`, place]) } }),
      provenance: { where, licence, bytes, ...(sha256 === undefined ? {} : { sha256 }) },
    }
  }
  const { authorsSplit } = published
  return {
    ...portions(corpus, base, published, source),
    ...(authorsSplit === undefined ? {} : { authorsSplit: authorsIds(corpus, base, authorsSplit) }),
  }
}

/** The files of a corpus that travel with the package; undefined where none do. */
export const bundledFiles = (dag: Reader, corpus: Corpus, base: string): CorpusFiles | undefined => {
  const { bundled } = entryOf(dag, corpus)
  return bundled === undefined
    ? undefined
    : portions({ ...corpus, title: `demo ${corpus.title}` }, base, bundled, () => ({}))
}

/** Whether files of a corpus travel with the package. */
export const isBundled = (dag: Reader, corpus: Corpus): boolean => entryOf(dag, corpus).bundled !== undefined

const entryOf = (dag: Reader, { id }: Corpus): (typeof FilesEntries.Encoded)[string] => {
  const entry = dag.yaml(file, FilesEntries)[id]
  if (entry !== undefined) return entry
  throw new InputError({
    file,
    field: id,
    message: "is missing: experiment/corpora.ts lists this corpus",
    help: "add where its files are, or remove the corpus from experiment/corpora.ts",
  })
}

/** The files of a portion in one form; digests and sizes are known of the first form only. */
type Form = Pick<typeof PortionEntry.Encoded, "format" | "names" | "keep" | "bytes" | "sha256">

/** Where else the files of a portion may lie, and where they come from. */
type SourceOf = (form: Form) => Pick<FileSet, "elsewhere" | "provenance">

const words: Readonly<Record<Portion, string>> = { train: "training set", dev: "development set", test: "test set" }

const portions = (
  corpus: Corpus,
  base: string,
  { train, dev, test, unannotated }: typeof PortionsEntry.Encoded,
  sourceOf: SourceOf,
): CorpusFiles => {
  const files = (portion: Portion, entry: typeof PortionEntry.Encoded): PortionFiles => {
    const { forms = [], lenient = false, documents, set } = entry
    const { title = `${corpus.title} ${set ?? words[portion]}` } = entry
    const formOf = (form: Form): Pick<PortionFiles, "format" | "keep" | "published" | "set"> => {
      const { format, names, keep = "all", sha256 } = form
      const published = {
        ...(documents === undefined ? {} : { documents }),
        ...(set === undefined ? {} : { set }),
        ...(sha256 === undefined ? {} : { sha256: typeof sha256 === "string" ? sha256 : Object.values(sha256) }),
      }
      return { format, keep, published, set: { title, base, names, ...sourceOf(form) } }
    }
    const first = formOf(entry)
    const others = forms.map((form) => formOf(form))
    const found = others.length === 0 || isThere(first.set) ? first : others.find(({ set }) => isThere(set)) ?? first
    return { portion, lenient, ...found }
  }
  return {
    train: files("train", train),
    ...(dev === undefined ? {} : { dev: files("dev", dev) }),
    test: files("test", test),
    ...(unannotated === undefined ? {} : { unannotated: files("test", unannotated) }),
  }
}

const authorsIds = (
  { title }: Corpus,
  base: string,
  { names, bytes }: { readonly names: ReadonlyArray<string>; readonly bytes: number },
): FileSet => ({
  title: `${title} split of the paper's authors`,
  base,
  names,
  provenance: {
    where: `computed from the code of the paper's authors (github.com/bionlproc/DS-PT-IFT): JSON with the lists "train"`
      + ` and "valid" of document ids`,
    licence: "ids only; the documents are the corpus's",
    bytes,
  },
})
