import { olderNote, reasonWords, type WithAbsent } from "./absent.ts"
import type { TableCell } from "./layout.ts"
import { standingOf, testsOf } from "./systems.ts"
import { table1 } from "./table1.ts"
import type { ResultTables } from "./tables.ts"
import { interval, marksOf, one, signed } from "./words.ts"

/** Table 1 as GitHub's Markdown, with its legend and why cells are empty. */
export const markdownTable = (tables: ResultTables, provenance: WithAbsent): string => {
  const { columns, lines, legend: { models, cells, notes }, absences, warnings } = table1(tables, provenance)
  const row = (fields: ReadonlyArray<string>): string => `| ${fields.join(" | ")} |`
  const table = [
    row(["Model", "Params", ...columns.map(({ heading }) => heading)]),
    row(["---", "---:", ...columns.map(() => "---:")]),
    ...lines.map((line) =>
      row([`${escape(line.model)}${raised(line.mark)}`, escape(line.parameters), ...line.cells.map(renderCell)])
    ),
  ]
  const suspicious = warnings.map(({ mark, text }) => [mark, text] as const)
  const legend = [...models, ...cells, ...suspicious].map(([mark, meaning]) => `- ${raised(mark)} ${escape(meaning)}`)
  const absent = absences.map(({ where, why }) => `- ${escape(where)}: ${escape(why)}`)
  return [
    table.join("\n"),
    ...(provenance.upToDate ? [] : [escape(olderNote)]),
    `${notes.join("; ")}.`,
    ...(legend.length === 0 ? [] : [legend.join("\n")]),
    ...standingsOf(tables),
    ...(absent.length === 0 ? [] : ["Not in the table:", absent.join("\n")]),
  ].join("\n\n") + "\n"
}

/** How the rows beyond the grid stand to its cells: an entry a row and corpus. */
const standingsOf = ({ systems }: ResultTables): ReadonlyArray<string> => {
  const groups = Map.groupBy(systems, ({ system, corpus, setting }) => JSON.stringify([system, corpus, setting]))
  return systems.length === 0 ? [] : [
    `Compared by strict F1, with Holm's correction over ${testsOf(systems)}:`,
    [...groups.values()].map((own) => `- ${escape(standingOf(own))}`).join("\n"),
  ]
}

const renderCell = (cell: TableCell): string => {
  if (cell._tag === "None") return "–"
  if (cell._tag === "Empty") return reasonWords[cell.reason._tag]
  const { result, best, soFar } = cell
  const { f1, deviation, low, high, published } = result
  const number = best ? `**${one(f1)}**` : one(f1)
  return [
    `${number}${deviation === null ? "" : ` ± ${one(deviation)}`}${raised(marksOf(result))}`,
    ...(soFar === undefined ? [] : [`${soFar} seeds`]),
    ...(low === null || high === null ? [] : [escape(interval(low, high))]),
    ...(published === null ? [] : [`(${one(published)}, ${signed(f1 - published)})`]),
  ].join("<br>")
}

const raised = (marks: string): string => (marks === "" ? "" : `<sup>${escape(marks)}</sup>`)

/** Text that Markdown takes for nothing else; what is not printed in one line of a table becomes a space. */
const escape = (text: string): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").replace(/[\\`*_{}[\]()#+!|~$]/gu, (letter) => `\\${letter}`)
    .replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;")
