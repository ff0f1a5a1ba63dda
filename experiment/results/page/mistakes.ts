import { counted } from "redag"
import type { ErrorCase, ErrorCount } from "../../../schemas/errors.ts"
import { ErrorKind, type Mistake } from "../../../schemas/outcomes.ts"
import { corpusIdsIn, corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { highlight } from "../highlight.ts"
import { Markup, markup, nothing } from "../markup.ts"
import type { ResultTables } from "../tables.ts"
import { one } from "../words.ts"
import { folded, scrolling } from "./parts.ts"

/** How a kind of mistake is drawn, and what it means. */
interface Kind {
  readonly kind: ErrorKind
  readonly letter: string
  /** Of Okabe and Ito's palette. */
  readonly colour: string
  readonly ink: string
  readonly meaning: string
}

const kinds: ReadonlyArray<Kind> = [
  { kind: "missed", letter: "m", colour: "#0072B2", ink: "#fff", meaning: "nothing like it was predicted" },
  { kind: "spurious", letter: "s", colour: "#D55E00", ink: "#000", meaning: "nothing like it is right" },
  { kind: "wrong type", letter: "t", colour: "#009E73", ink: "#000", meaning: "right arguments, another label" },
  {
    kind: "wrong boundary",
    letter: "b",
    colour: "#E69F00",
    ink: "#000",
    meaning: "right label; an argument shares words with the right one",
  },
  {
    kind: "wrong mention",
    letter: "n",
    colour: "#CC79A7",
    ink: "#000",
    meaning: "right label; an argument is another name of the right entity, which does not count",
  },
  { kind: "malformed", letter: "f", colour: "#56B4E9", ink: "#000", meaning: "a piece of text that is no relation" },
  {
    kind: "truncated source",
    letter: "c",
    colour: "#F0E442",
    ink: "#000",
    meaning: "missed, and the model did not see the whole source",
  },
]

/** What was wrong, how often, and examples with the text that the model read. */
export const mistakesSection = ({ errors, cases }: ResultTables): Markup => {
  const names = corpusIdsIn(errors)
  return markup`<section id="errors" aria-labelledby="errors-title">
<h2 id="errors-title">What was wrong</h2>
${
    names.length === 0
      ? markup`<p class="note">No mistakes are known.</p>`
      : markup`<p>Every wrong prediction, missed relation and piece of text that is no relation is of one kind; counts are means over seeds.</p>
<dl class="kinds">${
        kinds.map((kind) => markup`<div><dt>${sample(kind)} ${kind.kind}</dt><dd>${kind.meaning}</dd></div>`)
      }</dl>
<p class="key">In the examples: <span><mark class="wanted">wanted</mark> what would have been right</span><span><mark class="said">said</mark> what the model said</span><span><mark class="wanted said">both</mark></span></p>
${
        names.map((corpus) =>
          markup`<h3>${corpusTitle(corpus)}</h3>
${countsTable(corpus, errors.filter((error) => error.corpus === corpus))}
${examples(corpus, cases.filter((one) => one.corpus === corpus))}`
        )
      }`
  }</section>
`
}

const sample = ({ colour, ink, letter }: Kind): Markup =>
  markup`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">${
    segment(0, 16, 16, colour, ink, letter)
  }</svg>`

const segment = (x: number, width: number, height: number, colour: string, ink: string, letter: string): Markup =>
  markup`<rect x="${tidy(x + 0.5)}" y="0.5" width="${tidy(Math.max(0.2, width - 1))}" height="${
    height - 1
  }" fill="${colour}" stroke="currentColor" stroke-width="0.75"/>${
    width < 13
      ? nothing
      : markup`<text x="${tidy(x + width / 2)}" y="${
        height / 2 + 4
      }" font-size="11" text-anchor="middle" fill="${ink}">${letter}</text>`
  }`

const tidy = (value: number): number => Math.round(value * 100) / 100

const chart = { width: 220, height: 18 }

const countsTable = (corpus: string, errors: ReadonlyArray<ErrorCount>): Markup => {
  const cells = [
    ...Map.groupBy(errors, ({ model, setting, protocol }) => JSON.stringify([model, setting, protocol])).values(),
  ]
    .map((own) => {
      const counts = kinds.map(({ kind }) => own.find((error) => error.kind === kind)?.count ?? 0)
      return { first: own[0], counts, total: counts.reduce((sum, count) => sum + count, 0) }
    })
  const written = errors.every(({ count }) => Number.isInteger(count))
    ? (count: number) => count.toLocaleString("en")
    : one
  const most = Math.max(...cells.map(({ total }) => total))
  const table = markup`<table class="errors">
<caption><span>Mistakes on ${corpusTitle(corpus)}</span></caption>
<thead><tr><th scope="col">Model</th><th scope="col">Kinds</th>${
    kinds.map((kind) => markup`<th scope="col" class="n">${sample(kind)} <span class="under">${kind.kind}</span></th>`)
  }<th scope="col" class="n">All</th></tr></thead>
<tbody>
${
    cells.map(({ first, counts, total }) =>
      first === undefined
        ? nothing
        : markup`<tr><th scope="row">${first.model} <span class="under">${settingTitle(first.setting)}</span></th><td>${
          stack(counts, most)
        }</td>${counts.map((count) => markup`<td class="n">${written(count)}</td>`)}<td class="n"><strong>${
          written(total)
        }</strong></td></tr>
`
    )
  }</tbody>
</table>`
  return scrolling(`Mistakes on ${corpusTitle(corpus)}`, table)
}

/** Counts side by side; the longest bar of a corpus is as wide as there is room. */
const stack = (counts: ReadonlyArray<number>, most: number): Markup => {
  let x = 0
  const parts = kinds.map(({ colour, ink, letter }, index) => {
    const width = most === 0 ? 0 : (counts[index] ?? 0) / most * chart.width
    const part = width === 0 ? nothing : segment(x, width, chart.height, colour, ink, letter)
    x += width
    return part
  })
  return markup`<svg class="stack" viewBox="0 0 ${chart.width} ${chart.height}" width="${chart.width}" height="${chart.height}" aria-hidden="true">${parts}</svg>`
}

const examples = (corpus: string, cases: ReadonlyArray<ErrorCase>): Markup => {
  if (cases.length === 0) return nothing
  const models = [...Map.groupBy(cases, ({ model, setting, seed }) => JSON.stringify([model, setting, seed])).values()]
  return markup`<div class="examples"><h4>Examples on ${corpusTitle(corpus)}</h4>
${
    models.map((own) => {
      const [first] = own
      if (first === undefined) return nothing
      const documents = [...Map.groupBy(own, ({ document }) => document)]
      const seed = first.seed === null ? "" : `, seed ${first.seed}`
      return folded(
        markup`${first.model}, ${settingTitle(first.setting)}${seed}: some of each kind, ${
          counted(own.length, "mistake")
        } in ${counted(documents.length, "document")}`,
        markup`${documents.map(([document, mistakes]) => renderDocument(document, mistakes))}`,
      )
    })
  }</div>
`
}

const renderDocument = (document: string, mistakes: ReadonlyArray<ErrorCase>): Markup => {
  const names = (role: "said" | "wanted") => mistakes.flatMap((mistake) => mistake[role]?.arguments ?? [])
  return markup`<article class="case"><h5>Document ${document}</h5>
<ul>${mistakes.map(renderMistake)}</ul>
<blockquote>${
    highlight((mistakes[0]?.source ?? "").trim(), { said: names("said"), wanted: names("wanted") })
  }</blockquote></article>
`
}

const renderMistake = ({ kind, said, wanted, text }: Mistake): Markup =>
  markup`<li><b>${kind}</b>${said === null ? nothing : markup`<span>said ${relation(said)}</span>`}${
    wanted === null ? nothing : markup`<span>wanted ${relation(wanted)}</span>`
  }${text === "" ? nothing : markup`<span>wrote <q>${text}</q></span>`}</li>`

const relation = ({ label, arguments: names }: NonNullable<Mistake["said"]>): Markup =>
  markup`<span class="relation">${label === "" ? "no label" : label} (${names.join("; ")})</span>`
