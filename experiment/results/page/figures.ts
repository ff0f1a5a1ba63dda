import { counted } from "redag"
import type { Comparison } from "../../../schemas/comparisons.ts"
import { isShown } from "../../../stages/aggregate/significance.ts"
import { corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import type { WithAbsent } from "../absent.ts"
import { arePublished, type Figure, figureNumbers, figureOf, standIns, withoutPairs } from "../figures.ts"
import { Markup, markup, nothing } from "../markup.ts"
import { describePanel, drawPanel, inline, reach, swatch } from "../panel.ts"
import type { ResultTables } from "../tables.ts"
import { interval, one, probability, signed, untested } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** The paper's four figures, and the comparisons that each shows. */
export const figuresSection = async (tables: ResultTables, provenance: WithAbsent): Promise<Markup> => {
  const figures: Array<Markup> = []
  for (const number of figureNumbers) {
    const figure = figureOf(number, tables, provenance)
    figures.push(await drawn(figure), compared(figure), toCome(figure))
  }
  return markup`<section id="figures" aria-labelledby="figures-title">
<h2 id="figures-title">Does the domain matter, do instructions?</h2>
${
    tables.comparisons.length === 0 || arePublished(tables.comparisons)
      ? nothing
      : markup`<p class="note">${standIns}</p>
`
  }${figures}</section>
`
}

const drawn = async (figure: Figure): Promise<Markup> => {
  const { number, title, panels, base, other, caption } = figure
  const heading = markup`<h3 id="figure${number}-title">${title}</h3>`
  if (panels.length === 0) {
    return markup`<figure id="figure${number}" aria-labelledby="figure${number}-title">${heading}
<p class="note">${withoutPairs(figure)}</p></figure>
`
  }
  const highest = reach(figure)
  const drawings = await Promise.all(
    panels.map(async (panel) => inline(await drawPanel(panel, highest), describePanel(panel))),
  )
  const key = (role: "base" | "other") =>
    markup`<span><svg viewBox="0 0 26 14" width="26" height="14" aria-hidden="true">${
      swatch(role, `key${number}-${role}`)
    }</svg> ${role === "base" ? base : other}</span>`
  return markup`<figure id="figure${number}" aria-labelledby="figure${number}-title">${heading}
<p class="key">${key("base")}${key("other")}</p>
<div class="panels">${drawings}</div>
<figcaption>${caption}</figcaption></figure>
`
}

const compared = ({ number, panels }: Figure): Markup => {
  const rows = panels.flatMap(({ pairs }) => pairs.map(({ comparison }) => comparison))
  if (rows.length === 0) return nothing
  const tested = rows.filter(({ adjusted }) => adjusted !== null)
  const shown = tested.filter(isShown)
  const up = shown.filter(({ difference }) => difference > 0).length
  const summary = shown.length === 0
    ? "none significant"
    : `${shown.length} significant: ${up} for the second model of the pair, ${shown.length - up} for the first`
  const table = markup`<table class="comparisons">
<caption><span>Comparisons of Figure ${number}: F1 of the second model less that of the first</span></caption>
<thead><tr><th scope="col">Pair</th><th scope="col">On</th><th scope="col" class="n">F1</th><th scope="col" class="n">Difference</th><th scope="col" class="n">p</th><th scope="col" class="n">p, Holm</th><th scope="col" class="n">Documents <span class="under">better / worse / same</span></th><th scope="col" class="n">Effect</th><th scope="col" class="words">Conclusion</th></tr></thead>
<tbody>
${rows.map(renderComparison)}</tbody>
</table>`
  return folded(
    markup`Comparisons: ${counted(tested.length, "test")}, ${summary}`,
    scrolling(`Comparisons of Figure ${number}`, table),
    { open: rows.length <= 8, printed: true },
  )
}

/** The pairs that cannot be compared yet, each with what it lacks. */
const toCome = ({ toCome: pairs }: Figure): Markup =>
  pairs.length === 0 ? nothing : folded(
    markup`Not compared yet: ${counted(pairs.length, "pair")}`,
    markup`<ul>${
      pairs.map(({ base, other, corpus, setting, without }) =>
        markup`<li>${other} less ${base} on ${corpusTitle(corpus)}, ${settingTitle(setting)}: ${
          new Set(without.map(({ why }) => why)).size === 1 && without.length > 1
            ? `no number of either (${without[0]?.why ?? ""})`
            : without.map(({ model, why }) => `no number of ${model} (${why})`).join("; ")
        }</li>
`
      )
    }</ul>`,
  )

const renderComparison = (comparison: Comparison): Markup => {
  const { base, other, corpus, setting, baseF1, otherF1, difference, low, high, p, adjusted } = comparison
  const { better, worse, same, dominance, conclusion } = comparison
  const value = `${signed(difference)}${adjusted === null ? untested : isShown(comparison) ? "*" : ""}`
  return markup`<tr><th scope="row">${other} <span class="under">less ${base}</span></th><td>${
    corpusTitle(corpus)
  } <span class="under">${settingTitle(setting)}</span></td><td class="n">${one(otherF1)} <span class="under">less ${
    one(baseF1)
  }</span></td><td class="n">${isShown(comparison) ? markup`<strong>${value}</strong>` : value} <span class="under">${
    interval(low, high)
  }</span></td><td class="n">${p === null ? "–" : probability(p)}</td><td class="n">${
    adjusted === null ? "–" : probability(adjusted)
  }</td><td class="n">${better} / ${worse} / ${same}</td><td class="n">${
    dominance.toFixed(2).replace("-", "−")
  }</td><td class="words">${conclusion}</td></tr>
`
}
