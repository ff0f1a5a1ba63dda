import { columnsWithin, counted, fitted, paint } from "redag"
import type { Comparison } from "../../schemas/comparisons.ts"
import { isShown, significance } from "../../stages/aggregate/significance.ts"
import type { Absence } from "./absences.ts"
import { absentRuns, reasonWords, type WithAbsent } from "./absent.ts"
import { arePublished, figures, standIns } from "./figures.ts"
import { type TableCell, tableColumns } from "./layout.ts"
import type { Legend } from "./legend.ts"
import { pairsToCome, toComeLines } from "./pairs-to-come.ts"
import { renderSystems } from "./systems.ts"
import { type Table1, table1 } from "./table1.ts"
import type { ResultTables } from "./tables.ts"
import type { MarkedWarning } from "./warnings.ts"
import { commandOf, flags, marksOf, one, signed, superscript, untested, untestedMeaning } from "./words.ts"

/**
 * The results in the layout of the paper's Table 1, why cells of it are empty, and what the pairs of models show. On a
 * terminal of `width` columns that is too narrow, corpora stand below each other.
 */
export const renderResults = (tables: ResultTables, provenance: WithAbsent, width?: number): string => {
  const { columns: shown, lines, legend, absences, warnings } = table1(tables, provenance)
  // Marks hang, so that the digits of a column stand below each other.
  const hang = shown.map((_, index) => Math.max(0, ...lines.map(({ cells }) => marksIn(cells[index]).length)))
  const table = columnsWithin(
    ["model", ">params", ...shown.map(({ heading }, index) => `>${heading}${" ".repeat(hang[index] ?? 0)}`)],
    lines.map(({ model, mark, parameters, cells }) => [
      `${model}${superscript(mark)}`,
      parameters,
      ...cells.map((cell, index) => `${renderCell(cell)}${superscript(marksIn(cell)).padEnd(hang[index] ?? 0)}`),
    ]),
    width,
    2,
    ["", "", ...shown.map(({ corpus }) => corpus)],
  )
  const notes = explained(lines, legend).map((line) => fitted(line, width))
  return [
    [table, ...notes.map((line) => paint.dim(line))].join("\n"),
    ...renderAbsences(absences, width),
    ...renderWarnings(warnings, width),
    ...renderComparisons(tables, provenance, width),
    ...(tables.systems.length === 0 ? [] : [renderSystems(tables.systems, width)]),
    ...(lines.length === 0
      ? []
      : [paint.dim(pointers(provenance.flags ?? "", width))]),
  ].join("\n\n")
}

/** What else there is to see; a command that does not fit behind its words has a line of its own. */
const pointers = (view: string, width = Infinity): string =>
  [
    ["What the numbers do not show:", commandOf(view, "--details")],
    ["Intervals, official measures, single labels and mistakes:", commandOf(view, "--html FILE")],
  ].map(([words = "", command = ""]) =>
    words.length + 1 + command.length <= width ? `${words} ${command}` : `${words}\n  ${command}`
  ).join("\n")

/** Which cells are empty, and why: a line a reason. */
const renderAbsences = (absences: ReadonlyArray<Absence>, width: number | undefined): ReadonlyArray<string> =>
  absences.length === 0
    ? []
    : [
      [
        paint.yellow("Not in the table:"),
        ...absences.map(({ where, why }) => fitted(`  ${where}: ${why}`, width, 2)),
      ].join("\n"),
    ]

const marksIn = (cell: TableCell | undefined): string => (cell?._tag === "Scored" ? marksOf(cell.result) : "")

const renderCell = (cell: TableCell): string => {
  switch (cell._tag) {
    case "None":
      return "–"
    case "Empty":
      return paint.dim(reasonWords[cell.reason._tag])
    case "Scored": {
      const { result: { f1, deviation, published }, best, soFar } = cell
      return [
        best ? paint.bold(one(f1)) : one(f1),
        ...(deviation === null ? [] : [`± ${one(deviation)}`]),
        ...(soFar === undefined ? [] : [`(${soFar.replace(" of ", "/")})`]),
        ...(published === null ? [] : [`[${one(published)}]`]),
      ].join(" ")
    }
  }
}

/** What numbers are, what marks of models mean, and what those of cells mean: a line each. */
const explained = (lines: Table1["lines"], { models, cells }: Legend): ReadonlyArray<string> => {
  const scored = lines.flatMap(({ cells }) => cells).filter((cell) => cell._tag === "Scored")
  const notes = [
    "F1 in percent",
    ...(scored.some(({ result }) => result.deviation !== null) ? ["mean ± standard deviation over seeds"] : []),
    ...(scored.some(({ soFar }) => soFar !== undefined) ? ["(2/5): seeds so far, of all"] : []),
    ...(scored.some(({ result }) => result.published !== null) ? ["the paper's number in brackets"] : []),
  ]
  const marked = (marks: Legend["models"]): string =>
    marks.map(([mark, meaning]) => `${superscript(mark)} ${meaning}`).join(", ")
  // The names of flags are enough here; the files explain them.
  const words = flags.filter(({ mark }) => cells.some(([own]) => own === mark)).map(({ mark, flag }) =>
    [mark, flag] as const
  )
  const none = lines.some(({ cells }) => cells.some(({ _tag }) => _tag === "None")) ? "– no run in this profile" : ""
  const signs = [marked(words), none].filter((each) => each !== "").join(", ")
  return [notes.join("; "), marked(models), signs].filter((line) => line !== "")
}

/** What is suspicious about corpora: a line each, after the mark of its flag. */
const renderWarnings = (
  warnings: ReadonlyArray<MarkedWarning>,
  width: number | undefined,
): ReadonlyArray<string> =>
  warnings.length === 0
    ? []
    : [
      warnings.map(({ mark, text }) =>
        fitted(`warning ${superscript(mark)} ${text}`, width, 2).replace("warning", paint.yellow("warning"))
      ).join("\n"),
    ]

/** A table of differences for each question, a line a pair of models, and the pairs that cannot be compared yet. */
const renderComparisons = (
  tables: ResultTables,
  provenance: WithAbsent,
  width: number | undefined,
): ReadonlyArray<string> => {
  const { comparisons } = tables
  const open = toComeLines(pairsToCome(tables, absentRuns(provenance))).map((line) => fitted(line, width, 2)).join("\n")
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
    const table = columnsWithin(
      [headings[question], ...shown.map(({ heading }) => `>${heading}`)],
      rows,
      width,
      1,
      ["", ...shown.map(({ corpus }) => corpus)],
    )
    return [
      [
        table,
        ...figures(own).map((figure) => paint.dim(fitted(renderFigure(figure.number, figure.comparisons), width))),
      ].join("\n"),
    ]
  })
  if (asked.length === 0) return open === "" ? [] : [open]
  const note = `Differences in F1; * where p < ${significance} after Holm's correction and the interval leaves out 0${
    comparisons.some(({ adjusted }) => adjusted === null) ? `\n${untested} ${untestedMeaning}` : ""
  }${arePublished(comparisons) ? "" : `\n${standIns}`}`
  return [...asked, paint.dim(fitted(note, width)), ...(open === "" ? [] : [open])]
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
