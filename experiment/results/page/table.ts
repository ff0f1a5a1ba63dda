import { corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { columnGroups, legendOf, type TableCell, tableColumns, tableLines } from "../layout.ts"
import { Markup, markup, nothing } from "../markup.ts"
import type { Origins } from "../origins.ts"
import type { ResultTables } from "../tables.ts"
import { warningsIn } from "../warnings.ts"
import { interval, marksOf, one, signed } from "../words.ts"
import { scrolling } from "./parts.ts"

/** Table 1; each number leads to where it comes from. */
export const tableSection = ({ results, warnings }: ResultTables, { cells: origins }: Origins): Markup => {
  const lines = tableLines(results)
  const ids = new Map(origins.map(({ id, result }) => [result, id]))
  const { models, cells, notes } = legendOf(lines)
  const suspicious = warningsIn({ results, warnings }).map(({ mark, text }) => [mark, text] as const)
  const table = markup`<table class="table1">
<caption><span>Table 1. F1 of each model, laid out as in the paper</span></caption>
<thead>
<tr><th scope="col" rowspan="2">Model</th><th scope="col" rowspan="2" class="n">Params</th>${
    columnGroups.map(({ title, columns }) =>
      markup`<th scope="colgroup" colspan="${columns.length}" class="group">${title}</th>`
    )
  }</tr>
<tr>${tableColumns.map(({ under }) => markup`<th scope="col" class="n">${under}</th>`)}</tr>
</thead>
<tbody>
${
    lines.map(({ model, mark, parameters, cells }) =>
      markup`<tr><th scope="row">${model}${raised(mark)}</th><td class="n">${parameters}</td>${
        cells.map((cell) => renderCell(cell, ids))
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
</section>
`
}

const legend = (entries: ReadonlyArray<readonly [mark: string, meaning: string]>): Markup =>
  entries.length === 0
    ? nothing
    : markup`<dl class="legend">${
      entries.map(([mark, meaning]) => markup`<div><dt>${mark}</dt><dd>${meaning}</dd></div>`)
    }</dl>`

const raised = (marks: string): Markup => (marks === "" ? nothing : markup`<sup>${marks}</sup>`)

const renderCell = (cell: TableCell | undefined, ids: ReadonlyMap<object, string>): Markup => {
  if (cell === undefined) return markup`<td class="n none">–</td>`
  const { result, best } = cell
  const { model, corpus, setting, f1, deviation, low, high, published } = result
  const where = `${model}, ${corpusTitle(corpus)}, ${settingTitle(setting)}: where ${one(f1)} comes from`
  const number = markup`<a href="#${ids.get(result) ?? "lineage"}" title="${where}">${one(f1)}</a>`
  return markup`<td class="n${best ? " best" : ""}"><span class="f1">${
    best ? markup`<strong>${number}</strong>` : number
  }${deviation === null ? nothing : markup` <span class="sd">± ${one(deviation)}</span>`}${
    raised(marksOf(result))
  }</span>${low === null || high === null ? nothing : markup`<span class="under">${interval(low, high)}</span>`}${
    published === null ? nothing : markup`<span class="under">(${one(published)}, ${signed(f1 - published)})</span>`
  }</td>`
}
