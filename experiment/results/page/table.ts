import { counted, type MissingSet } from "redag"
import { corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import type { Absence } from "../absences.ts"
import { advanceOf, reasonWords, whyOf, type WithAbsent } from "../absent.ts"
import { columnGroups, type TableCell } from "../layout.ts"
import { Markup, markup, nothing } from "../markup.ts"
import type { Origins } from "../origins.ts"
import { table1 } from "../table1.ts"
import type { ResultTables } from "../tables.ts"
import { interval, marksOf, one, signed } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** Table 1; each number leads to where it comes from, and below it stands why others are not there. */
export const tableSection = (tables: ResultTables, provenance: WithAbsent, { cells: origins }: Origins): Markup => {
  const { columns, lines, legend: { models, cells, notes }, absences, warnings } = table1(tables, provenance)
  const ids = new Map(origins.map(({ id, result }) => [result, id]))
  const suspicious = warnings.map(({ mark, text }) => [mark, text] as const)
  const room = columns.map((_, index) => roomFor(lines.map(({ cells }) => cells[index])))
  const table = markup`<table class="table1">
<caption><span>Table 1. F1 of each model, laid out as in the paper</span></caption>
<thead>
<tr><th scope="col" rowspan="2">Model</th><th scope="col" rowspan="2" class="n">Params</th>${
    columnGroups(columns).map(({ title, columns }) =>
      markup`<th scope="colgroup" colspan="${columns.length}" class="group">${title}</th>`
    )
  }</tr>
<tr>${columns.map(({ under }) => markup`<th scope="col" class="n">${under}</th>`)}</tr>
</thead>
<tbody>
${
    lines.map(({ model, mark, parameters, cells }) =>
      markup`<tr><th scope="row">${model}${raised(mark)}</th><td class="n">${parameters}</td>${
        cells.map((cell, index) => renderCell(cell, ids, room[index] ?? ""))
      }</tr>
`
    )
  }</tbody>
</table>`
  return markup`<section id="table" aria-labelledby="table-title">
<h2 id="table-title">Results</h2>
${scrolling("Table 1", table)}
<p class="note">${notes.join("; ")}. Each number leads to what it was made from.</p>
${legend([...models, ...cells, ...suspicious])}
${notInTable(absences)}</section>
`
}

/** Why cells are empty, or have fewer seeds than they should: an entry for each reason. */
const notInTable = (absences: ReadonlyArray<Absence>): Markup =>
  absences.length === 0
    ? nothing
    : markup`<h3 id="absent">Not in the table</h3>
<dl class="absent">${
      absences.map(({ where, why, files }) =>
        markup`<div><dt>${where}</dt><dd>${why}${files.length === 0 ? nothing : wanted(files)}</dd></div>
`
      )
    }</dl>
`

/** Up to this many files of a set are named. */
const most = 4

const wanted = (sets: ReadonlyArray<MissingSet>): Markup =>
  folded(
    markup`Where they are looked for`,
    markup`<ul>${
      sets.map(({ title, base, names }) =>
        markup`<li>${title}: in <code>${base}</code>, ${
          names.slice(0, most).map((name, index) => markup`${index === 0 ? "" : ", "}<code>${name}</code>`)
        }${names.length > most ? ` and ${counted(names.length - most, "more file")}` : ""}</li>
`
      )
    }</ul>`,
  )

const legend = (entries: ReadonlyArray<readonly [mark: string, meaning: string]>): Markup =>
  entries.length === 0
    ? nothing
    : markup`<dl class="legend">${
      [...Map.groupBy(entries, ([mark]) => mark)].map(([mark, own]) =>
        markup`<div><dt>${mark}</dt><dd>${
          own.map(([, meaning], index) => index === 0 ? meaning : markup`<br>${meaning}`)
        }</dd></div>`
      )
    }</dl>`

const raised = (marks: string): Markup => (marks === "" ? nothing : markup`<sup>${marks}</sup>`)

/** The class of a column's cells, whose marks hang on their right: two find room between columns, more do not. */
const roomFor = (cells: ReadonlyArray<TableCell | undefined>): string => {
  const most = Math.max(0, ...cells.map((cell) => (cell?._tag === "Scored" ? marksOf(cell.result).length : 0)))
  return most > 2 ? ` marks${Math.min(most, 4)}` : ""
}

const renderCell = (cell: TableCell, ids: ReadonlyMap<object, string>, room: string): Markup => {
  if (cell._tag === "None") return markup`<td class="n none${room}">–</td>`
  if (cell._tag === "Empty") {
    const advance = advanceOf(cell.reason)
    return markup`<td class="n none${room}"><span title="${whyOf(cell.reason)}">${
      reasonWords[cell.reason._tag]
    }</span>${advance === undefined ? nothing : markup`<span class="under">${advance}</span>`}</td>`
  }
  const { result, best, soFar } = cell
  const { model, corpus, setting, f1, deviation, low, high, published } = result
  const where = `${model}, ${corpusTitle(corpus)}, ${settingTitle(setting)}: where ${one(f1)} comes from`
  const number = markup`<a href="#${ids.get(result) ?? "lineage"}" title="${where}">${one(f1)}</a>`
  return markup`<td class="n${best ? " best" : ""}${room}"><span class="f1">${
    best ? markup`<strong>${number}</strong>` : number
  }${deviation === null ? nothing : markup` <span class="sd">± ${one(deviation)}</span>`}${
    raised(marksOf(result))
  }</span>${soFar === undefined ? nothing : markup`<span class="under so-far">${soFar} seeds</span>`}${
    low === null || high === null ? nothing : markup`<span class="under">${interval(low, high)}</span>`
  }${
    published === null ? nothing : markup`<span class="under">(${one(published)}, ${signed(f1 - published)})</span>`
  }</td>`
}
