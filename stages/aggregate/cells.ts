import { InputError } from "redag"
import { findPublished } from "../../experiment/published.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Score, Scoring } from "../../schemas/scores.ts"
import { byPlace } from "./order.ts"

/** One run as it was scored: a row for each label, and one for each document. */
export interface Run {
  readonly seed: number | null
  readonly scores: ReadonlyMap<string, Score>
  readonly outcomes: ReadonlyArray<Outcome>
}

/** The runs of one cell of the results by one measure, the lowest seed first. */
export interface Cell {
  /** As Table 1 names it, if it does. */
  readonly model: string
  readonly corpus: string
  readonly setting: string
  readonly protocol: string
  readonly measure: string
  readonly runs: ReadonlyArray<Run>
}

/** A cell while rows come in. */
interface Growing extends Omit<Cell, "runs"> {
  readonly runs: Map<number | null, { readonly scores: Map<string, Score>; readonly outcomes: Array<Outcome> }>
}

const told = ({ model, corpus, setting }: Growing, seed: number | null): string =>
  `${model} on ${corpus} (${setting}${seed === null ? "" : `, seed ${seed}`})`

const finished = (cell: Growing): Cell => {
  const runs = Array.from(cell.runs, ([seed, { scores, outcomes }]): Run => {
    if (scores.size > 0 && outcomes.length > 0) return { seed, scores, outcomes }
    throw new InputError({
      message: scores.size > 0
        ? `${told(cell, seed)} has scores by ${cell.measure} and no documents`
        : `${told(cell, seed)} has documents by ${cell.measure} and no score`,
      help: "give the scores and the outcomes of the same runs",
      field: scores.size > 0 ? "outcomes" : "scores",
    })
  })
  return { ...cell, runs: runs.toSorted((a, b) => (a.seed ?? 0) - (b.seed ?? 0)) }
}

/** The cells that scores and outcomes belong to, in Table 1's order; a seed given twice for a cell is an error. */
export const cellsOf = (scores: Iterable<Score>, outcomes: Iterable<Outcome>): ReadonlyArray<Cell> => {
  const cells = new Map<string, Growing>()
  const names = new Map<string, string>()
  const nameOf = (model: string): string => {
    const known = names.get(model) ?? findPublished(model)?.name ?? model
    names.set(model, known)
    return known
  }
  const find = ({ model: given, corpus, setting, seed, protocol, measure }: Scoring) => {
    const model = nameOf(given)
    const key = [model, corpus, setting, protocol, measure].join("\0")
    const cell = cells.get(key) ?? { model, corpus, setting, protocol, measure, runs: new Map() }
    const run = cell.runs.get(seed) ?? { scores: new Map(), outcomes: [] }
    cells.set(key, cell)
    cell.runs.set(seed, run)
    return { cell, run }
  }
  for (const score of scores) {
    const { cell, run } = find(score)
    if (run.scores.has(score.label)) {
      throw new InputError({
        message: `${cell.model} on ${cell.corpus} (${cell.setting}) has two scores for the seed ${score.seed}`,
        help: "give each run of a cell its own seed",
        field: "seed",
      })
    }
    run.scores.set(score.label, score)
  }
  for (const outcome of outcomes) find(outcome).run.outcomes.push(outcome)
  return Array.from(cells.values(), finished).toSorted(byPlace)
}
