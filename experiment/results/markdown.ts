import { legendOf, type TableCell, tableColumns, tableLines } from "./layout.ts"
import type { ResultTables } from "./tables.ts"
import { warningsIn } from "./warnings.ts"
import { interval, marksOf, one, signed } from "./words.ts"

/** Table 1 as GitHub's Markdown, with its legend. */
export const markdownTable = ({ results, warnings }: ResultTables): string => {
  const lines = tableLines(results)
  const { models, cells, notes } = legendOf(lines)
  const row = (fields: ReadonlyArray<string>): string => `| ${fields.join(" | ")} |`
  const table = [
    row(["Model", "Params", ...tableColumns.map(({ heading }) => heading)]),
    row(["---", "---:", ...tableColumns.map(() => "---:")]),
    ...lines.map((line) =>
      row([`${escape(line.model)}${raised(line.mark)}`, escape(line.parameters), ...line.cells.map(renderCell)])
    ),
  ]
  const suspicious = warningsIn({ results, warnings }).map(({ mark, text }) => [mark, text] as const)
  const legend = [...models, ...cells, ...suspicious].map(([mark, meaning]) => `- ${raised(mark)} ${escape(meaning)}`)
  return [table.join("\n"), `${notes.join("; ")}.`, ...(legend.length === 0 ? [] : [legend.join("\n")])].join("\n\n")
    + "\n"
}

const renderCell = (cell: TableCell | undefined): string => {
  if (cell === undefined) return "–"
  const { result, best } = cell
  const { f1, deviation, low, high, published } = result
  const number = best ? `**${one(f1)}**` : one(f1)
  return [
    `${number}${deviation === null ? "" : ` ± ${one(deviation)}`}${raised(marksOf(result))}`,
    ...(low === null || high === null ? [] : [escape(interval(low, high))]),
    ...(published === null ? [] : [`(${one(published)}, ${signed(f1 - published)})`]),
  ].join("<br>")
}

const raised = (marks: string): string => (marks === "" ? "" : `<sup>${escape(marks)}</sup>`)

/** Text that Markdown takes for nothing else; what is not printed in one line of a table becomes a space. */
const escape = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/[\\`*_{}[\]()#+!|~$]/gu, (letter) => `\\${letter}`)
    .replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;")
