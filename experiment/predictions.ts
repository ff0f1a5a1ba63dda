import { Result, Schema } from "effect"
import { basename } from "node:path"
import { checker, InputError } from "redag"
import type { FormName } from "../stages/predictions/forms.ts"
import type { OfficialEvaluation } from "../stages/shared/measures/measures.ts"
import { constrainedName } from "./constrained.ts"
import { corpora, type Corpus, missingColumn } from "./corpora.ts"
import { demoModels } from "./demo.ts"
import { models } from "./models.ts"
import { settings } from "./settings.ts"

/** The rows of predictions without a mistake, which `dag score` sets beside others. */
export const perfectRows = [
  { name: "perfect texts", as: "texts" },
  { name: "perfect relations", as: "relations" },
] as const

/** Whether two names are one, whatever the case of their letters. */
export const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** What has a name already, of itself: a model of the grid, by its own name or the Hub's, or its row under a constraint. */
const takenBy = (name: string): string | undefined => {
  const named = models.find(({ huggingFace }) =>
    [huggingFace, basename(huggingFace)].some((each) => isSame(each, name))
    && !models.some((row) => isSame(row.name, name))
  )
  if (named !== undefined) return `is what the Hugging Face Hub calls ${named.name}, a model of the grid`
  if ([...models, ...demoModels, ...perfectRows].some((row) => isSame(row.name, name))) return "is a model of the grid"
  const model = [...models, ...demoModels].find((row) => isSame(constrainedName(row.name), name))
  return model === undefined ? undefined : `is the constrained row of ${model.name}`
}

/** What a row beyond the grid is called: it stands in the table and in the names of nodes. */
export const RowName = Schema.String.check(
  Schema.isPattern(/^\w[\w.-]*$/u, {
    message: "use letters, digits, \".\", \"-\" and \"_\", so that selectors can name the row",
  }),
  Schema.makeFilter((name) => {
    const taken = takenBy(name)
    return taken === undefined ? undefined : `"${name}" ${taken}; give the row another name`
  }),
)

/** Whose predictions they are, and for what. */
export const PredictionsFields = {
  name: RowName,
  corpus: Schema.Literals(corpora.map(({ id }) => id)),
  /** The column that they stand in: how many examples their maker learned from; "full" where left out. */
  setting: Schema.optionalKey(Schema.Literals(settings.map(({ id }) => id))),
}

/** What is wrong with the column of predictions. */
export const columnIssue = (
  { corpus, setting = "full" }: { readonly corpus: string; readonly setting?: string },
): Schema.FilterIssue | undefined => {
  const issue = missingColumn(corpus, setting)
  return issue === undefined ? undefined : { path: ["setting"], issue }
}

/** A file of predictions that is a row of the table. */
export interface PredictionsRow {
  readonly name: string
  readonly corpus: string
  readonly setting?: string
  /** Below the project's folder where it is relative. */
  readonly file: string
}

/** The form in which each official program reads predictions. */
const forms: Readonly<Record<OfficialEvaluation, FormName>> = {
  "biocreative-v-cdr": "pubtator",
  "biocreative-vi-chemprot": "chemprot",
  "biocreative-viii-biored": "pubtator",
  "drug-combinations": "combinations",
  "semeval-2013-ddi": "sentence-pairs",
}

/** The form of a corpus's official program; null where it has none. */
export const formOf = ({ evaluation }: Corpus): FormName | null => (evaluation === null ? null : forms[evaluation])

/** The name of the table that `dag score` makes, below its stage. */
export const askedTable = "asked"

/** Files that `dag score` names. */
export interface AskedPredictions {
  readonly rows: ReadonlyArray<PredictionsRow>
}

/** What `dag score` is told besides the files. */
const AskedFields = Schema.Struct(PredictionsFields).check(Schema.makeFilter(columnIssue))

/** Names rows by their files: "mine" of "runs/mine.jsonl"; by a name that is given where there is one file. */
const nameOf = (file: string, name: string | undefined): string =>
  name ?? basename(file).replace(/(?:\.[A-Za-z]+)+$/u, "").trim().replace(/[^\w.-]+/gu, "-")

/** What `dag score` is asked, checked; throws an InputError that names the flag. */
export const askedPredictions = (
  files: ReadonlyArray<string>,
  flags: Readonly<Record<string, string>>,
): AskedPredictions => {
  const { corpus, name, setting } = flags
  if (corpus === undefined) {
    throw new InputError({
      field: "--corpus",
      message: "is missing",
      help: `name the corpus that the predictions are for: ${corpora.map(({ id }) => id).join(", ")}`,
    })
  }
  if (name !== undefined && files.length > 1) {
    throw new InputError({
      field: "--name",
      message: `names one row, and there are ${files.length} files`,
      help: "leave it out: each is called as its file",
    })
  }
  const check = checker(AskedFields, { excess: "error" })
  const rows = files.map((file): PredictionsRow => {
    const checked = check({ name: nameOf(file, name), corpus, ...(setting === undefined ? {} : { setting }) })
    if (Result.isSuccess(checked)) return { ...checked.success, file }
    const { path: [field = "name"], message } = checked.failure
    throw new InputError({ field: `--${String(field)}`, message, help: "give another one" })
  })
  const names = rows.map((row) => row.name.toLowerCase())
  const again = names.findIndex((own, index) => names.indexOf(own) < index)
  if (again === -1) return { rows }
  throw new InputError({
    field: "--predictions",
    message: `two files are called ${rows[again]?.name ?? ""}`,
    help: "give them other names: each is a row that is called as its file",
  })
}
