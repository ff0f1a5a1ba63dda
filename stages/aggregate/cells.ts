import { InputError } from "redag"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Score, Scoring } from "../../schemas/scores.ts"
import { hasOutcomes, type Lists } from "./lists.ts"
import * as messages from "./messages.ts"
import { byPlace } from "./order.ts"

/** One run as it was scored: a row for each label, and one for each document. */
export interface Run {
  readonly seed: number | null
  readonly scores: ReadonlyMap<string, Score>
  readonly outcomes: ReadonlyArray<Outcome>
}

/** The runs of one cell of the results by one measure, the lowest seed first. */
export interface Cell {
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

/** What messages say of a run. */
export const runFacts = ({ model, corpus, setting, measure }: Omit<Cell, "runs">, seed: number | null) => ({
  model,
  corpus,
  setting,
  measure,
  seed,
})

const finished = (cell: Growing, lists: Lists): Cell => {
  const runs = Array.from(cell.runs, ([seed, { scores, outcomes }]): Run => {
    if (scores.size > 0 && (outcomes.length > 0 || !hasOutcomes(lists, cell.model))) return { seed, scores, outcomes }
    const field = scores.size > 0 ? "outcomes" : "scores"
    const { message, help } = scores.size > 0 ? messages.noOutcomes : messages.noScores
    throw new InputError({ message: message(runFacts(cell, seed)), help, field })
  })
  return { ...cell, runs: runs.toSorted((a, b) => (a.seed ?? 0) - (b.seed ?? 0)) }
}

/** The cells that scores and outcomes belong to, in the order of the lists; a seed given twice for a cell is an error. */
export const cellsOf = (
  scores: Iterable<Score>,
  outcomes: Iterable<Outcome>,
  lists: Lists,
): ReadonlyArray<Cell> => {
  const cells = new Map<string, Growing>()
  const find = ({ model, corpus, setting, seed, protocol, measure }: Scoring) => {
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
      const { message, help } = messages.repeatedSeed
      throw new InputError({ message: message(runFacts(cell, score.seed)), help, field: "seed" })
    }
    run.scores.set(score.label, score)
  }
  for (const outcome of outcomes) find(outcome).run.outcomes.push(outcome)
  return Array.from(cells.values(), (cell) => finished(cell, lists)).toSorted(byPlace(lists))
}
