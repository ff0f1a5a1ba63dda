import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { GREEDY } from "../../../models/generation/decoding.ts"
import { processorsOf } from "../../../models/generation/processors.ts"
import { firstRepeat, writable } from "../../../stages/ceiling/ngrams.ts"

describe("the first repeat of a sequence of tokens", () => {
  it("is told by its last token, overlapping or not", () => {
    assert.strictEqual(firstRepeat([1, 2, 3, 9, 1, 2, 3], 3), 6)
    assert.strictEqual(firstRepeat([1, 1, 1, 1], 3), 3)
    assert.strictEqual(firstRepeat([1, 2, 1], 1), 2)
    assert.isUndefined(firstRepeat([1, 2, 3, 1, 2], 3))
    assert.isUndefined(firstRepeat([1, 1, 1], 0))
  })

  it("among what is given does not count, but what is given may be repeated", () => {
    assert.strictEqual(firstRepeat([1, 2, 1, 2, 7, 1, 2], 2, 4), 6)
    assert.isUndefined(firstRepeat([1, 2, 1, 2, 7, 8], 2, 4))
  })

  it("is where decoding rules the token out", () => {
    const sequences = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 14 })
    fc.assert(fc.property(sequences, fc.integer({ min: 1, max: 4 }), (ids, size) => {
      const [processor] = processorsOf({ ...GREEDY, noRepeatNgramSize: size }, [])
      assert(processor !== undefined)
      const ruledOut = ids.findIndex((id, place) => {
        const scores = new Float32Array(4)
        processor(scores, { sequence: ids.slice(0, place), start: 0, limit: 99 })
        return scores[id] === -Infinity
      })
      assert.strictEqual(firstRepeat(ids, size) ?? -1, ruledOut)
    }))
  })
})

describe("what can be written without repeats", () => {
  const encode = (items: ReadonlyArray<ReadonlyArray<number>>) => ({ ids: [5, 6, ...items.flat()], start: 2 })

  it("is all but the items that would repeat something", () => {
    const items = [[1, 2], [3, 1, 2], [4], [5, 6], [7]]
    assert.deepStrictEqual(writable(items, 2, encode), [[1, 2], [4], [7]])
    assert.deepStrictEqual(writable(items, 0, encode), items)
    assert.deepStrictEqual(writable(items, 4, encode), items)
    assert.deepStrictEqual(writable([[5, 6]], 2, encode), [])
  })
})
