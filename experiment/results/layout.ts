import type { Result } from "../../schemas/results.ts"
import { corpora, corpusTitle, settingsOf } from "../corpora.ts"
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

/** Table 1: a line for each model, in the order of the results. */
export const tableLines = (results: ReadonlyArray<Result>): ReadonlyArray<TableLine> => {
  const rows = mainRows(results)
  const columns = tableColumns.map(({ corpus, setting }) =>
    rows.filter((row) => row.corpus === corpus && row.setting === setting)
  )
  const highest = columns.map((column) => Math.max(...column.map(({ f1 }) => f1)))
  return [...new Map(rows.map((row) => [row.model, row.parameters]))].map(([model, parameters]) => ({
    model,
    mark: modelMark(model),
    parameters,
    cells: columns.map((column, index) => {
      const result = column.find((row) => row.model === model)
      return result === undefined ? undefined : { result, best: column.length > 1 && result.f1 === highest[index] }
    }),
  }))
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
