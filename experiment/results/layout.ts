import type { Result } from "../../schemas/results.ts"
import { corpora, corpusTitle, settingsOf } from "../corpora.ts"
import { demoModels } from "../demo.ts"
import { models } from "../models.ts"
import { flags, modelMark } from "./words.ts"

/** One column of the table. */
export interface Column {
  readonly corpus: string
  readonly setting: string
  /** Where it stands alone: "CDR 16", "ChemProt". */
  readonly heading: string
  /** Below the corpus's name: "16", "Full". */
  readonly under: string
}

/** The columns of the table: each setting of each corpus. */
export const tableColumns: ReadonlyArray<Column> = corpora.flatMap((corpus) => {
  const own = settingsOf(corpus)
  return own.map((setting) => ({
    corpus: corpus.id,
    setting: setting.id,
    heading: own.length === 1 ? corpus.title : `${corpus.title} ${setting.id}`,
    under: setting.heading,
  }))
})

/** The columns of each corpus, side by side. */
export const columnGroups: ReadonlyArray<{ readonly title: string; readonly columns: ReadonlyArray<Column> }> = [
  ...Map.groupBy(tableColumns, ({ corpus }) => corpus),
].map(([corpus, columns]) => ({ title: corpusTitle(corpus), columns }))

/** One number of the table. */
export interface TableCell {
  readonly result: Result
  /** The highest F1 of its column. */
  readonly best: boolean
}

/** The cells of one model, in the order of the columns; undefined where there is no run. */
export interface TableLine {
  readonly model: string
  readonly mark: string
  readonly parameters: string
  readonly cells: ReadonlyArray<TableCell | undefined>
}

/** The rows that Table 1 is made of: all labels together, by the experiment's own way to score. */
export const mainRows = (results: ReadonlyArray<Result>): ReadonlyArray<Result> =>
  results.filter(({ measure, label }) => measure === "strict" && label === "micro")

/** What a table is to have a place for, whether it has a result or not. */
export type Place = Pick<Result, "model" | "corpus" | "setting">

/** The columns that have a result or an empty place: those of the corpora that a profile, or what is kept of it, has. */
export const shownColumns = (results: ReadonlyArray<Result>, empty: ReadonlyArray<Place>): ReadonlyArray<Column> => {
  const places = [...mainRows(results), ...empty]
  const shown = tableColumns.filter(({ corpus, setting }) =>
    places.some((place) => place.corpus === corpus && place.setting === setting)
  )
  return shown.length === 0 ? tableColumns : shown
}

/** Table 1: a line for each model, in the order of the experiment's models. */
export const tableLines = (
  results: ReadonlyArray<Result>,
  shown: ReadonlyArray<Column> = tableColumns,
  empty: ReadonlyArray<Place> = [],
): ReadonlyArray<TableLine> => {
  const rows = mainRows(results)
  const known = new Map(rows.map((row) => [row.model, row.parameters]))
  const without = [...new Set(empty.map(({ model }) => model))].filter((model) => !known.has(model))
  const all = [...known, ...without.map((model) => [model, parametersOf(model)] as const)]
  const columns = shown.map(({ corpus, setting }) =>
    rows.filter((row) => row.corpus === corpus && row.setting === setting)
  )
  const highest = columns.map((column) => Math.max(...column.map(({ f1 }) => f1)))
  const inOrder = without.length === 0 ? all : all.toSorted(([one], [other]) => placeOf(one) - placeOf(other))
  return inOrder.map(([model, parameters]) => ({
    model,
    mark: modelMark(model),
    parameters,
    cells: columns.map((column, index) => {
      const result = column.find((row) => row.model === model)
      return result === undefined ? undefined : { result, best: column.length > 1 && result.f1 === highest[index] }
    }),
  }))
}

/** A model of the experiment, or of its demo. */
const listedModels: ReadonlyArray<{ readonly name: string; readonly parameters: string }> = [...models, ...demoModels]

const parametersOf = (model: string): string => listedModels.find(({ name }) => name === model)?.parameters ?? ""

const placeOf = (model: string): number => {
  const place = listedModels.findIndex(({ name }) => name === model)
  return place < 0 ? listedModels.length : place
}

/** What the marks and signs in a table mean, each once, only those that stand in it. */
export interface Legend {
  readonly models: ReadonlyArray<readonly [mark: string, meaning: string]>
  readonly cells: ReadonlyArray<readonly [mark: string, meaning: string]>
  readonly notes: ReadonlyArray<string>
}

const modelMarks: ReadonlyArray<readonly [mark: string, meaning: string]> = [
  ["b", "biomedical pretraining"],
  ["*", "finetuned on general instructions"],
  ["†", "finetuned on biomedical instructions"],
]

/** The legend of Table 1. */
export const legendOf = (lines: ReadonlyArray<TableLine>): Legend => {
  const cells = lines.flatMap((line) => line.cells)
  const results = cells.flatMap((cell) => (cell === undefined ? [] : [cell.result]))
  return {
    models: modelMarks.filter(([mark]) => lines.some((line) => line.mark.includes(mark))),
    cells: flags.filter(({ flag }) => results.some((result) => result.flags.includes(flag))).map(
      ({ mark, meaning }) => [mark, meaning] as const,
    ),
    notes: [
      "F1 in percent",
      ...(results.some(({ deviation }) => deviation !== null) ? ["mean ± standard deviation over seeds"] : []),
      ...(results.some(({ low }) => low !== null) ? ["95% bootstrap interval over documents in square brackets"] : []),
      ...(results.some(({ published }) => published !== null)
        ? ["the paper's number, and ours less it in round brackets"]
        : []),
      ...(cells.some((cell) => cell?.best === true) ? ["bold: highest of its column"] : []),
      ...(cells.includes(undefined) ? ["–: no run in this profile"] : []),
    ],
  }
}
