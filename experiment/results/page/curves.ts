import { counted, type Provenance } from "redag"
import { corpusIdsIn, corpusTitle } from "../../corpora.ts"
import { settingTitle } from "../../settings.ts"
import { describeCurves, drawCurves } from "../curve-panel.ts"
import { type CellCurves, cellCurves, type QuantityId, type TrainingCurves } from "../curves.ts"
import { type Markup, markup, nothing } from "../markup.ts"
import { inline } from "../panel.ts"
import { command, folded } from "./parts.ts"

const first: ReadonlyArray<QuantityId> = ["training/loss", "evaluations/f1"]
const more: ReadonlyArray<QuantityId> = ["training/learningRate", "training/gradientNorm"]

/** The curves of all trainings: loss and validation F1 at once, learning rate and gradient norm on request. */
export const curvesSection = async (provenance: Provenance): Promise<Markup> => {
  const cells = await cellCurves(provenance)
  const corpora: Array<Markup> = []
  for (const corpus of corpusIdsIn(cells)) {
    const own = cells.filter((cell) => cell.corpus === corpus)
    corpora.push(markup`<h3 id="curves-${corpus}">${corpusTitle(corpus)}</h3>
${await drawings(own, first)}
${folded(markup`Learning rates and gradient norms on ${corpusTitle(corpus)}`, await drawings(own, more))}`)
  }
  return markup`<section id="curves" aria-labelledby="curves-title">
<h2 id="curves-title">How training went</h2>
${
    cells.length === 0
      ? markup`<p class="note">No training of this profile has shown its curves yet.</p>`
      : markup`<p>Each drawing is of one cell of Table 1, along the optimizer steps, with a line for each seed. A row has its own scale, whose ends stand on its left: the loss in nats for each target token, the F1 in percent on the validation documents, where a ring is around the best evaluation, whose weights are kept.</p>
${unfinishedNote(cells)}${corpora}
<p>${
        command(`npx dag export --curves --to FOLDER --profile ${provenance.profile}`)
      } writes every step as CSV, and for TensorBoard.</p>`
  }
</section>
`
}

const drawings = async (cells: ReadonlyArray<CellCurves>, ids: ReadonlyArray<QuantityId>): Promise<Markup> => {
  const drawn: Array<Markup> = []
  for (const cell of cells) drawn.push(inline(await drawCurves(cell, ids), describeCurves(cell, ids)))
  return markup`<div class="curves">${drawn}</div>
`
}

/** Which trainings are not done, and how far they are. */
const unfinishedNote = (cells: ReadonlyArray<CellCurves>): Markup => {
  const open = cells.flatMap((cell) =>
    cell.trainings.flatMap((training) => training.state._tag === "Done" ? [] : [lineOf(cell, training)])
  )
  return open.length === 0
    ? nothing
    : markup`<p class="old">${counted(open.length, "training")} ${
      open.length === 1 ? "is" : "are"
    } not done, and drawn as far as ${open.length === 1 ? "it is" : "they are"}:</p>
<ul>${open.map((line) => markup`<li>${line}</li>`)}</ul>
`
}

const lineOf = ({ model, corpus, setting }: CellCurves, { seed, state }: TrainingCurves): string => {
  const name = `${model}, ${corpusTitle(corpus)}, ${settingTitle(setting)}${seed === null ? "" : `, seed ${seed}`}`
  if (state._tag === "Done") return name
  const { reached } = state
  const at = reached === undefined
    ? ""
    : ` at ${reached.done.toLocaleString("en")} of ${reached.total.toLocaleString("en")} ${reached.unit}`
  return `${name}: ${state._tag === "Running" ? "running" : "stopped"}${at}`
}
