import { counted } from "redag"
import type { SystemComparison } from "../../../schemas/systems.ts"
import { isShown, significance } from "../../../stages/aggregate/significance.ts"
import { corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { Markup, markup, nothing } from "../markup.ts"
import { standingOf, testsOf } from "../systems.ts"
import type { ResultTables } from "../tables.ts"
import { interval, one, probability, signed, sourceMarks, untested } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** What the section is called, where there is one. */
export const systemsTitle = "Rows beyond the grid"

/** How each row beyond the grid compares with cells of the grid; nothing where there is none. */
export const systemsSection = ({ systems }: ResultTables): Markup => {
  if (systems.length === 0) return nothing
  const groups = [
    ...Map.groupBy(systems, ({ system, corpus, setting }) => JSON.stringify([system, corpus, setting])).values(),
  ]
  return markup`<section id="systems" aria-labelledby="systems-title">
<h2 id="systems-title">${systemsTitle}</h2>
<p>Each is compared with cells of the grid on the same test documents, by strict F1: approximate randomization over documents, with Holm's correction over all ${
    testsOf(systems)
  } of this section.</p>
${groups.map(groupSection)}</section>
`
}

const groupSection = (own: ReadonlyArray<SystemComparison>): Markup => {
  const [first] = own
  if (first === undefined) return nothing
  const title = `${first.system} on ${corpusTitle(first.corpus)}, ${settingTitle(first.setting)}`
  const table = markup`<table class="comparisons">
<caption><span>${title}: F1 of it less that of each cell</span></caption>
<thead><tr><th scope="col">Against</th><th scope="col" class="n">F1</th><th scope="col" class="n">Difference</th><th scope="col" class="n">p</th><th scope="col" class="n">Holm's p</th><th scope="col" class="n">Better / worse / same</th><th scope="col">Conclusion</th></tr></thead>
<tbody>
${own.map(row)}</tbody>
</table>`
  return markup`<h3>${title}</h3>
<p class="note">${sourceMarks[first.source][1]}. ${
    standingOf(own)
  }. * where p < ${significance} after the correction and the interval leaves out 0.</p>
${
    folded(markup`${counted(own.length, "comparison")}`, scrolling(title, table), {
      open: own.length <= 8,
      printed: true,
    })
  }`
}

const row = (comparison: SystemComparison): Markup => {
  const { model, modelSetting, systemF1, modelF1, difference, low, high, p, adjusted, conclusion } = comparison
  const { better, worse, same } = comparison
  const value = `${signed(difference)}${adjusted === null ? untested : isShown(comparison) ? "*" : ""}`
  return markup`<tr><th scope="row">${model} <span class="under">${
    settingTitle(modelSetting)
  }</span></th><td class="n">${one(systemF1)} <span class="under">less ${one(modelF1)}</span></td><td class="n">${
    isShown(comparison) ? markup`<strong>${value}</strong>` : value
  } <span class="under">${interval(low, high)}</span></td><td class="n">${
    p === null ? "–" : probability(p)
  }</td><td class="n">${
    adjusted === null ? "–" : probability(adjusted)
  }</td><td class="n">${better} / ${worse} / ${same}</td><td class="words">${conclusion}</td></tr>
`
}
