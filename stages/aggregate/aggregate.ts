import type { Comparison } from "../../schemas/comparisons.ts"
import type { Detail, RunDetail } from "../../schemas/details.ts"
import type { ErrorCase, ErrorCount } from "../../schemas/errors.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Result } from "../../schemas/results.ts"
import type { Score } from "../../schemas/scores.ts"
import type { SystemComparison } from "../../schemas/systems.ts"
import type { Warning } from "../../schemas/warnings.ts"
import { type Cell, cellsOf } from "./cells.ts"
import { comparePairs, type Comparing, conclusions, type Draft } from "./comparisons.ts"
import { meanDetails } from "./details.ts"
import { casesOf } from "./error-cases.ts"
import { errorCounts } from "./error-counts.ts"
import { type Interval, meanOfRows, percentileInterval, resampledF1 } from "./intervals.ts"
import { Random } from "./random.ts"
import { type Context, resultsOf } from "./results.ts"
import { compareSystems, type Contest, systemConclusions } from "./systems.ts"
import { isPooled, talliesOf } from "./tallies.ts"

/** What is aggregated, and how. */
export interface Aggregation extends Context, Comparing {
  readonly scores: ReadonlyArray<Score>
  readonly outcomes: ReadonlyArray<Outcome>
  readonly details: ReadonlyArray<RunDetail>
  /** Of each corpus by itself, for ids of two corpora may be the same. */
  readonly examples: ReadonlyArray<ReadonlyArray<Example>>
  /** About all corpora, as they are now; runs may be older, and know their own. */
  readonly warnings: ReadonlyArray<Warning>
  /** Of all that is random. */
  readonly seed: number
}

/** The results. */
export interface Aggregated {
  readonly results: ReadonlyArray<Result>
  readonly comparisons: ReadonlyArray<Comparison>
  readonly errors: ReadonlyArray<ErrorCount>
  readonly cases: ReadonlyArray<ErrorCase>
  readonly warnings: ReadonlyArray<Warning>
  readonly details: ReadonlyArray<Detail>
  /** How rows beyond the grid compare with cells of the grid. */
  readonly systems: ReadonlyArray<SystemComparison>
}

/** Whether this is the measure of the paper's Table 1, which its figures compare and whose mistakes are listed. */
const isStrict = ({ measure }: Cell): boolean => measure === "strict"

/** The tables of results: rows in the order of the lists, means over seeds, intervals over documents. */
export const aggregate = (aggregation: Aggregation): Aggregated => {
  const { lists, scores, outcomes, details, examples, resamples, seed } = aggregation
  const cells = cellsOf(scores, outcomes, lists)
  const intervals = new Map<Cell, Interval | null>()
  const drafts: Array<Draft> = []
  const contests: Array<Contest> = []
  const populations = Map.groupBy(cells, ({ corpus, protocol, measure }) => [corpus, protocol, measure].join("\0"))
  for (const own of populations.values()) {
    const [{ corpus } = { corpus: "" }] = own
    const tallies = talliesOf(own)
    // A corpus's resamples are the same by every measure, and change with no other corpus.
    const values = resampledF1([...tallies.of.values()], resamples, Random.of(seed, `resamples of ${corpus}`))
    const resampled = new Map([...tallies.of.keys()].map((run, index) => [run, values[index] ?? new Float64Array()]))
    for (const cell of own) {
      const pooled = cell.runs.some((run) => {
        const tally = tallies.of.get(run)
        return tally !== undefined && isPooled(tally)
      })
      const means = meanOfRows(cell.runs.flatMap((run) => resampled.get(run) ?? []))
      intervals.set(cell, pooled ? null : percentileInterval(means))
    }
    const strict = own.filter(isStrict)
    drafts.push(...comparePairs(strict, tallies, resampled, aggregation, Random.of(seed, `swaps of ${corpus}`)))
    contests.push(...compareSystems(strict, tallies, resampled, aggregation, Random.of(seed, `swaps of ${corpus}`)))
  }
  const strict = cells.filter(isStrict)
  return {
    results: cells.flatMap((cell) => {
      const interval = intervals.get(cell)
      return interval === undefined ? [] : resultsOf(cell, interval, aggregation)
    }),
    comparisons: conclusions(drafts, lists),
    errors: strict.flatMap(errorCounts),
    cases: casesOf(strict, examples, seed, lists),
    warnings: aggregation.warnings,
    details: meanDetails(details, lists),
    systems: systemConclusions(contests, lists),
  }
}
