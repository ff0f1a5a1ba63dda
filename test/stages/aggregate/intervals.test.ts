import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { meanOfRows, percentileInterval, quantile, resampledF1 } from "../../../stages/aggregate/intervals.ts"
import { Random } from "../../../stages/aggregate/random.ts"
import { runF1 } from "../../../stages/aggregate/tallies.ts"
import { base, other, tally, type Three } from "./made.ts"

const resample = (runs: ReadonlyArray<ReadonlyArray<Three>>, resamples: number, seed = 0) =>
  resampledF1(runs.map(tally), resamples, Random.of(seed, "test"))

describe("quantiles", () => {
  it("are those of numpy", () => {
    const sorted = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6).toSorted()
    // np.percentile([3, 1, 4, 1, 5, 9, 2, 6], [2.5, 25, 50, 97.5]).tolist()
    const expected = [1.0, 1.75, 3.5, 8.475]
    ;[0.025, 0.25, 0.5, 0.975].forEach((share, index) =>
      assert.closeTo(quantile(sorted, share), expected[index] ?? Number.NaN, 1e-12)
    )
    assert.strictEqual(quantile(Float64Array.of(7), 0.975), 7)
  })
})

describe("intervals", () => {
  it("are those of scipy's percentile bootstrap, within what chance makes of 40,000 resamples", () => {
    // c, p, d, q, g = right and said of base, right and said of other, gold, as in made.ts;
    // f = lambda c, p, g, axis=-1: 2 * c.sum(axis) / (p.sum(axis) + g.sum(axis))
    // scipy.stats.bootstrap((c, p, g), f, paired=True, vectorized=True, method="percentile", n_resamples=400000,
    //   batch=20000, rng=np.random.default_rng(1)).confidence_interval   # 0.29008, 0.51701; F1 0.40876, deviation 0.058
    // and of (c, p, d, q, g) with f(d, q, g) - f(c, p, g)               # -0.05104, 0.25863; difference 0.09847
    const [first = new Float64Array(), second = new Float64Array()] = resample([base, other], 40_000)
    assert.closeTo(runF1(tally(base)), 0.40875912408759124, 1e-15)
    assert.closeTo(runF1(tally(other)) - runF1(tally(base)), 0.098487252724003, 1e-15)
    const own = percentileInterval(first)
    assert.closeTo(own.low, 0.29008, 0.004)
    assert.closeTo(own.high, 0.51701, 0.004)
    const difference = percentileInterval(second.map((value, index) => value - (first[index] ?? 0)))
    assert.closeTo(difference.low, -0.05104, 0.005)
    assert.closeTo(difference.high, 0.25863, 0.005)
  })

  it("draw the same documents for all runs: a run beside itself never differs", () => {
    const [first, second] = resample([base, base], 500)
    assert.deepStrictEqual(first, second)
    // The same run is resampled alike whatever stands beside it.
    assert.deepStrictEqual(resample([base], 500)[0], resample([other, base], 500)[1])
    // Beside so many others, runs are weighed and no longer added up.
    const others = Array.from({ length: 12 }, (_, more) => base.map(([c, p, g]): Three => [c, p + more, g + 2 * more]))
    assert.deepStrictEqual(resample([base], 500)[0], resample([...others, base], 500)[12])
  })

  it("have nothing to vary where all documents are the same", () => {
    const [values = new Float64Array()] = resample([Array.from({ length: 9 }, () => [1, 2, 2] as const)], 300)
    assert.deepStrictEqual(percentileInterval(values), { low: 0.5, high: 0.5 })
  })

  it("keep what is counted in no document in every resample", () => {
    // One document, so there is one resample; 0 of 10 pooled with 10 of 10 is F1 0.5.
    const pooled = {
      correct: Float64Array.of(10, 0),
      predicted: Float64Array.of(10, 10),
      found: Float64Array.of(10, 0),
      gold: Float64Array.of(10, 10),
    }
    assert.deepStrictEqual([...resampledF1([pooled], 3, Random.of(0, "test"))[0] ?? []], [0.5, 0.5, 0.5])
  })

  it("hold the F1 of the documents themselves, and grow narrower with their number", () => {
    const document = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map(([right, wrong, missed]): Three => [
      right,
      right + wrong,
      right + missed,
    ])
    // Symmetric: half of the documents all right, half all wrong, among any others.
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 6 }), (some) => {
        const few = [...some, [1, 1, 1], [0, 1, 1], [2, 2, 2], [0, 2, 2]] as const
        const many = Array.from({ length: 8 }, () => few).flat()
        const width = (documents: ReadonlyArray<Three>): number => {
          const [values = new Float64Array()] = resample([documents], 1000)
          const { low, high } = percentileInterval(values)
          const point = runF1(tally(documents))
          assert.isTrue(low <= point && point <= high)
          return high - low
        }
        assert.isBelow(width(many), width(few))
      }),
      { numRuns: 30 },
    )
  })
})

describe("means of rows", () => {
  it("go place by place", () => {
    assert.deepStrictEqual(meanOfRows([Float64Array.of(1, 2), Float64Array.of(3, 6)]), Float64Array.of(2, 4))
  })
})
