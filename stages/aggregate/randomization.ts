import type { Random } from "./random.ts"
import { countNames, f1Of, sameF1, sumOf, type Tally } from "./tallies.ts"
import { weightedSums } from "./weighted-sums.ts"

/** Runs of two systems on the same documents, pair by pair. */
export type Paired = ReadonlyArray<{ readonly base: Tally; readonly other: Tally }>

/** Writes 1 where the two systems' outcomes are swapped, half of the time. */
const drawSwaps = (random: Random) => (row: Float64Array): void => {
  let bits = 0
  for (let place = 0; place < row.length; place++) {
    bits = place % 32 === 0 ? random.bits() : bits >>> 1
    row[place] = bits & 1
  }
}

const less = (other: Float64Array, base: Float64Array): Float64Array =>
  other.map((value, place) => value - (base[place] ?? 0))

type Four = readonly [number, number, number, number]
const four = (of: (name: (typeof countNames)[number]) => number): Four => [
  of("correct"),
  of("predicted"),
  of("found"),
  of("gold"),
]

/** The means over the pairs of what `other` is ahead by, when sums of differences have changed hands. */
const ahead = (
  totals: ReadonlyArray<readonly [base: Four, other: Four]>,
  moved: (column: number) => number,
): number => {
  let difference = 0
  for (let pair = 0; pair < totals.length; pair++) {
    const total = totals[pair]
    if (total === undefined) continue
    const [base, other] = total
    const [correct, predicted, found, gold] = [
      moved(4 * pair),
      moved(4 * pair + 1),
      moved(4 * pair + 2),
      moved(4 * pair + 3),
    ]
    difference += f1Of(other[0] - correct, other[1] - predicted, other[2] - found, other[3] - gold)
      - f1Of(base[0] + correct, base[1] + predicted, base[2] + found, base[3] + gold)
  }
  return difference / totals.length
}

/**
 * For each pair of systems, how likely so large a difference of mean F1 is if it were chance which system made what:
 * two-sided, by approximate randomization over documents (Noreen, "Computer-Intensive Methods for Testing Hypotheses",
 * 1989), with his p = (as extreme + 1) / (shuffles + 1).
 *
 * A document changes hands with all its seeds. What is counted in no document changes hands as one more document does.
 */
export const randomizationTests = (
  tests: ReadonlyArray<Paired>,
  shuffles: number,
  random: Random,
): ReadonlyArray<number> => {
  if (tests.length === 0) return []
  const columns = tests.flatMap((pairs) =>
    pairs.flatMap(({ base, other }) => countNames.map((name) => less(other[name], base[name])))
  )
  let offset = 0
  const running = tests.map((pairs) => {
    const totals = pairs.map(({ base, other }) =>
      [
        four((name) => sumOf(base[name])),
        four((name) => sumOf(other[name])),
      ] as const
    )
    const first = offset
    offset += 4 * pairs.length
    return { totals, first, observed: Math.abs(ahead(totals, () => 0)), extreme: 0 }
  })
  for (const { rows, sums } of weightedSums(columns, shuffles, drawSwaps(random))) {
    for (const test of running) {
      const own = sums.slice(test.first, test.first + 4 * test.totals.length)
      for (let row = 0; row < rows; row++) {
        const difference = ahead(test.totals, (column) => own[column]?.[row] ?? 0)
        if (Math.abs(difference) >= test.observed - sameF1) test.extreme += 1
      }
    }
  }
  return running.map(({ extreme }) => (extreme + 1) / (shuffles + 1))
}
