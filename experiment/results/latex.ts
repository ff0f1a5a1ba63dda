import { olderNote, reasonWords, type WithAbsent } from "./absent.ts"
import { type Column, columnGroups, type TableCell } from "./layout.ts"
import { table1 } from "./table1.ts"
import type { ResultTables } from "./tables.ts"
import { interval, marksOf, one, signed } from "./words.ts"

/**
 * Table 1 for LaTeX, with booktabs and graphicx: a model's F1, below it the intervals, and the paper's numbers with the
 * differences.
 */
export const latexTable = (tables: ResultTables, provenance: WithAbsent): string => {
  const { columns, lines, legend: { models, cells, notes }, absences, warnings } = table1(tables, provenance)
  const suspicious = warnings.map(({ mark, text }) => [mark, text] as const)
  const marks = [...models, ...cells, ...suspicious].map(([mark, meaning]) => `${raised(mark)} ${escape(meaning)}`)
  const absent = absences.map(({ where, why }) => escape(`${where}: ${why}`))
  return [
    "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}.",
    "\\begin{table*}",
    "\\centering",
    "\\resizebox{\\textwidth}{!}{%",
    `\\begin{tabular}{lr${"r".repeat(columns.length)}}`,
    "\\toprule",
    ...corpusRows(columns),
    `Model & Params & ${columns.map(({ under }) => under).join(" & ")} \\\\`,
    "\\midrule",
    ...lines.flatMap(({ model, mark, parameters, cells }, index) => {
      const own = [
        [`${escape(model)}${raised(mark)}`, escape(parameters), ...cells.map(renderF1)],
        ...below(cells, renderSoFar),
        ...below(cells, renderInterval),
        ...below(cells, renderPublished),
      ]
      return [
        ...(index === 0 ? [] : ["\\addlinespace[2pt]"]),
        ...own.map((fields, place) => row(fields, place === own.length - 1)),
      ]
    }),
    "\\bottomrule",
    "\\end{tabular}%",
    "}",
    `\\caption{${
      [
        ...(provenance.upToDate ? [] : [escape(olderNote)]),
        `${notes.map(escape).join("; ")}.`,
        ...(marks.length === 0 ? [] : [`${marks.join("; ")}.`]),
        ...(absent.length === 0 ? [] : [`Not in the table: ${absent.join("; ")}.`]),
      ].join(" ")
    }}`,
    "\\label{tab:results}",
    "\\end{table*}",
    "",
  ].join("\n")
}

/** The names of the corpora above their columns, and a rule below each. */
const corpusRows = (columns: ReadonlyArray<Column>): ReadonlyArray<string> => {
  const groups = columnGroups(columns)
  const names = groups.map(({ title, columns: { length } }) =>
    length === 1 ? escape(title) : `\\multicolumn{${length}}{c}{${escape(title)}}`
  )
  // The first two columns are the model's name and its size.
  let last = 2
  const rules = groups.map(({ columns: { length } }) => {
    const first = last + 1
    last += length
    return `\\cmidrule(lr){${first}-${last}}`
  })
  return [` &  & ${names.join(" & ")} \\\\`, rules.join(" ")]
}

/** A row; what stands below belongs to the same model, and is set closer. */
const row = (fields: ReadonlyArray<string>, last: boolean): string =>
  `${fields.join(" & ")} \\\\${last ? "" : "[-2pt]"}`

/** The cells that have a number. */
type Scored = Extract<TableCell, { readonly _tag: "Scored" }>

/** A second line of a model, in small type; none where it would be empty. */
const below = (
  cells: ReadonlyArray<TableCell>,
  render: (cell: Scored) => string,
): ReadonlyArray<ReadonlyArray<string>> => {
  const texts = cells.map((cell) => (cell._tag === "Scored" ? render(cell) : ""))
  return texts.every((text) => text === "")
    ? []
    : [["", "", ...texts.map((text) => (text === "" ? "" : `{\\scriptsize ${text}}`))]]
}

const renderF1 = (cell: TableCell): string => {
  if (cell._tag === "None") return "--"
  if (cell._tag === "Empty") return `{\\scriptsize ${reasonWords[cell.reason._tag]}}`
  const { result, best } = cell
  const f1 = best ? `\\textbf{${escape(one(result.f1))}}` : escape(one(result.f1))
  const deviation = result.deviation === null ? "" : ` $\\pm$ ${escape(one(result.deviation))}`
  return `${f1}${deviation}${raised(marksOf(result))}`
}

const renderSoFar = ({ soFar }: Scored): string => (soFar === undefined ? "" : `${soFar} seeds`)

const renderInterval = ({ result: { low, high } }: Scored): string =>
  low === null || high === null ? "" : escape(interval(low, high))

const renderPublished = ({ result: { published, f1 } }: Scored): string =>
  published === null ? "" : escape(`(${one(published)}, ${signed(f1 - published)})`)

const raised = (marks: string): string => (marks === "" ? "" : `\\textsuperscript{${escape(marks)}}`)

const letters: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "$": "\\$",
  "&": "\\&",
  "#": "\\#",
  "^": "\\textasciicircum{}",
  "_": "\\_",
  "~": "\\textasciitilde{}",
  "%": "\\%",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  // A bracket or a star at the start of a line would belong to the line end before it.
  "[": "{[}",
  "]": "{]}",
  "*": "{*}",
  "`": "\\textasciigrave{}",
  // Only before another one, with which it would become a dash.
  "-": "-{}",
  "\"": "''",
  "†": "\\dag{}",
  "±": "$\\pm$",
  "–": "--",
  "−": "$-$",
}

/** Text as LaTeX prints it with its standard fonts; letters that those lack become "?". */
const escape = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(
    /[\\{}$&#^_~%<>|"[\]*`]|-(?=-)|[^\x20-\x7e]/gu,
    (letter) => letters[letter] ?? (/[\u00c0-\u00ff]/u.test(letter) ? letter : "?"),
  )
