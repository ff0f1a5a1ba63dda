import { Schema } from "effect"
import type { FormName } from "../stages/predictions/forms.ts"
import type { OfficialEvaluation } from "../stages/shared/measures/measures.ts"
import { corpora, type Corpus, findCorpus, settingsOf } from "./corpora.ts"
import { demoModels } from "./demo.ts"
import { models } from "./models.ts"
import { settings } from "./settings.ts"

/** What a row beyond the grid is called: it stands in the table and in the names of nodes. */
export const RowName = Schema.String.check(
  Schema.isPattern(/^\w[\w.+ -]*$/u, { message: "use letters, digits, blanks, \".\", \"+\", \"-\" and \"_\"" }),
  Schema.makeFilter((name) =>
    [...models, ...demoModels].some((model) => model.name.toLowerCase() === name.toLowerCase())
      ? `"${name}" is a model of the grid; give the row another name`
      : undefined
  ),
)

/** Whose predictions they are, and for what. */
export const PredictionsFields = {
  name: RowName,
  corpus: Schema.Literals(corpora.map(({ id }) => id)),
  /** The column that they stand in: how many examples their maker learned from; "full" where left out. */
  setting: Schema.optionalKey(Schema.Literals(settings.map(({ id }) => id))),
}

/** What is wrong with the column of predictions: not every corpus has every setting. */
export const columnIssue = (
  { corpus: id, setting = "full" }: { readonly corpus: string; readonly setting?: string },
): Schema.FilterIssue | undefined => {
  const corpus = findCorpus(id)
  const own = corpus === undefined ? [] : settingsOf(corpus).map((each): string => each.id)
  return own.includes(setting)
    ? undefined
    : { path: ["setting"], issue: `${corpus?.title ?? id} has no column "${setting}"; its columns: ${own.join(", ")}` }
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
