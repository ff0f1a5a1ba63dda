import type { Comparison, Question } from "../../schemas/comparisons.ts"
import type { Cell, Run } from "./cells.ts"
import { conclude, type Finding, type Test } from "./conclusions.ts"
import { holm } from "./holm.ts"
import { meanOfRows, percentileInterval } from "./intervals.ts"
import { corpusTitle, isLeaked, type Lists } from "./lists.ts"
import { byPlace } from "./order.ts"
import type { Random } from "./random.ts"
import { type Paired, randomizationTests } from "./randomization.ts"
import { mean } from "./statistics.ts"
import { documentF1, isPooled, runF1, sameF1, type Tallies, type Tally } from "./tallies.ts"

/** Two models that differ in what a question asks of: `other` has it, `base` does not. */
export interface Pair {
  readonly question: Question
  readonly base: string
  readonly other: string
}

/** A pair of models on one corpus and setting, with the runs of each that are compared. */
interface Match {
  readonly pair: Pair
  readonly base: Cell
  readonly baseRuns: ReadonlyArray<Run>
  readonly otherRuns: ReadonlyArray<Run>
  /** Those of the two models that were finetuned on data made from the corpus before. */
  readonly leaking: ReadonlyArray<string>
  readonly moreSeeds: boolean
  readonly untested: Untested | null
}

/** Why a difference is not tested. */
type Untested = Exclude<Test, { readonly _tag: "Tested" }>

/** A comparison before it is known with how many others it must share the chance of a false finding. */
export interface Draft {
  readonly row: Omit<Comparison, "adjusted" | "conclusion">
  readonly finding: Pick<Finding, "seeds" | "moreSeeds" | "leaking">
  readonly untested: Untested | null
}

/** The figure of the paper that shows a question's answer for a setting. */
const figureOf = ({ question }: Pair, setting: string): number =>
  (question === "domain" ? 2 : 4) + (setting === "full" ? 0 : 1)

/** Pairs what both models have: runs of the same seeds; where they share none, the runs of each. */
const match = (
  pair: Pair,
  base: Cell,
  other: Cell,
  { lists, leaked }: Comparing,
  pooled: (run: Run) => boolean,
): Match => {
  const seeds = new Set(base.runs.map(({ seed }) => seed))
  const otherRuns = other.runs.filter(({ seed }) => seeds.has(seed))
  const shared = new Set(otherRuns.map(({ seed }) => seed))
  const common = shared.size > 0
  const leaking = [pair.base, pair.other].filter((model) => isLeaked(lists, model, base.corpus))
  return {
    pair,
    base,
    baseRuns: common ? base.runs.filter(({ seed }) => shared.has(seed)) : base.runs,
    otherRuns: common ? otherRuns : other.runs,
    leaking,
    moreSeeds: common && base.runs.length + other.runs.length > 2 * shared.size,
    untested: leaking.length > 0 && leaked === "apart"
      ? { _tag: "Leaked", models: leaking }
      : !common
      ? { _tag: "NoCommonSeed" }
      : [...base.runs, ...other.runs].some(pooled)
      ? { _tag: "Pooled" }
      : null,
  }
}

/** What two models are compared by. */
export interface Comparing {
  readonly lists: Lists
  readonly pairs: ReadonlyArray<Pair>
  readonly leaked: "apart" | "compared"
  readonly resamples: number
}

/** Documents on which the second is better, worse and the same, by F1 averaged over runs. */
export const countDocuments = (documents: number, base: ReadonlyArray<Tally>, other: ReadonlyArray<Tally>) => {
  let [better, worse] = [0, 0]
  for (let document = 0; document < documents; document++) {
    const of = (tallies: ReadonlyArray<Tally>): number => mean(tallies.map((tally) => documentF1(tally, document)))
    const ahead = of(other) - of(base)
    if (ahead > sameF1) better += 1
    else if (ahead < -sameF1) worse += 1
  }
  return { better, worse, same: documents - better - worse, dominance: (better - worse) / documents }
}

/**
 * Compares the models of pairs wherever cells over the same documents have both.
 *
 * `resampled` is F1 of each run in each resample of the documents, the same resamples for all runs.
 */
export const comparePairs = (
  cells: ReadonlyArray<Cell>,
  { documents, of }: Tallies,
  resampled: ReadonlyMap<Run, Float64Array>,
  comparing: Comparing,
  random: Random,
): ReadonlyArray<Draft> => {
  const { pairs, resamples } = comparing
  const pooled = (run: Run): boolean => {
    const tally = of.get(run)
    return tally !== undefined && isPooled(tally)
  }
  const matches = pairs.flatMap((pair) =>
    cells.filter(({ model }) => model === pair.base).flatMap((base) =>
      cells.filter(({ model, setting }) => model === pair.other && setting === base.setting)
        .map((other) => match(pair, base, other, comparing, pooled))
    )
  )
  const talliesOf = (runs: ReadonlyArray<Run>): ReadonlyArray<Tally> => runs.flatMap((run) => of.get(run) ?? [])
  const resampledMean = (runs: ReadonlyArray<Run>): Float64Array =>
    meanOfRows(runs.flatMap((run) => resampled.get(run) ?? []))
  const tested = matches.filter(({ untested }) => untested === null)
  const paired = tested.map(({ baseRuns, otherRuns }): Paired => {
    const others = talliesOf(otherRuns)
    return talliesOf(baseRuns).flatMap((base, index) => {
      const other = others[index]
      return other === undefined ? [] : [{ base, other }]
    })
  })
  const values = randomizationTests(paired, resamples, random)
  const p = new Map(tested.map((each, index) => [each, values[index] ?? 1]))
  return matches.map((each): Draft => {
    const { pair, base, baseRuns, otherRuns, leaking, moreSeeds, untested } = each
    const [baseTallies, otherTallies] = [talliesOf(baseRuns), talliesOf(otherRuns)]
    const baseF1 = 100 * mean(baseTallies.map(runF1))
    const otherF1 = 100 * mean(otherTallies.map(runF1))
    const without = resampledMean(baseRuns)
    const { low, high } = percentileInterval(
      resampledMean(otherRuns).map((value, place) => value - (without[place] ?? 0)),
    )
    return {
      row: {
        question: pair.question,
        figure: figureOf(pair, base.setting),
        corpus: base.corpus,
        setting: base.setting,
        protocol: base.protocol,
        base: pair.base,
        other: pair.other,
        baseF1,
        otherF1,
        difference: otherF1 - baseF1,
        low: 100 * low,
        high: 100 * high,
        ...countDocuments(documents.length, baseTallies, otherTallies),
        p: p.get(each) ?? null,
      },
      finding: { seeds: baseRuns.map(({ seed }) => seed), moreSeeds, leaking },
      untested,
    }
  })
}

/** The comparisons with Holm's correction over the tests of each figure and protocol, and what follows from each. */
export const conclusions = (drafts: ReadonlyArray<Draft>, lists: Lists): ReadonlyArray<Comparison> => {
  const families = Map.groupBy(
    drafts.flatMap(({ row }) => (row.p === null ? [] : [{ row, p: row.p }])),
    ({ row }) => `${row.figure} ${row.protocol}`,
  )
  const adjusted = new Map([...families.values()].flatMap((family) => {
    const values = holm(family.map(({ p }) => p))
    return family.map(({ row }, index) => [row, values[index] ?? 1] as const)
  }))
  const inOrder = byPlace(lists)
  const testOf = ({ row, untested }: Draft): Test => untested ?? { _tag: "Tested", adjusted: adjusted.get(row) ?? 1 }
  return drafts.map((draft): Comparison => ({
    ...draft.row,
    adjusted: adjusted.get(draft.row) ?? null,
    conclusion: conclude({
      ...draft.row,
      ...draft.finding,
      corpus: corpusTitle(lists, draft.row.corpus),
      test: testOf(draft),
    }),
  })).toSorted((a, b) => a.figure - b.figure || inOrder({ ...a, model: a.other }, { ...b, model: b.other }))
}
