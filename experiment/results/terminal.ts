import { columns, counted, paint, type Provenance } from "redag"
import type { Comparison } from "../../schemas/comparisons.ts"
import { isShown, significance } from "../../stages/aggregate/significance.ts"
import { type Absence, absencesOf, absentRuns } from "./absent.ts"
import { arePublished, figures, standIns } from "./figures.ts"
import {
  type Legend,
  legendOf,
  shownColumns,
  type TableCell,
  tableColumns,
  type TableLine,
  tableLines,
} from "./layout.ts"
import type { ResultTables } from "./tables.ts"
import { warningsIn } from "./warnings.ts"
import { flags, marksOf, one, signed, untested, untestedMeaning } from "./words.ts"

/** The results in the layout of the paper's Table 1, why cells of it are empty, and what the pairs of models show. */
export const renderResults = (
  { results, comparisons, warnings }: ResultTables,
  provenance?: Pick<Provenance, "absent">,
): string => {
  const absent = absentRuns(provenance?.absent ?? [])
  const shown = provenance === undefined ? tableColumns : shownColumns(results, absent)
  const lines = tableLines(results, shown, absent)
  // Marks hang, so that the digits of a column stand below each other.
  const hang = shown.map((_, index) => Math.max(0, ...lines.map(({ cells }) => marksIn(cells[index]).length)))
  const table = columns(
    ["model", ">params", ...shown.map(({ heading }, index) => `>${heading}${" ".repeat(hang[index] ?? 0)}`)],
    lines.map(({ model, mark, parameters, cells }) => [
      `${model}${superscript(mark)}`,
      parameters,
      ...cells.map((cell, index) => `${renderCell(cell)}${superscript(marksIn(cell)).padEnd(hang[index] ?? 0)}`),
    ]),
  )
  return [
    [table, ...legend(lines).map((line) => paint.dim(line))].join("\n"),
    ...renderAbsences(absencesOf(results, absent)),
    ...renderWarnings({ results, warnings }),
    ...renderComparisons(comparisons),
    ...(lines.length === 0
      ? []
      : [paint.dim(pointers)]),
  ].join("\n\n")
}

const pointers = [
  "What the numbers do not show: dag results --details",
  "Intervals, official measures, single labels and mistakes: dag results --html FILE",
].join("\n")

/** Which cells are empty, and why: a line a reason. */
const renderAbsences = (absences: ReadonlyArray<Absence>): ReadonlyArray<string> =>
  absences.length === 0
    ? []
    : [[paint.yellow("Not in the table:"), ...absences.map(({ where, why }) => `  ${where}: ${why}`)].join("\n")]

const marksIn = (cell: TableCell | undefined): string => (cell === undefined ? "" : marksOf(cell.result))

const renderCell = (cell: TableCell | undefined): string => {
  if (cell === undefined) return "–"
  const { result: { f1, deviation, published }, best } = cell
  return [
    best ? paint.bold(one(f1)) : one(f1),
    ...(deviation === null ? [] : [`± ${one(deviation)}`]),
    ...(published === null ? [] : [`[${one(published)}]`]),
  ].join(" ")
}

const superscripts: Readonly<Record<string, string>> = {
  b: "ᵇ",
  l: "ˡ",
  s: "ˢ",
  t: "ᵗ",
  c: "ᶜ",
  p: "ᵖ",
  o: "ᵒ",
  f: "ᶠ",
  x: "ˣ",
  d: "ᵈ",
}

/** Marks as raised letters; "*" and "†" are raised as they are. */
const superscript = (marks: string): string => Array.from(marks, (mark) => superscripts[mark] ?? mark).join("")

/** What numbers are, what marks of models mean, and what those of cells mean: a line each. */
const legend = (lines: ReadonlyArray<TableLine>): ReadonlyArray<string> => {
  const { models, cells } = legendOf(lines)
  const results = lines.flatMap((line) => line.cells.flatMap((cell) => (cell === undefined ? [] : [cell.result])))
  const notes = [
    "F1 in percent",
    ...(results.some(({ deviation }) => deviation !== null) ? ["mean ± standard deviation over seeds"] : []),
    ...(results.some(({ published }) => published !== null) ? ["the paper's number in brackets"] : []),
  ]
  const explained = (marks: Legend["models"]): string =>
    marks.map(([mark, meaning]) => `${superscript(mark)} ${meaning}`).join(", ")
  // The names of flags are enough here; the files explain them.
  const words = flags.filter(({ mark }) => cells.some(([own]) => own === mark)).map(({ mark, flag }) =>
    [mark, flag] as const
  )
  return [notes.join("; "), explained(models), explained(words)]
    .filter((line) => line !== "")
}

/** A table of differences for each question, a line a pair of models. */
/** What is suspicious about corpora: a line each, after the mark of its flag. */
const renderWarnings = (tables: Pick<ResultTables, "results" | "warnings">): ReadonlyArray<string> => {
  const lines = warningsIn(tables).map(({ mark, text }) => `${paint.yellow("warning")} ${superscript(mark)} ${text}`)
  return lines.length === 0 ? [] : [lines.join("\n")]
}

const renderComparisons = (comparisons: ReadonlyArray<Comparison>): ReadonlyArray<string> => {
  const asked = (["domain", "instructions"] as const).flatMap((question) => {
    const own = comparisons.filter((comparison) => comparison.question === question)
    if (own.length === 0) return []
    const pairs = new Map(own.map((comparison) => [`${comparison.other} − ${comparison.base}`, comparison]))
    const shown = tableColumns.filter(({ corpus, setting }) =>
      own.some((comparison) => comparison.corpus === corpus && comparison.setting === setting)
    )
    const rows = [...pairs].map(([name, { base, other }]) => [
      name,
      ...shown.map(({ corpus, setting }) =>
        renderDifference(
          own.find((one) =>
            one.base === base && one.other === other && one.corpus === corpus && one.setting === setting
          ),
        )
      ),
    ])
    const table = columns([headings[question], ...shown.map(({ heading }) => `>${heading}`)], rows)
    return [
      [table, ...figures(own).map((figure) => paint.dim(renderFigure(figure.number, figure.comparisons)))].join("\n"),
    ]
  })
  if (asked.length === 0) return []
  const note = `Differences in F1; * where p < ${significance} after Holm's correction and the interval leaves out 0${
    comparisons.some(({ adjusted }) => adjusted === null) ? `\n${untested} ${untestedMeaning}` : ""
  }${arePublished(comparisons) ? "" : `\n${standIns}`}`
  return [...asked, paint.dim(note)]
}

const headings = { domain: "by pretraining", instructions: "by instructions" }

const renderDifference = (comparison: Comparison | undefined): string => {
  if (comparison === undefined) return "– "
  const { difference, adjusted } = comparison
  if (adjusted === null) return `${signed(difference)}${untested}`
  return isShown(comparison) ? paint.bold(`${signed(difference)}*`) : `${signed(difference)} `
}

/** "figure 2: 28 tests, 9 significant: 7 up, 2 down". */
const renderFigure = (number: number, comparisons: ReadonlyArray<Comparison>): string => {
  const tested = comparisons.filter(({ adjusted }) => adjusted !== null)
  const shown = tested.filter(isShown)
  const up = shown.filter(({ difference }) => difference > 0).length
  const finding = shown.length === 0
    ? "none significant"
    : `${shown.length} significant: ${up} up, ${shown.length - up} down`
  return `figure ${number}: ${counted(tested.length, "test")}, ${finding}`
}
