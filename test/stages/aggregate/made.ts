import type { Mistake, Outcome } from "../../../schemas/outcomes.ts"
import type { Counts, Score, Scoring } from "../../../schemas/scores.ts"
import type { Aggregation } from "../../../stages/aggregate/aggregate.ts"
import type { Lists } from "../../../stages/aggregate/lists.ts"
import type { Tally } from "../../../stages/aggregate/tallies.ts"
import { ratiosOf, sumOfCounts } from "../../../stages/shared/measures/counts.ts"

/** Of one document: right, predicted, gold. */
export type Three = readonly [correct: number, predicted: number, gold: number]

/** Counts where each right prediction finds one gold relation. */
export const counts = ([correct, predicted, gold]: Three): Counts => ({ correct, predicted, found: correct, gold })

/** What a run of a test is but for its documents. */
export interface Made extends Partial<Scoring> {
  readonly model: string
  /** Counts that are in the score and in no document. */
  readonly pooled?: Three
  readonly mistakes?: Readonly<Record<string, ReadonlyArray<Mistake>>>
  /** What was suspicious about the data of the run. */
  readonly flags?: Score["flags"]
  readonly cut?: boolean
  readonly truncated?: boolean
}

/** The score and the outcomes of a run on the documents "d0", "d1" and so on. */
export const run = (
  { pooled = [0, 0, 0], mistakes = {}, flags = [], cut = false, truncated = false, ...scoring }: Made,
  documents: ReadonlyArray<Three>,
): { readonly scores: ReadonlyArray<Score>; readonly outcomes: ReadonlyArray<Outcome> } => {
  const cell = { corpus: "cdr", setting: "full", seed: null, protocol: "paper", measure: "strict", ...scoring }
  const sum = sumOfCounts([...documents, pooled].map(counts))
  return {
    scores: [{ ...cell, label: "micro", ...sum, ...ratiosOf(sum), flags }],
    outcomes: documents.map((three, index) => ({
      ...cell,
      document: `d${index}`,
      ...counts(three),
      finished: !cut,
      sourceTruncated: truncated,
      mistakes: mistakes[`d${index}`] ?? [],
    })),
  }
}

const model = (
  name: string,
  parameters: string,
  published: Lists["models"][number]["published"],
  leaks: ReadonlyArray<string>,
) => ({
  name,
  parameters,
  published,
  leaks,
})

/** Some models, and all corpora and settings, in the order in which rows are to be. */
export const lists: Lists = {
  models: [
    model("GPT-2-Medium", "350M", { cdr: { full: 16.3 }, dce: { full: 0.2 } }, []),
    model("BART-Base", "110M", {}, []),
    model("In-BoXBART", "110M", {}, ["cdr", "chemprot", "ddi"]),
    model("T5-Small", "60M", { cdr: { "16": 18.3, "64": 20.3, "full": 29.4 } }, []),
    model("T5-Base", "220M", {}, []),
  ],
  corpora: [
    { id: "cdr", title: "CDR" },
    { id: "dce", title: "DCE" },
    { id: "chemprot", title: "ChemProt" },
    { id: "ddi", title: "DDI" },
  ],
  settings: ["16", "64", "full"],
  protocols: ["paper", "authors", "official"],
}

/** All runs of a test, and how they are aggregated where the test does not say. */
export const aggregation = (
  runs: ReadonlyArray<ReturnType<typeof run>>,
  more: Partial<Aggregation> = {},
): Aggregation => ({
  scores: runs.flatMap(({ scores }) => scores),
  outcomes: runs.flatMap(({ outcomes }) => outcomes),
  details: [],
  examples: [],
  warnings: [],
  lists,
  pairs: [],
  leaked: "apart",
  seeds: 5,
  resamples: 2000,
  seed: 0,
  ...more,
})

/** The counts of a run over its documents, and none beyond them. */
export const tally = (documents: ReadonlyArray<Three>): Tally => {
  const column = (of: (three: Three) => number): Float64Array => Float64Array.from([...documents.map(of), 0])
  const correct = column(([correct]) => correct)
  return {
    correct,
    predicted: column(([, predicted]) => predicted),
    found: correct,
    gold: column(([, , gold]) => gold),
  }
}

const gold = [4, 3, 2, 1, 1, 0, 0, 0, 0, 4, 3, 4, 2, 3, 4, 3, 3, 2, 2, 4, 1, 4, 3, 0, 1, 4, 2, 0, 3, 3]
const baseSaid = [5, 1, 0, 5, 0, 3, 0, 1, 2, 2, 2, 0, 0, 0, 0, 4, 3, 3, 1, 3, 4, 2, 2, 5, 4, 5, 2, 4, 5, 3]
const baseRight = [3, 1, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 3, 0, 2, 1, 1, 1, 2, 1, 0, 1, 2, 2, 0, 3, 1]
const otherSaid = [1, 5, 1, 1, 4, 3, 0, 0, 2, 4, 2, 4, 1, 1, 4, 5, 0, 0, 4, 2, 3, 0, 5, 2, 5, 4, 4, 1, 4, 0]
const otherRight = [1, 2, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 1, 1, 4, 3, 0, 0, 2, 1, 1, 0, 3, 0, 1, 2, 2, 0, 1, 0]
const documents = (right: ReadonlyArray<number>, said: ReadonlyArray<number>): ReadonlyArray<Three> =>
  gold.map((wanted, index) => [right[index] ?? 0, said[index] ?? 0, wanted])

/** Two systems on thirty documents, drawn once: what scipy was given too. */
export const base: ReadonlyArray<Three> = documents(baseRight, baseSaid)
export const other: ReadonlyArray<Three> = documents(otherRight, otherSaid)
