import type { AbsenceReason } from "redag"
import type { Result, Source } from "../../schemas/results.ts"
import { constrainedName } from "../constrained.ts"
import { corpora, corpusTitle, paperCorpora, settingsOf } from "../corpora.ts"
import { demoModels } from "../demo.ts"
import { models } from "../models.ts"
import { settingTitle } from "../settings.ts"
import { type AbsentRun, placeOfReason } from "./absent.ts"
import { modelMark } from "./words.ts"

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

/** The columns that stand where there is nothing yet: those of the paper. */
const paperColumns = tableColumns.filter(({ corpus }) => paperCorpora.some(({ id }) => id === corpus))

/** The heading of a column that stands alone; "CDR 32-shot" for one that the table does not have. */
export const headingOf = ({ corpus, setting }: Pick<Result, "corpus" | "setting">): string =>
  tableColumns.find((column) => column.corpus === corpus && column.setting === setting)?.heading
    ?? `${corpusTitle(corpus)} ${settingTitle(setting)}`

/** The columns of each corpus, side by side. */
export const columnGroups = (
  shown: ReadonlyArray<Column>,
): ReadonlyArray<{ readonly title: string; readonly columns: ReadonlyArray<Column> }> =>
  [...Map.groupBy(shown, ({ corpus }) => corpus)].map(([corpus, columns]) => ({ title: corpusTitle(corpus), columns }))

/** What stands at one place of the table. */
export type TableCell =
  | {
    readonly _tag: "Scored"
    readonly result: Result
    /** The highest F1 of its column among the models of the grid. */
    readonly best: boolean
    /** How many runs there are so far, "2 of 5", where some are still to come; else undefined. */
    readonly soFar: string | undefined
  }
  /** There is no run yet, for this reason. */
  | { readonly _tag: "Empty"; readonly place: Place; readonly reason: AbsenceReason }
  /** The profile has no such run. */
  | { readonly _tag: "None" }

/** The cells of one model, in the order of the columns. */
export interface TableLine {
  readonly model: string
  readonly mark: string
  readonly parameters: string
  readonly cells: ReadonlyArray<TableCell>
}

/** The rows that Table 1 is made of: all labels together, by the experiment's own way to score. */
export const mainRows = (results: ReadonlyArray<Result>): ReadonlyArray<Result> =>
  results.filter(({ measure, label }) => measure === "strict" && label === "micro")

/** What a table is to have a place for, whether it has a result or not. */
export type Place = Pick<Result, "model" | "corpus" | "setting">

/** The columns that have a result or an empty place: those that a profile, or what is kept of it, has. */
export const shownColumns = (results: ReadonlyArray<Result>, empty: ReadonlyArray<Place>): ReadonlyArray<Column> => {
  const places = [...mainRows(results), ...empty]
  const shown = tableColumns.filter((column) => places.some((place) => isIn(place, column)))
  return shown.length === 0 ? paperColumns : shown
}

/** Table 1: a line for each model, in the order of the experiment's models. */
export const tableLines = (
  results: ReadonlyArray<Result>,
  shown: ReadonlyArray<Column>,
  absent: ReadonlyArray<AbsentRun>,
): ReadonlyArray<TableLine> => {
  const rows = mainRows(results)
  const known = new Map(rows.map((row) => [row.model, row.parameters]))
  const sources = new Map(rows.map((row) => [row.model, row.source]))
  const without = [...new Set(absent.map(({ model }) => model))].filter((model) => !known.has(model))
  const all = [...known, ...without.map((model) => [model, parametersOf(model)] as const)]
  const inOrder = without.length === 0 ? all : all.toSorted(([one], [other]) => placeOf(one) - placeOf(other))
  const columns = shown.map((column) => {
    const scored = rows.filter((row) => isIn(row, column))
    return {
      scored,
      // What was not trained here is no checkpoint to keep.
      highest: Math.max(...scored.filter(isOfGrid).map(({ f1 }) => f1)),
      // Of several reasons the first counts.
      absent: absent.filter((run) => isIn(run, column)).toSorted((one, other) =>
        placeOfReason(one.reason) - placeOfReason(other.reason)
      ),
    }
  })
  return inOrder.map(([model, parameters]) => ({
    model,
    mark: modelMark(model, sources.get(model) ?? sourceOf(absent.filter((run) => run.model === model))),
    parameters,
    cells: columns.map(({ scored, highest, absent }): TableCell => {
      const result = scored.find((row) => row.model === model)
      const toCome = absent.filter((run) => run.model === model)
      if (result === undefined) {
        return toCome[0] === undefined
          ? { _tag: "None" }
          : { _tag: "Empty", place: toCome[0], reason: toCome[0].reason }
      }
      return {
        _tag: "Scored",
        result,
        best: scored.filter(isOfGrid).length > 1 && isOfGrid(result) && result.f1 === highest,
        soFar: toCome.length === 0 ? undefined : `${result.runs} of ${result.runs + toCome.length}`,
      }
    }),
  }))
}

/** Whether a row is a model that the experiment finetunes. */
const isOfGrid = ({ source }: Result): boolean => source === "grid"

const isIn = (place: Place, { corpus, setting }: Column): boolean =>
  place.corpus === corpus && place.setting === setting

/**
 * Where a row comes from of which nothing has run. What it is called says so of a model of the grid, and of its row under a
 * constraint; of others, seeds choose what a model in context is shown, and a file of predictions has none.
 */
const sourceOf = (runs: ReadonlyArray<AbsentRun>): Source => {
  const isNamed = (name: string): boolean => runs.some(({ model }) => model === name)
  if (listedModels.some(({ name }) => isNamed(name))) return "grid"
  if (listedModels.some(({ name }) => isNamed(constrainedName(name)))) return "constrained"
  return runs.some(({ seed }) => seed !== null) ? "in-context" : "predictions"
}

/** A model of the experiment, or of its demo. */
const listedModels: ReadonlyArray<{ readonly name: string; readonly parameters: string }> = [...models, ...demoModels]

const parametersOf = (model: string): string =>
  listedModels.find(({ name }) => name === model || constrainedName(name) === model)?.parameters ?? ""

const placeOf = (model: string): number => {
  const place = listedModels.findIndex(({ name }) => name === model)
  return place < 0 ? listedModels.length : place
}
