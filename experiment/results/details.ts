import { columnsWithin, counted, fitted, InputError, paint, selects } from "redag"
import type { Detail, MeanSliceScore, Part, SliceScore } from "../../schemas/details.ts"
import type { Result } from "../../schemas/results.ts"
import { corpusTitle } from "../corpora.ts"
import { settingTitle } from "../settings.ts"
import type { ResultTables } from "./tables.ts"
import { commandOf, count, one } from "./words.ts"

/** The rows that say what the numbers of cells do not show. */
export type DetailTables = Pick<ResultTables, "results" | "details">

/** What users call a cell: "T5-Small/cdr/full". */
export const cellName = ({ model, corpus, setting }: Pick<Detail, "model" | "corpus" | "setting">): string =>
  `${model}/${corpus}/${setting}`

/**
 * The details of the cells that a user named, in the order of the table, with the strict scores of their labels; of all
 * cells where none is named.
 *
 * A name may be the beginning of one, segment by segment, with "*" for any characters, in whatever case. Throws an
 * InputError that lists the cells on a name of none.
 */
export const detailsOf = (
  { results, details }: Pick<ResultTables, "results" | "details">,
  cell: string | undefined,
): DetailTables => {
  const names = cell === undefined ? () => true : selects(cell.toLowerCase())
  const isNamed = (row: Detail | Result): boolean => names(cellName(row).toLowerCase())
  const own = details.filter(isNamed)
  if (own.length === 0 && cell !== undefined) {
    throw new InputError({
      field: cell,
      message: "names no cell of the results",
      help: details.length === 0
        ? "the results have no details yet; run again"
        : `name one of: ${details.map(cellName).join(", ")}`,
    })
  }
  return { results: results.filter((row) => row.measure === "strict" && isNamed(row)), details: own }
}

/** What the numbers of the named cells do not show, each by itself; of all cells in a line each where none is named. */
export const renderDetails = (tables: ResultTables, cell: string | undefined, width?: number, flags = ""): string => {
  const { results, details } = detailsOf(tables, cell)
  if (details.length === 0) return "There is nothing to show beside the numbers: no run has been scored."
  return cell === undefined
    ? [
      overview(results, details, width),
      notes(width),
      paint.dim(fitted(`One cell in full: ${commandOf(flags, "--details MODEL/CORPUS/SETTING")}`, width)),
    ].join("\n\n")
    : [...details.map((detail) => block(results, detail, width)), notes(width)].join("\n\n")
}

const notes = (width: number | undefined): string => paint.dim(fitted(explanation, width))

const explanation = [
  "F1 in percent. Macro: the mean over all labels that are gold or predicted.",
  "Seen: the name, in whatever case, is an argument's in a relation that the model learned from.",
  "Together: one such relation has all the arguments.",
  "Runs: those that have such relations, gold or predicted; F1 is the mean over these. 54.5 (1/2): over one run of two.",
  "Not in text: predicted names whose words stand nowhere in the document. No clause: pieces of the output that are none.",
].join("\n")

const scoreOf = (results: ReadonlyArray<Result>, detail: Detail, label: string): Result | undefined =>
  results.find((row) => row.label === label && row.protocol === detail.protocol && cellName(row) === cellName(detail))

const f1Of = (score: Pick<SliceScore, "f1" | "gold" | "predicted"> | undefined): string =>
  score === undefined || score.gold + score.predicted === 0 ? "–" : one(score.f1)

const share = ({ count, of }: Part): string => (of === 0 ? "–" : `${one(100 * count / of)}%`)

/** The F1 of a slice, and of how many runs it is the mean where not all have the slice: "54.5 (1/2)". */
const sliceF1 = (own: MeanSliceScore | undefined, { runs }: Detail): string =>
  own === undefined || own.runs === 0 || own.runs === runs ? f1Of(own) : `${f1Of(own)} (${own.runs}/${runs})`

const slice = (detail: Detail, name: SliceScore["slice"]): string =>
  sliceF1(detail.slices.find((each) => each.slice === name), detail)

/** A line for each cell. */
const overview = (
  results: ReadonlyArray<Result>,
  details: ReadonlyArray<Detail>,
  width: number | undefined,
): string =>
  columnsWithin(
    [
      "cell",
      ">F1",
      ">macro",
      ">all seen",
      ">some seen",
      ">none seen",
      ">together",
      ">not together",
      ">not in text",
      ">no clause",
    ],
    details.map((detail) => [
      cellName(detail),
      f1Of(scoreOf(results, detail, "micro")),
      f1Of(scoreOf(results, detail, "macro")),
      slice(detail, "all arguments seen"),
      slice(detail, "some arguments seen"),
      slice(detail, "no argument seen"),
      slice(detail, "seen together"),
      slice(detail, "not seen together"),
      share(detail.absent),
      share(detail.malformed),
    ]),
    width,
  )

/** One cell: its labels, its slices, and what of the output is no name or no clause. */
const block = (results: ReadonlyArray<Result>, detail: Detail, width: number | undefined): string => {
  const { model, corpus, setting, protocol, runs, learned } = detail
  const rows = results.filter((row) => row.protocol === protocol && cellName(row) === cellName(detail))
  const named: ReadonlyArray<readonly [string, Omit<MeanSliceScore, "slice">]> = [
    ...rows.map((row) => [row.label === "micro" ? "all relations" : row.label, row] as const),
    ...detail.slices.map((row) => [row.slice, row] as const),
  ]
  return [
    paint.bold(`${model} on ${corpusTitle(corpus)}, ${settingTitle(setting)}`)
    + `: protocol ${protocol}, ${counted(runs, "run")}, ${
      learned === 0 ? "learned from unknown documents" : `learned from ${count(learned)} documents`
    }${runs > 1 ? "; means over runs" : ""}`,
    columnsWithin(
      ["", ">precision", ">recall", ">F1", ">right", ">of predicted", ">found", ">of gold", ">runs"],
      named.map(([name, row]) => [
        name,
        row.predicted === 0 ? "–" : one(row.precision),
        row.gold === 0 ? "–" : one(row.recall),
        f1Of(row),
        count(row.correct),
        count(row.predicted),
        count(row.found),
        count(row.gold),
        count(row.runs),
      ]),
      width,
    ),
    `not in text: ${part(detail.absent)} predicted names; ${part(detail.absentGold)} gold names`,
    `no clause: ${part(detail.malformed)} pieces of the output, in ${part(detail.malformedDocuments)} documents`,
  ].join("\n")
}

/** "3 of 40 (7.5%)". */
const part = (own: Part): string => `${count(own.count)} of ${count(own.of)} (${share(own)})`
