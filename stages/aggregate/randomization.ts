import type { Random } from "./random.ts"
import { countNames, f1Of, sameF1, sumOf, type Tally } from "./tallies.ts"
import { weightedSums } from "./weighted-sums.ts"

/** Runs of two systems on the same documents, pair by pair. */
export type Paired = ReadonlyArray<{ readonly base: Tally; readonly other: Tally }>

/** Writes 1 where the two systems' outcomes are swapped, half of the time, for some of so many documents. */
const drawSwaps = (random: Random, documents: number, places: Int32Array) => {
  const bits = new Int32Array(Math.ceil(documents / 32))
  return (row: Float64Array): void => {
    for (let word = 0; word < bits.length; word++) bits[word] = random.bits()
    for (let index = 0; index < places.length; index++) {
      const place = places[index] ?? 0
      row[index] = ((bits[place >>> 5] ?? 0) >>> (place & 31)) & 1
    }
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
  // Where the two have the same, nothing changes hands.
  const places = Int32Array.from((columns[0] ?? []).keys()).filter((place) =>
    columns.some((column) => column[place] !== 0)
  )
  const moving = columns.map((column) => Float64Array.from(places, (place) => column[place] ?? 0))
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
  for (const { rows, sums } of weightedSums(moving, shuffles, drawSwaps(random, columns[0]?.length ?? 0, places))) {
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
