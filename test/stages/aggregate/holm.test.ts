import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { holm } from "../../../stages/aggregate/holm.ts"

describe("Holm's correction", () => {
  it("multiplies the smallest p by the number of tests, the next by one less, and never falls", () => {
    // 4 × 0.005; 3 × 0.01; 2 × 0.03; 1 × 0.04 would be less than the one before.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005])
    const expected = [0.03, 0.06, 0.06, 0.02]
    adjusted.forEach((value, index) => assert.closeTo(value, expected[index] ?? Number.NaN, 1e-15))
    assert.deepStrictEqual(holm([]), [])
    assert.deepStrictEqual(holm([0.2]), [0.2])
    assert.deepStrictEqual(holm([0.6, 0.5]), [1, 1])
  })

  it("is the published formula, monotone, and never below p", () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { maxLength: 12 }), (values) => {
      const adjusted = holm(values)
      const sorted = values.toSorted((a, b) => a - b)
      values.forEach((p, index) => {
        // The largest of (m - j + 1) p(j) over the p(j) up to this one, and no more than 1.
        const formula = Math.max(...sorted.flatMap((each, j) => (each <= p ? [(values.length - j) * each] : [])))
        assert.strictEqual(adjusted[index], Math.min(1, formula))
        assert.isAtLeast(adjusted[index] ?? 0, p)
      })
    }))
  })
})
