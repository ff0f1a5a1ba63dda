import type { Comparison } from "../../schemas/comparisons.ts"
import type { Detail, RunDetail } from "../../schemas/details.ts"
import type { ErrorCase, ErrorCount } from "../../schemas/errors.ts"
import type { Example } from "../../schemas/examples.ts"
import type { Outcome } from "../../schemas/outcomes.ts"
import type { Result } from "../../schemas/results.ts"
import type { Score } from "../../schemas/scores.ts"
import type { SystemComparison } from "../../schemas/systems.ts"
import type { Warning } from "../../schemas/warnings.ts"
import { type Cell, cellsOf, type Run } from "./cells.ts"
import { comparePairs, type Comparing, conclusions, type Draft } from "./comparisons.ts"
import { meanDetails } from "./details.ts"
import { casesOf } from "./error-cases.ts"
import { errorCounts } from "./error-counts.ts"
import { meanOfRows, percentileInterval, resampledF1 } from "./intervals.ts"
import { hasOutcomes } from "./lists.ts"
import { Random } from "./random.ts"
import { type Context, type IntervalOf, resultsOf } from "./results.ts"
import { compareSystems, type Contest, systemConclusions } from "./systems.ts"
import { isPooled, type Tallies, talliesOf } from "./tallies.ts"

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

/** The cells of a corpus by one measure, with the counts of their runs over the same documents. */
interface Population {
  readonly corpus: string
  readonly cells: ReadonlyArray<Cell>
  readonly tallies: Tallies
}

/** F1 of each run in each resample. A corpus's resamples are the same by every measure, and change with no other corpus. */
const resampledRuns = (
  populations: ReadonlyArray<Population>,
  { resamples, seed }: Pick<Aggregation, "resamples" | "seed">,
): ReadonlyMap<Run, Float64Array> => {
  // By some measures fewer documents count.
  const alike = Map.groupBy(populations, ({ corpus, tallies }) => `${tallies.documents.length} ${corpus}`)
  return new Map([...alike.values()].flatMap((group) => {
    const [{ corpus } = { corpus: "" }] = group
    const of = group.flatMap(({ tallies }) => [...tallies.of])
    const values = resampledF1(of.map(([, tally]) => tally), resamples, Random.of(seed, `resamples of ${corpus}`))
    return of.map(([run], index) => [run, values[index] ?? new Float64Array()] as const)
  }))
}

const intervalOf = (cell: Cell, { of }: Tallies, resampled: ReadonlyMap<Run, Float64Array>): IntervalOf => {
  const pooled = cell.runs.some((run) => {
    const tally = of.get(run)
    return tally !== undefined && isPooled(tally)
  })
  return pooled ? "pooled" : percentileInterval(meanOfRows(cell.runs.flatMap((run) => resampled.get(run) ?? [])))
}

/** The tables of results: rows in the order of the lists, means over seeds, intervals over documents. */
export const aggregate = (aggregation: Aggregation): Aggregated => {
  const { lists, scores, outcomes, details, examples, seed } = aggregation
  const all = cellsOf(scores, outcomes, lists)
  const cells = all.filter(({ model }) => hasOutcomes(lists, model))
  const populations = [...Map.groupBy(cells, ({ corpus, protocol, measure }) => [corpus, protocol, measure].join("\0"))]
    .map(([, own]): Population => ({ corpus: own[0]?.corpus ?? "", cells: own, tallies: talliesOf(own) }))
  const intervals = new Map<Cell, IntervalOf>()
  const drafts: Array<Draft> = []
  const contests: Array<Contest> = []
  for (const group of Map.groupBy(populations, ({ corpus }) => corpus).values()) {
    const resampled = resampledRuns(group, aggregation)
    for (const { corpus, cells: own, tallies } of group) {
      for (const cell of own) intervals.set(cell, intervalOf(cell, tallies, resampled))
      const strict = own.filter(isStrict)
      drafts.push(...comparePairs(strict, tallies, resampled, aggregation, Random.of(seed, `swaps of ${corpus}`)))
      contests.push(...compareSystems(strict, tallies, resampled, aggregation, Random.of(seed, `swaps of ${corpus}`)))
    }
  }
  const strict = cells.filter(isStrict)
  return {
    results: all.flatMap((cell) => resultsOf(cell, intervals.get(cell) ?? "no outcomes", aggregation)),
    comparisons: conclusions(drafts, lists),
    errors: strict.flatMap(errorCounts),
    cases: casesOf(strict, examples, seed, lists),
    warnings: aggregation.warnings,
    details: meanDetails(details, lists),
    systems: systemConclusions(contests, lists),
  }
}
