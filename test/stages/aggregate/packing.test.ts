import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { pack } from "../../../stages/aggregate/packing.ts"
import { Random } from "../../../stages/aggregate/random.ts"
import { weightedSums } from "../../../stages/aggregate/weighted-sums.ts"

/** All weighted sums, row by row, the plain way and by weightedSums. */
const both = (columns: ReadonlyArray<Float64Array>, rows: number) => {
  const random = Random.of(0, "weights")
  const drawn: Array<Float64Array> = []
  const draw = (row: Float64Array): void => {
    row.fill(0)
    for (let each = 0; each < row.length; each++) {
      const place = random.below(row.length)
      row[place] = (row[place] ?? 0) + 1
    }
    drawn.push(row.slice())
  }
  const found: Array<ReadonlyArray<number>> = []
  for (const block of weightedSums(columns, rows, draw)) {
    for (let row = 0; row < block.rows; row++) found.push(block.sums.map((sums) => (sums[row] ?? Number.NaN) + 0))
  }
  const plain = drawn.map((weights) =>
    columns.map((column) => column.reduce((sum, value, place) => sum + value * (weights[place] ?? 0), 0) + 0)
  )
  return { found, plain }
}

describe("weighted sums", () => {
  it("are exact for whole numbers of any size and sign, packed or not", () => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 40 }),
      fc.constant(0),
      fc.integer({ min: -(2 ** 28), max: 2 ** 28 }),
      fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    )
    const columns = fc.integer({ min: 1, max: 12 }).chain((length) =>
      fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 9 })
    )
    fc.assert(fc.property(columns, fc.integer({ min: 1, max: 150 }), (columns, rows) => {
      const { found, plain } = both(columns.map((column) => Float64Array.from(column)), rows)
      assert.deepStrictEqual(found, plain)
    }))
  })

  it("take numbers with fractions as they are, beside whole ones", () => {
    const { found, plain } = both([
      Float64Array.of(1, 2, 3),
      Float64Array.of(0.5, 0.1, 1 / 3),
      Float64Array.of(0, 0, 0),
      Float64Array.of(7, 0, -2),
    ], 70)
    found.forEach((row, index) =>
      row.forEach((value, column) => assert.closeTo(value, plain[index]?.[column] ?? Number.NaN, 1e-12))
    )
  })

  it("multiply once for several columns, and once for equal ones", () => {
    const column = (...values: ReadonlyArray<number>): Float64Array => Float64Array.from(values)
    // At most 500 documents with 40 relations: 20,000 of either sign, 16 bits; three to a word.
    const columns = [column(1, 40), column(2, 40), column(3, 40), column(4, 40), column(1, 40)]
    assert.lengthOf(pack(columns, 500).words, 2)
    assert.deepStrictEqual(pack(columns, 500).column, [0, 1, 2, 3, 0])
    assert.lengthOf(pack([column(0.5, 1), column(1, 1)], 2).words, 2)
  })
})
