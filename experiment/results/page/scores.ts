import { counted } from "redag"
import type { Result } from "../../../schemas/results.ts"
import type { Warning } from "../../../schemas/warnings.ts"
import { corpusIdsIn, corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { Markup, markup, nothing } from "../markup.ts"
import type { ResultTables } from "../tables.ts"
import { count, interval, one } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** Precision, recall, labels and counts of every cell, by each measure in a table of its own. */
export const scoresSection = ({ results, warnings }: ResultTables): Markup =>
  markup`<section id="scores" aria-labelledby="scores-title">
<h2 id="scores-title">Scores by corpus, label and measure</h2>
<p>Each table is of one measure. What the corpora's own evaluations find is not the same quantity as the strict F1 of Table 1, nor is what two of them find; numbers of different tables must not be compared.</p>
${
    corpusIdsIn(results).map((corpus) => {
      const own = results.filter((result) => result.corpus === corpus)
      const measures = [...Map.groupBy(own, ({ protocol, measure }) => JSON.stringify([protocol, measure])).values()]
      return markup`<h3>${corpusTitle(corpus)}</h3>
${suspicious(warnings.filter((warning) => warning.corpus === corpus))}${
        measures.map((rows) => measureTable(corpus, rows))
      }`
    })
  }</section>
`

/** What is suspicious about a corpus, with the documents or files that it is about. */
const suspicious = (warnings: ReadonlyArray<Warning>): Markup =>
  warnings.length === 0
    ? nothing
    : markup`<ul class="warnings">${
      warnings.map(({ kind, portion, text, documents, of, examples }) =>
        markup`<li><strong>${kind}</strong>: ${text}${
          examples.length === 0 ? nothing : folded(
            markup`${portion}: ${counted(documents, "document")}${of === null ? "" : ` of ${count(of)}`}`,
            markup`<ul class="files">${examples.map((example) => markup`<li>${example}</li>`)}</ul>`,
          )
        }</li>
`
      )
    }</ul>
`

const averages = new Set(["micro", "macro"])

const measureTable = (corpus: string, rows: ReadonlyArray<Result>): Markup => {
  const [first] = rows
  if (first === undefined) return nothing
  const { protocol, measure } = first
  const name = protocol === "official"
    ? `own evaluation, ${measure}`
    : `${measure}, protocol ${protocol}`
  const cells = [...Map.groupBy(rows, ({ model, setting }) => JSON.stringify([model, setting])).values()]
  const labels = [...new Set(rows.map(({ label }) => label))].filter((label) => !averages.has(label))
  // The scores of a corpus's only label are those of all labels together.
  const shown = labels.length > 1 ? labels : []
  const macro = shown.length > 0 && rows.some(({ label }) => label === "macro")
  const table = markup`<table class="scores">
<caption><span>${corpusTitle(corpus)}: ${name}</span></caption>
<thead><tr><th scope="col">Model</th><th scope="col" class="n">Precision</th><th scope="col" class="n">Recall</th><th scope="col" class="n">F1</th>${
    macro ? markup`<th scope="col" class="n">Macro F1</th>` : nothing
  }${
    shown.map((label) =>
      markup`<th scope="col" class="n">F1 ${label} <span class="under">precision / recall</span><span class="under">found of gold</span></th>`
    )
  }<th scope="col" class="n">Right <span class="under">of predicted</span></th><th scope="col" class="n">Found <span class="under">of gold</span></th></tr></thead>
<tbody>
${
    cells.map((cell) => {
      const of = (label: string): Result | undefined => cell.find((result) => result.label === label)
      const micro = of("micro")
      return micro === undefined
        ? nothing
        : markup`<tr><th scope="row">${micro.model} <span class="under">${
          settingTitle(micro.setting)
        }</span></th><td class="n">${one(micro.precision)}</td><td class="n">${one(micro.recall)}</td><td class="n">${
          one(micro.f1)
        }${
          micro.low === null || micro.high === null
            ? nothing
            : markup` <span class="under">${interval(micro.low, micro.high)}</span>`
        }</td>${macro ? number(of("macro")?.f1) : nothing}${shown.map((label) => labelled(of(label)))}<td class="n">${
          count(micro.correct)
        } <span class="under">of ${count(micro.predicted)}</span></td><td class="n">${
          count(micro.found)
        } <span class="under">of ${count(micro.gold)}</span></td></tr>
`
    })
  }</tbody>
</table>`
  return folded(
    markup`${name}: ${counted(cells.length, "cell")}`,
    scrolling(`${corpusTitle(corpus)}: ${name}`, table),
    {
      printed: true,
    },
  )
}

const number = (value: number | undefined): Markup =>
  markup`<td class="n">${value === undefined ? "–" : one(value)}</td>`

/** A label's F1 with what it is made of. */
const labelled = (result: Result | undefined): Markup =>
  result === undefined
    ? number(undefined)
    : markup`<td class="n">${one(result.f1)} <span class="under">${one(result.precision)} / ${
      one(result.recall)
    }</span><span class="under">${count(result.found)} of ${count(result.gold)}</span></td>`
