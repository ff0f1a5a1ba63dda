import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Random } from "../../../stages/aggregate/random.ts"
import { randomizationTests } from "../../../stages/aggregate/randomization.ts"
import { base, other, tally, type Three } from "./made.ts"

type Documents = ReadonlyArray<Three>

/** p of two systems, each with as many seeds as the other. */
const p = (base: ReadonlyArray<Documents>, other: ReadonlyArray<Documents>, shuffles = 20_000): number => {
  const pairs = base.map((one, index) => ({ base: tally(one), other: tally(other[index] ?? []) }))
  return randomizationTests([pairs], shuffles, Random.of(0, "test"))[0] ?? Number.NaN
}

const f1 = (documents: Documents): number => {
  const sum = (of: 0 | 1 | 2): number => documents.reduce((total, three) => total + three[of], 0)
  return sum(1) + sum(2) === 0 ? 0 : 2 * sum(0) / (sum(1) + sum(2))
}

const meanF1 = (seeds: ReadonlyArray<Documents>): number => seeds.reduce((sum, one) => sum + f1(one), 0) / seeds.length

/** The share of all 2^n swaps that make the difference as large as it is. */
const exact = (base: ReadonlyArray<Documents>, other: ReadonlyArray<Documents>): number => {
  const documents = base[0]?.length ?? 0
  const difference = (swap: number): number => {
    const mixed = (stay: ReadonlyArray<Documents>, come: ReadonlyArray<Documents>) =>
      stay.map((one, seed) => one.map((own, index) => swap >> index & 1 ? come[seed]?.[index] ?? own : own))
    return Math.abs(meanF1(mixed(other, base)) - meanF1(mixed(base, other)))
  }
  const swaps = Array.from({ length: 2 ** documents }, (_, swap) => swap)
  return swaps.filter((swap) => difference(swap) >= difference(0) - 1e-12).length / swaps.length
}

const document = fc.tuple(fc.nat(3), fc.nat(2), fc.nat(2)).map(([right, wrong, missed]): Three => [
  right,
  right + wrong,
  right + missed,
])

/** Two systems with the same number of seeds on the same number of documents. */
const systems = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 7 })).chain(([seeds, documents]) => {
  const system = fc.array(fc.array(document, { minLength: documents, maxLength: documents }), {
    minLength: seeds,
    maxLength: seeds,
  })
  return fc.tuple(system, system)
})

describe("approximate randomization", () => {
  it("agrees with scipy's exact permutation test", () => {
    // The first ten documents of made.ts; a sample holds places in c = [*base right, *other right] and so on:
    // f = lambda x: 2 * c[x.astype(int)].sum() / (q[x.astype(int)].sum() + g.sum())
    // scipy.stats.permutation_test((np.arange(10), np.arange(10) + 10), lambda a, b: f(b) - f(a),
    //   permutation_type="samples", n_resamples=np.inf, vectorized=False).pvalue   # 0.8125
    const [ten, others] = [base.slice(0, 10), other.slice(0, 10)]
    assert.strictEqual(exact([ten], [others]), 0.8125)
    assert.closeTo(p([ten], [others]), 0.8125, 0.012)
  })

  it("agrees with counting all swaps, seeds swapped together", () => {
    fc.assert(
      fc.property(systems, ([base, other]) => {
        const share = exact(base, other)
        // Six standard errors, and what Noreen's rule adds.
        assert.closeTo(p(base, other, 4000), share, 6 * Math.sqrt(share * (1 - share) / 4000) + 1 / 4000)
      }),
      { numRuns: 60 },
    )
  })

  it("gives a p above 0 and not above 1, the same for both directions, and 1 for equal systems", () => {
    fc.assert(
      fc.property(systems, ([base, other]) => {
        const value = p(base, other, 200)
        assert.isTrue(value > 0 && value <= 1)
        assert.strictEqual(p(other, base, 200), value)
        assert.strictEqual(p(base, base, 200), 1)
      }),
      { numRuns: 50 },
    )
  })

  it("gives the least p that so many shuffles can where no swap makes so large a difference", () => {
    // All right on 40 documents against all wrong: only the two of 2^40 swaps that leave or move all are as extreme.
    const right = Array.from({ length: 40 }, (): Three => [1, 1, 1])
    const wrong = Array.from({ length: 40 }, (): Three => [0, 1, 1])
    assert.strictEqual(p([wrong], [right], 999), 1 / 1000)
  })

  it("swaps what is counted in no document like one document", () => {
    // One document and one pooled count, each worth as much: of four swaps, two are as extreme.
    const side = (right: number) => ({
      correct: Float64Array.of(right, right),
      predicted: Float64Array.of(1, 1),
      found: Float64Array.of(right, right),
      gold: Float64Array.of(1, 1),
    })
    const [value] = randomizationTests([[{ base: side(0), other: side(1) }]], 10_000, Random.of(0, "test"))
    assert.closeTo(value ?? Number.NaN, 0.5, 0.02)
  })

  it("tests each pair as if it were alone", () => {
    const pair = (one: Documents, two: Documents) => [{ base: tally(one), other: tally(two) }]
    const together = randomizationTests(
      [pair(other, base), pair(base, other), pair(base, base)],
      300,
      Random.of(0, "test"),
    )
    assert.deepStrictEqual(together, [p([other], [base], 300), p([base], [other], 300), 1])
  })
})
