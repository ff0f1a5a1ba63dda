import { assert, describe, it } from "@effect/vitest"
import { type Decoding, type DecodingOverrides, GREEDY } from "../../../models/generation/decoding.ts"
import { type Place, processorsOf } from "../../../models/generation/processors.ts"

const EOS = 0
const OUT = Number.NEGATIVE_INFINITY

/** What the processors of some settings make of the scores of five tokens. */
const processed = (settings: DecodingOverrides, place: Partial<Place>, scores = [1, 2, -3, 4, 0.5]) => {
  const row = Float32Array.from(scores)
  const where = { sequence: [3], start: 1, limit: 10, ...place }
  for (const process of processorsOf({ ...GREEDY, ...settings } as Decoding, [EOS])) process(row, where)
  return [...row]
}

describe("the scores of the next token", () => {
  it("stay as they are where nothing is asked for", () => {
    assert.deepStrictEqual(processorsOf(GREEDY, [EOS]), [])
  })

  it("are lower for what occurs already, once however often, the prompt's tokens included", () => {
    const place = { sequence: [2, 3, 3, 4], start: 2 }
    assert.deepStrictEqual(processed({ repetitionPenalty: 2 }, place), [1, 2, -6, 2, 0.25])
    assert.deepStrictEqual(processed({ repetitionPenalty: 0.5 }, place), [1, 2, -1.5, 8, 1])
  })

  it("rule out what would repeat a sequence of tokens", () => {
    const ruledOut = (noRepeatNgramSize: number, sequence: readonly number[]): readonly number[] =>
      processed({ noRepeatNgramSize }, { sequence }).flatMap((score, id) => score === OUT ? [id] : [])
    // 1 2 was followed by 3 and by 4.
    assert.deepStrictEqual(ruledOut(3, [1, 2, 3, 1, 2, 4, 1, 2]), [3, 4])
    assert.deepStrictEqual(ruledOut(3, [1, 2, 3, 1]), [])
    assert.deepStrictEqual(ruledOut(2, [1, 1]), [1])
    assert.deepStrictEqual(ruledOut(2, [4]), [])
    assert.deepStrictEqual(ruledOut(1, [3, 1, 3]), [1, 3])
    assert.deepStrictEqual(ruledOut(3, [1, 2]), [])
    // The start token counts.
    assert.deepStrictEqual(ruledOut(2, [EOS, 2, EOS]), [2])
  })

  it("rule out an end before the least length, of the whole or of what is new", () => {
    const at = (settings: DecodingOverrides, sequence: readonly number[], start: number) =>
      processed(settings, { sequence, start })[EOS] === OUT
    assert.isTrue(at({ minLength: 4 }, [3, 1, 1], 1))
    assert.isFalse(at({ minLength: 4 }, [3, 1, 1, 1], 1))
    assert.isFalse(at({ minLength: 4 }, [3, 3, 3, 1], 3))
    assert.isTrue(at({ minNewTokens: 2 }, [3, 3, 3, 1], 3))
    assert.isFalse(at({ minNewTokens: 2 }, [3, 3, 3, 1, 1], 3))
    // The number of new tokens takes precedence, as in transformers, even where it is 0.
    for (const minNewTokens of [0, 2]) {
      assert.isFalse(at({ minLength: 40, minNewTokens }, [3, 3, 3, 1, 1], 3))
    }
    assert.isTrue(at({ minLength: 2, minNewTokens: 3 }, [3, 3, 3, 1, 1], 3))
    assert.isTrue(at({ minLength: 6, minNewTokens: null }, [3, 3, 3, 1, 1], 3))
  })

  it("leave only the forced token: the first after a start token, the last where the length is used up", () => {
    const only = (id: number) => [0, 1, 2, 3, 4].map((each) => each === id ? 0 : OUT)
    const plain = [1, 2, -3, 4, 0.5]
    assert.deepStrictEqual(processed({ forcedBosTokenId: 2 }, { sequence: [3] }), only(2))
    assert.deepStrictEqual(processed({ forcedBosTokenId: 2 }, { sequence: [3, 1] }), plain)
    assert.deepStrictEqual(processed({ forcedEosTokenId: 0 }, { sequence: [3, 1, 1], limit: 3 }), only(0))
    assert.deepStrictEqual(processed({ forcedEosTokenId: 0 }, { sequence: [3, 1], limit: 3 }), plain)
    assert.deepStrictEqual(processed({ forcedEosTokenId: 0 }, { sequence: [3, 3, 1], start: 2, limit: 2 }), only(0))
    // What is forced is so after all else: an end comes where the length is used up, though it is too early.
    assert.deepStrictEqual(processed({ forcedEosTokenId: 0, minLength: 9 }, { sequence: [3, 1, 1], limit: 3 }), only(0))
  })
})
