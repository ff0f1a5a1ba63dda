import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { permutation } from "../../../stages/shared/numpy.ts"
import { corporaMissing, corpusFile, skipReason } from "../support.ts"

/** What numpy 2.4.6 gives for `default_rng(seed).permutation(n)`. */
const golden: ReadonlyArray<readonly [number, number, ReadonlyArray<number>]> = [
  [0, 10, [4, 6, 2, 7, 3, 5, 9, 0, 8, 1]],
  [1, 10, [8, 4, 7, 0, 1, 2, 5, 9, 6, 3]],
  [2, 7, [5, 6, 2, 3, 4, 0, 1]],
  [42, 20, [15, 9, 14, 7, 12, 10, 6, 19, 3, 0, 16, 5, 11, 18, 2, 4, 17, 1, 13, 8]],
  [123456789012, 8, [3, 4, 7, 0, 6, 5, 2, 1]],
  [7, 1, [0]],
  [7, 0, []],
]

/** The authors' selections, by corpus and then by "16-shot seed 0". */
type Selections = Readonly<Record<"CDR" | "DCE", Readonly<Record<string, { readonly indices: ReadonlyArray<number> }>>>>

describe("numpy", () => {
  it("permutes as numpy does", () => {
    for (const [seed, n, expected] of golden) assert.deepStrictEqual(permutation(seed, n), expected)
  })

  it("gives every index once, the same ones for the same seed", () => {
    fc.assert(fc.property(fc.nat(), fc.nat({ max: 300 }), (seed, n) => {
      const order = permutation(seed, n)
      assert.deepStrictEqual(order.toSorted((a, b) => a - b), Array.from({ length: n }, (_, index) => index))
      assert.deepStrictEqual(permutation(seed, n), order)
    }))
  })

  it.skipIf(corporaMissing !== undefined)(`gives the authors' few-shot selections${skipReason}`, () => {
    const selections = JSON.parse(readFileSync(corpusFile("splits/fewshot_selections.json").path, "utf8")) as Selections
    for (const [corpus, n] of [["CDR", 500], ["DCE", 1089]] as const) {
      const all = Object.entries(selections[corpus])
      assert.lengthOf(all, 10)
      for (const [name, { indices }] of all) {
        const [shots = 0, seed = 0] = name.match(/\d+/gu)?.map(Number) ?? []
        assert.deepStrictEqual(permutation(seed, n).slice(0, shots), indices, `${corpus} ${name}`)
      }
    }
  })
})
