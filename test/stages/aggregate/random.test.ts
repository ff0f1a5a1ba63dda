import { assert, describe, it } from "@effect/vitest"
import { Random } from "../../../stages/aggregate/random.ts"

describe("random numbers", () => {
  it("are those of xoshiro128** 1.1", () => {
    const random = new Random([1, 2, 3, 4])
    // What the authors' xoshiro128starstar.c gives for this state, as rand_xoshiro's tests have it.
    assert.deepStrictEqual(
      Array.from({ length: 10 }, () => random.bits()),
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    )
  })

  it("depend on the seed and the purpose, and on nothing else", () => {
    const first = (seed: number, purpose: string): number => Random.of(seed, purpose).bits()
    assert.strictEqual(first(0, "a"), first(0, "a"))
    assert.lengthOf(new Set([first(0, "a"), first(1, "a"), first(0, "b")]), 3)
  })

  it("are as often one number below a limit as any other", () => {
    for (const limit of [1, 3, 191, 800]) {
      const random = Random.of(0, `below ${limit}`)
      const counts = new Float64Array(limit)
      const draws = 1000 * limit
      for (let draw = 0; draw < draws; draw++) {
        const value = random.below(limit)
        counts[value] = (counts[value] ?? Number.NaN) + 1
      }
      // Chi squared has limit - 1 degrees of freedom: mean limit - 1, variance twice that.
      const chi = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
      assert.isAtMost(Math.abs(chi - (limit - 1)), 4 * Math.sqrt(2 * limit))
    }
  })

  it("are the same whether they are taken one by one or many at once", () => {
    // Of 3 · 2^29 numbers, every fourth is drawn again.
    for (const limit of [1, 3, 500, 10_000, 0x6000_0000]) {
      const [one, many] = [Random.of(0, "same"), Random.of(0, "same")]
      const numbers = new Int32Array(1000)
      many.fillBelow(numbers, limit)
      assert.deepStrictEqual([...numbers], Array.from(numbers, () => one.below(limit)))
      assert.strictEqual(many.bits(), one.bits())
    }
  })
})
