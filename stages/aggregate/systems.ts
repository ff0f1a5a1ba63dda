import type { SystemComparison } from "../../schemas/systems.ts"
import type { Cell, Run } from "./cells.ts"
import { type Comparing, countDocuments } from "./comparisons.ts"
import { points, probability } from "./conclusions.ts"
import { holm } from "./holm.ts"
import { meanOfRows, percentileInterval } from "./intervals.ts"
import { corpusTitle, findModel, isLeaked, type Lists, sourceOf } from "./lists.ts"
import { byPlace } from "./order.ts"
import type { Random } from "./random.ts"
import { randomizationTests } from "./randomization.ts"
import { isShown } from "./significance.ts"
import { mean } from "./statistics.ts"
import { isPooled, runF1, type Tallies, type Tally } from "./tallies.ts"

/** A comparison of a system with a cell of the grid, before it is known with how many others it shares the chance of error. */
export interface Contest {
  readonly row: Omit<SystemComparison, "adjusted" | "conclusion">
  /** Which runs of the system and of the model are compared, in words; empty where there is but one. */
  readonly systemRuns: string
  readonly modelRuns: string
  /** Why the two are not tested; null where they are. */
  readonly untested: string | null
}

/** Two runs on the same documents. */
type Both = readonly [system: Run, model: Run]

/** The runs that are compared: those of the same seeds, or the one run of either with each of the other. */
const pairedRuns = (system: Cell, model: Cell): ReadonlyArray<Both> => {
  const bySeed = new Map(model.runs.map((run) => [run.seed, run] as const))
  const common = system.runs.flatMap((run): ReadonlyArray<Both> => {
    const other = bySeed.get(run.seed)
    return other === undefined ? [] : [[run, other]]
  })
  const isSingle = system.runs.length === 1 || model.runs.length === 1
  if (common.length > 0 || !isSingle) return common
  return system.runs.flatMap((run) => model.runs.map((other): Both => [run, other]))
}

/** Which of a cell's runs are compared: a table's F1 is of all of them. */
const describeRuns = (paired: ReadonlyArray<Run>, { runs }: Cell): string => {
  const compared = [...new Set(paired)]
  const count = runs.length
  if (compared.length === count) return count === 1 ? "" : ` (mean of ${count} runs)`
  const seeds = compared.flatMap(({ seed }) => seed ?? [])
  return ` (${
    seeds.length === 1 ? `seed ${seeds[0]} alone` : `seeds ${seeds.join(", ")}`
  }: ${seeds.length} of ${count} runs)`
}

/** Whether a system is to be compared with a cell of the grid. */
const isOpponent = (lists: Lists, system: Cell, cell: Cell): boolean => {
  const against = findModel(lists, system.model)?.beyond?.against
  if (against === undefined || against === "nothing" || sourceOf(lists, cell.model) !== "grid") return false
  return against === "all" || (against.models.includes(cell.model) && cell.setting === system.setting)
}

/**
 * Compares the rows beyond the grid with cells of the grid over the same documents.
 *
 * `resampled` is F1 of each run in each resample of the documents, the same resamples for all runs.
 */
export const compareSystems = (
  cells: ReadonlyArray<Cell>,
  { documents, of }: Tallies,
  resampled: ReadonlyMap<Run, Float64Array>,
  { lists, leaked, resamples }: Comparing,
  random: Random,
): ReadonlyArray<Contest> => {
  const pooled = (run: Run): boolean => {
    const tally = of.get(run)
    return tally !== undefined && isPooled(tally)
  }
  const untestedOf = (runs: ReadonlyArray<Both>, { model, corpus }: Cell): string | null =>
    isLeaked(lists, model, corpus) && leaked === "apart"
      ? `${model} had been finetuned on data made from ${corpusTitle(lists, corpus)} before`
      : runs.flat().some(pooled)
      ? "the counts of validations are pooled with those of the test set"
      : null
  const matches = cells.flatMap((system) =>
    cells.filter((cell) => isOpponent(lists, system, cell)).flatMap((model) => {
      const runs = pairedRuns(system, model)
      return runs.length === 0 ? [] : [{ system, model, runs, untested: untestedOf(runs, model) }]
    })
  )
  const talliesOf = (runs: ReadonlyArray<Run>): ReadonlyArray<Tally> => runs.flatMap((run) => of.get(run) ?? [])
  const resampledMean = (runs: ReadonlyArray<Run>): Float64Array =>
    meanOfRows(runs.flatMap((run) => resampled.get(run) ?? []))
  const tested = matches.filter(({ untested }) => untested === null)
  const values = randomizationTests(
    tested.map(({ runs }) =>
      runs.flatMap(([system, model]) => {
        const [base, other] = [of.get(model), of.get(system)]
        return base === undefined || other === undefined ? [] : [{ base, other }]
      })
    ),
    resamples,
    random,
  )
  const p = new Map(tested.map((each, index) => [each, values[index] ?? 1]))
  return matches.map((each): Contest => {
    const { system, model, runs, untested } = each
    const [systemRuns, modelRuns] = [runs.map(([run]) => run), runs.map(([, run]) => run)]
    const [systemTallies, modelTallies] = [talliesOf(systemRuns), talliesOf(modelRuns)]
    const systemF1 = 100 * mean(systemTallies.map(runF1))
    const modelF1 = 100 * mean(modelTallies.map(runF1))
    const without = resampledMean(modelRuns)
    const { low, high } = percentileInterval(
      resampledMean(systemRuns).map((value, place) => value - (without[place] ?? 0)),
    )
    const { dominance: _, ...counts } = countDocuments(documents.length, modelTallies, systemTallies)
    return {
      row: {
        corpus: system.corpus,
        protocol: system.protocol,
        system: system.model,
        source: sourceOf(lists, system.model),
        setting: system.setting,
        model: model.model,
        modelSetting: model.setting,
        systemF1,
        modelF1,
        difference: systemF1 - modelF1,
        low: 100 * low,
        high: 100 * high,
        ...counts,
        p: p.get(each) ?? null,
      },
      systemRuns: describeRuns(systemRuns, system),
      modelRuns: describeRuns(modelRuns, model),
      untested,
    }
  })
}

/** The comparisons with Holm's correction over all tests of systems by a protocol, and what follows from each. */
export const systemConclusions = (
  contests: ReadonlyArray<Contest>,
  lists: Lists,
): ReadonlyArray<SystemComparison> => {
  const families = Map.groupBy(
    contests.flatMap(({ row }) => (row.p === null ? [] : [{ row, p: row.p }])),
    ({ row }) => row.protocol,
  )
  const adjusted = new Map([...families.values()].flatMap((family) => {
    const values = holm(family.map(({ p }) => p))
    return family.map(({ row }, index) => [row, values[index] ?? 1] as const)
  }))
  const inOrder = byPlace(lists)
  return contests.map((contest): SystemComparison => {
    const own = adjusted.get(contest.row) ?? null
    return { ...contest.row, adjusted: own, conclusion: conclude(contest, own, lists) }
  }).toSorted((a, b) =>
    inOrder({ ...a, model: a.system }, { ...b, model: b.system })
    || inOrder({ ...a, setting: a.modelSetting }, { ...b, setting: b.modelSetting })
  )
}

/** What a comparison supports, in one sentence; a better one is named only if the test and the interval agree. */
const conclude = ({ row, systemRuns, modelRuns, untested }: Contest, adjusted: number | null, lists: Lists): string => {
  const { model, modelSetting, difference, low, high } = row
  const system = `${row.system}${systemRuns}`
  const learned = modelSetting === "full" ? "everything" : `${modelSetting} examples`
  const other = `${model} finetuned on ${learned}${modelRuns}`
  const start = `On ${corpusTitle(lists, row.corpus)}, `
  const signed = `${system} less ${other} is ${points(difference)} points of F1`
  const interval = `95% interval ${points(low)} to ${points(high)}`
  if (adjusted === null) return `${start}${signed}, which is not tested: ${untested ?? "there is no common run"}.`
  const corrected = `${probability(adjusted)} after Holm's correction`
  if (!isShown({ adjusted, low, high })) {
    return `${start}no difference is shown: ${signed} (${interval}; ${corrected}).`
  }
  const [best, worst, from, to] = difference > 0 ? [system, other, low, high] : [other, system, -high, -low]
  return `${start}${best} is better than ${worst} by ${points(Math.abs(difference))} points of F1 `
    + `(95% interval ${points(from)} to ${points(to)}; ${corrected}).`
}
