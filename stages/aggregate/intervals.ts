import type { Random } from "./random.ts"
import { resampledSums } from "./resampled-sums.ts"
import { countNames, f1Of, type Tally } from "./tallies.ts"

/** The ends of an interval. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** F1 of each run in each resample of the documents; the resamples are the same for all runs. */
export const resampledF1 = (
  tallies: ReadonlyArray<Tally>,
  resamples: number,
  random: Random,
): ReadonlyArray<Float64Array> => {
  const values = tallies.map(() => new Float64Array(resamples))
  const columns = tallies.flatMap((tally) => countNames.map((name) => tally[name]))
  for (const { start, rows, sums } of resampledSums(columns, resamples, random)) {
    values.forEach((own, run) => {
      const [correct, predicted, found, gold] = sums.slice(4 * run, 4 * run + 4)
      if (correct === undefined || predicted === undefined || found === undefined || gold === undefined) return
      for (let row = 0; row < rows; row++) {
        own[start + row] = f1Of(correct[row] ?? 0, predicted[row] ?? 0, found[row] ?? 0, gold[row] ?? 0)
      }
    })
  }
  return values
}

/** The mean of several rows of numbers, place by place. */
export const meanOfRows = (rows: ReadonlyArray<Float64Array>): Float64Array => {
  const sum = new Float64Array(rows[0]?.length ?? 0)
  for (const row of rows) {
    for (let place = 0; place < sum.length; place++) sum[place] = (sum[place] ?? 0) + (row[place] ?? 0)
  }
  return sum.map((value) => value / rows.length)
}

/** What a share of sorted values lie below, between two of them by straight lines: type 7 of Hyndman and Fan. */
export const quantile = (sorted: Float64Array, share: number): number => {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const [low = Number.NaN, high = low] = sorted.subarray(below, below + 2)
  return low + (high - low) * (place - below)
}

/** The middle 95% of values: Efron's percentile interval, where the values are a statistic of resamples. */
export const percentileInterval = (values: Float64Array): Interval => {
  const sorted = values.toSorted()
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }
}
