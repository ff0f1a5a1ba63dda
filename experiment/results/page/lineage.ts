import { counted } from "redag"
import { corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { type Markup, markup, nothing } from "../markup.ts"
import { type Ancestor, type CellOrigin, nameOf, type Origins } from "../origins.ts"
import { interval, one } from "../words.ts"
import { actionId, actionsCatalogue } from "./actions.ts"
import { command, digest, folded } from "./parts.ts"

/** Where each number comes from: a cell's own actions, and a catalogue of all actions that cells are made from. */
export const lineageSection = (origins: Origins, profile: string): Markup => {
  const models = [...Map.groupBy(origins.cells, ({ result }) => result.model)]
  return markup`<section id="lineage" aria-labelledby="lineage-title">
<h2 id="lineage-title">Where each number comes from</h2>
<p>A number is the end of a chain of actions. Each action has a key: the digest of its parameters, of the content of its inputs and of its code. The chain of a cell begins with the raw files of a corpus and a pretrained model. Each action below, with the beginning of its key, leads to its entry: digests of what it made, raw files with their sha256, parameters with the template, code and packages.</p>
<p class="paper-only">What each cell and action was made from is left out on paper: open this page on a screen, or ask <code>npx dag lineage</code>.</p>
<div class="screen-only"><h3>Cells</h3>
${
    models.map(([model, cells]) =>
      folded(
        markup`${model}: ${counted(cells.length, "cell")}`,
        markup`${cells.map((cell) => renderCell(cell, profile))}`,
      )
    )
  }
${actionsCatalogue(origins.actions)}</div>
</section>
`
}

const renderCell = ({ id, result, runs, shared }: CellOrigin, profile: string): Markup => {
  const { model, corpus, setting, f1, low, high, flags } = result
  const range = low === null || high === null ? "" : ` ${interval(low, high)}`
  const [score] = runs[0]?.scores ?? []
  return markup`<article class="cell" id="${id}"><h4>${model}, ${corpusTitle(corpus)}, ${settingTitle(setting)}: ${
    one(f1)
  }${range}</h4>
${flags.length === 0 ? nothing : markup`<p class="note">${flags.join(", ")}</p>`}
${
    score === undefined
      ? markup`<p>The actions that made it are not in this graph any more.</p>`
      : markup`<p>${command(`npx dag lineage ${quoted(nameOf(score))} --profile ${profile}`)}</p>
${runs.map(renderRun)}
<p>Shared with other cells:</p>
${list(shared)}`
  }</article>
`
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@+-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

const renderRun = ({ seed, scores, own }: CellOrigin["runs"][number]): Markup => {
  const f1 = scores[0]?.record.counts["F1"]
  return markup`<p>${seed === null ? "Run" : `Seed ${seed}`}${f1 === undefined ? "" : ` (F1 ${one(f1)})`}:</p>
${list(own)}`
}

const list = (ancestors: ReadonlyArray<Ancestor>): Markup =>
  ancestors.length === 0
    ? markup`<p class="note">nothing</p>`
    : markup`<ul class="chain">${
      ancestors.map((ancestor) =>
        markup`<li><a href="#${actionId(ancestor.id)}">${nameOf(ancestor)}</a> ${digest(ancestor.record.key)}</li>`
      )
    }</ul>
`
