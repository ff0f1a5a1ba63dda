import { InputError } from "redag"
import { type Cell, type Run, runFacts } from "./cells.ts"
import * as messages from "./messages.ts"

/** The names of the counts. */
export const countNames = ["correct", "predicted", "found", "gold"] as const

/**
 * The counts of one run, a number for each document; behind them one for what is in the run's score and in no document,
 * as when counters are pooled with those of validations.
 */
export type Tally = Readonly<Record<(typeof countNames)[number], Float64Array>>

/** F1 of counts, 0 where nothing was right. */
export const f1Of = (correct: number, predicted: number, found: number, gold: number): number => {
  const precision = predicted === 0 ? 0 : correct / predicted
  const recall = gold === 0 ? 0 : found / gold
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
}

/** F1 values nearer than this are the same: sums over seeds differ in their last digits by the order of rounding. */
export const sameF1 = 1e-12

/** F1 of one document; where there is nothing to find and nothing was said, all is right. */
export const documentF1 = ({ correct, predicted, found, gold }: Tally, document: number): number => {
  const [said, wanted] = [predicted[document] ?? 0, gold[document] ?? 0]
  return said === 0 && wanted === 0 ? 1 : f1Of(correct[document] ?? 0, said, found[document] ?? 0, wanted)
}

/** The sum of a column of counts. */
export const sumOf = (column: Float64Array): number => {
  let sum = 0
  for (const value of column) sum += value
  return sum
}

/** F1 of a whole run. */
export const runF1 = ({ correct, predicted, found, gold }: Tally): number =>
  f1Of(sumOf(correct), sumOf(predicted), sumOf(found), sumOf(gold))

/** Whether there is more in a run's score than its documents count. */
export const isPooled = ({ predicted, gold }: Tally): boolean => (predicted.at(-1) ?? 0) + (gold.at(-1) ?? 0) > 0

/** The documents of some cells, and the counts of their runs over them. */
export interface Tallies {
  readonly documents: ReadonlyArray<string>
  readonly of: ReadonlyMap<Run, Tally>
}

const wrong = (message: string, help: string): InputError => new InputError({ message, help, field: "document" })

/** What is in a score beyond its documents; less than nothing cannot be. */
const beyond = (cell: Cell, run: Run, whole: number, documents: number): number => {
  const rest = whole - documents
  // Parts of relations do not add up exactly.
  if (Math.abs(rest) < 1e-6) return 0
  if (rest > 0) return rest
  throw wrong(messages.smallScore.message(runFacts(cell, run.seed)), messages.smallScore.help)
}

const tallyOf = (cell: Cell, run: Run, places: ReadonlyMap<string, number>): Tally => {
  const column = (): Float64Array => new Float64Array(places.size + 1)
  const tally = { correct: column(), predicted: column(), found: column(), gold: column() }
  const seen = new Set<number>()
  for (const outcome of run.outcomes) {
    const place = places.get(outcome.document)
    if (place === undefined || seen.has(place)) {
      const { message, help } = place === undefined ? messages.unknownDocument : messages.repeatedDocument
      throw wrong(message(runFacts(cell, run.seed), outcome.document), help)
    }
    seen.add(place)
    for (const name of countNames) tally[name][place] = outcome[name]
  }
  if (seen.size < places.size) {
    const { message, help } = messages.missingDocuments
    throw wrong(message(runFacts(cell, run.seed), places.size - seen.size, places.size), help)
  }
  const micro = run.scores.get("micro")
  if (micro === undefined) return tally
  for (const name of countNames) tally[name][places.size] = beyond(cell, run, micro[name], sumOf(tally[name]))
  return tally
}

/** The counts of cells over the same documents, which stand in the order of their ids. */
export const talliesOf = (cells: ReadonlyArray<Cell>): Tallies => {
  const documents = [...new Set(cells[0]?.runs[0]?.outcomes.map(({ document }) => document))].sort()
  const places = new Map(documents.map((document, place) => [document, place]))
  return {
    documents,
    of: new Map(cells.flatMap((cell) => cell.runs.map((run) => [run, tallyOf(cell, run, places)] as const))),
  }
}
