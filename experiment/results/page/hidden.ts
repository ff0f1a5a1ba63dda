import { counted } from "redag"
import { type Detail, type Part, Slice } from "../../../schemas/details.ts"
import type { Result } from "../../../schemas/results.ts"
import { corpusIdsIn, corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { mainRows, type Place } from "../layout.ts"
import { type Markup, markup, nothing } from "../markup.ts"
import type { ResultTables } from "../tables.ts"
import { count, one } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** What the strict scores do not show: how they depend on what was learned, and what the outputs are made of. */
export const hiddenSection = ({ results, details }: ResultTables): Markup =>
  markup`<section id="hidden" aria-labelledby="hidden-title">
<h2 id="hidden-title">What the scores hide</h2>
${
    details.length === 0
      ? markup`<p class="note">Nothing is known beyond the scores.</p>`
      : markup`<p>F1 of the relations whose arguments the model has learned from, and of those that are new to it. A name is seen if it is an argument of a relation in the documents that the model learned from, in whatever case; two are seen together if they are those of one relation there. Then what the outputs are made of: names that stand nowhere in the document, beside the share of gold names that do not either, and pieces that are no clause.</p>
${
        corpusIdsIn(details).map((corpus) => {
          const own = details.filter((detail) => detail.corpus === corpus)
          return folded(
            markup`${corpusTitle(corpus)}: ${counted(own.length, "cell")}`,
            scrolling(`What the scores hide on ${corpusTitle(corpus)}`, detailTable(corpus, own, mainRows(results))),
            { printed: true },
          )
        })
      }`
  }</section>
`

const slices: Readonly<Record<Slice, string>> = {
  "all arguments seen": "all seen",
  "some arguments seen": "some seen",
  "no argument seen": "none seen",
  "seen together": "together",
  "not seen together": "not together",
}

const detailTable = (corpus: string, details: ReadonlyArray<Detail>, rows: ReadonlyArray<Result>): Markup =>
  markup`<table class="hidden">
<caption><span>${corpusTitle(corpus)}: F1 by what was learned, and what outputs are made of</span></caption>
<thead>
<tr><th scope="col" rowspan="2">Model</th><th scope="col" rowspan="2" class="n">Learned <span class="under">documents</span></th><th scope="col" rowspan="2" class="n">F1 <span class="under">gold</span></th><th scope="colgroup" colspan="3" class="group">F1 by arguments</th><th scope="colgroup" colspan="2" class="group">F1 by pairs</th><th scope="colgroup" colspan="2" class="group">Names not in text</th><th scope="colgroup" colspan="2" class="group">No clause</th></tr>
<tr>${
    Slice.literals.map((slice) =>
      markup`<th scope="col" class="n">${slices[slice]} <span class="under">gold</span></th>`
    )
  }<th scope="col" class="n">predicted</th><th scope="col" class="n">gold</th><th scope="col" class="n">pieces</th><th scope="col" class="n">documents</th></tr>
</thead>
<tbody>
${
    details.map((detail) =>
      markup`<tr><th scope="row">${detail.model} <span class="under">${settingTitle(detail.setting)}</span></th><td>${
        detail.learned === 0 ? "unknown" : count(detail.learned)
      }</td>${f1Cell(rows.find((row) => isOf(row, detail)))}${
        Slice.literals.map((slice) => f1Cell(detail.slices.find((each) => each.slice === slice), detail.runs))
      }${[detail.absent, detail.absentGold, detail.malformed, detail.malformedDocuments].map(partCell)}</tr>
`
    )
  }</tbody>
</table>`

/** F1, and of how many gold relations it is and, where not all have some, of how many runs; of none there is no F1. */
const f1Cell = (own: Pick<Result, "f1" | "gold" | "predicted" | "runs"> | undefined, runs = own?.runs): Markup =>
  own === undefined || (own.gold === 0 && own.predicted === 0)
    ? markup`<td class="none">–</td>`
    : markup`<td>${one(own.f1)} <span class="under">${count(own.gold)}${
      own.runs === runs ? "" : `, ${own.runs} of ${runs} runs`
    }</span></td>`

const isOf = (row: Place, detail: Place): boolean =>
  row.model === detail.model && row.corpus === detail.corpus && row.setting === detail.setting

const partCell = ({ count: some, of }: Part): Markup =>
  markup`<td>${of === 0 ? "–" : `${one((100 * some) / of)}%`}${
    of === 0 ? nothing : markup` <span class="under">${count(some)} of ${count(of)}</span>`
  }</td>`
