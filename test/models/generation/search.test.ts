import { assert, describe, it } from "@effect/vitest"
import { BeamSearch } from "../../../models/generation/beams.ts"
import { type DecodingOverrides, GREEDY, resolveDecoding } from "../../../models/generation/decoding.ts"
import { GreedySearch, type Search } from "../../../models/generation/search.ts"

// 1 is A and 2 is B.
const [END, START] = [0, 3] as const

/** The probabilities of the end, A and B after a sequence such as "AB". */
type Chances = Readonly<Record<string, readonly [end: number, a: number, b: number]>>

const letters = (tokens: readonly number[]): string => tokens.map((token) => "EAB"[token] ?? "").join("")

/** What a search finds where a model gives each next token these chances, with the steps that it took. */
const found = (chances: Chances, settings: DecodingOverrides, limit = 10) => {
  const decoding = resolveDecoding(GREEDY, settings)
  const options = { decoding, eosIds: [END], vocabulary: 4, prompt: [START], limit }
  const search: Search = decoding.numBeams === 1 ? new GreedySearch(options) : new BeamSearch(options)
  let sequences = Array.from({ length: decoding.numBeams }, (): readonly number[] => [])
  let steps = 0
  for (; !search.done && steps < 50; steps++) {
    const scores = sequences.flatMap((sequence) => {
      const [end, a, b] = chances[letters(sequence)] ?? [0.8, 0.1, 0.1]
      return [end, a, b, 1e-9].map(Math.log)
    })
    search.advance(Float32Array.from(scores))
    const before = sequences
    sequences = before.map((_, beam) => [...before[search.parents[beam] ?? 0] ?? [], search.next[beam] ?? 0])
  }
  return { text: letters(search.result), steps }
}

// A is likelier at first, and then B's end is: 0.4 · 0.9 against 0.5 · 0.4.
const gardenPath: Chances = { "": [0.1, 0.5, 0.4], A: [0.4, 0.3, 0.3], B: [0.9, 0.05, 0.05] }

describe("greedy decoding", () => {
  it("takes the likeliest token each time, up to and with the end", () => {
    assert.deepStrictEqual(found(gardenPath, {}), { text: "AE", steps: 2 })
    assert.deepStrictEqual(found({ "": [0.5, 0.3, 0.2] }, {}), { text: "E", steps: 1 })
    assert.deepStrictEqual(found({ "": [0, 0.4, 0.6], B: [0, 0.4, 0.6], BB: [0, 0.6, 0.4] }, {}, 3).text, "BBA")
  })

  it("takes the first of equally likely tokens", () => {
    assert.strictEqual(found({ "": [0.2, 0.4, 0.4] }, {}, 1).text, "A")
  })
})

describe("beam search", () => {
  it("finds what is likelier as a whole", () => {
    assert.deepStrictEqual(found(gardenPath, { numBeams: 2, earlyStopping: true }), { text: "BE", steps: 2 })
  })

  it("weighs length as the penalty says", () => {
    // BE has 0.36, AAE 0.315: the roots are 0.6 and 0.68.
    const chances: Chances = { ...gardenPath, A: [0.2, 0.7, 0.1], AA: [0.9, 0.05, 0.05] }
    const text = (lengthPenalty: number) => found(chances, { numBeams: 2, lengthPenalty }).text
    assert.strictEqual(text(1), "AAE")
    assert.strictEqual(text(0), "BE")
    assert.strictEqual(text(-1), "BE")
  })

  it("stops early with as many ends as beams, else when no beam is worth more, never before none can be", () => {
    // E has 0.3 and AE 0.3 when both beams have ended; AA, with 0.27, ends in AAE.
    const chances: Chances = { "": [0.3, 0.6, 0.1], A: [0.5, 0.45, 0.05], AA: [0.99, 0.005, 0.005] }
    const searched = (earlyStopping: boolean | "never", lengthPenalty = 1) =>
      found(chances, { numBeams: 2, earlyStopping, lengthPenalty }, 30)
    assert.deepStrictEqual(searched(true), { text: "AE", steps: 2 })
    assert.deepStrictEqual(searched(false), { text: "AAE", steps: 3 })
    const never = searched("never")
    assert.strictEqual(never.text, "AAE")
    assert.isAbove(never.steps, 3)
    // Where length is worth nothing, a beam is at its best now.
    assert.strictEqual(searched("never", 0).steps, searched(false, 0).steps)
  })

  it("counts an end only among as many candidates as there are beams", () => {
    // The end is third of all at first; were it kept, it would win by the penalty.
    const chances: Chances = { "": [0.25, 0.4, 0.35], A: [0.5, 0.25, 0.25], B: [0.5, 0.25, 0.25] }
    assert.strictEqual(found(chances, { numBeams: 2, lengthPenalty: -3 }).text, "AE")
    assert.strictEqual(found(chances, { numBeams: 3, lengthPenalty: -3 }).text, "E")
  })

  it("cuts what does not end, and then all beams are worth something", () => {
    const endless: Chances = { "": [0, 0.6, 0.4], A: [0, 0.5, 0.5], B: [0, 0.1, 0.9] }
    assert.deepStrictEqual(found(endless, { numBeams: 2 }, 2), { text: "BB", steps: 2 })
    assert.deepStrictEqual(found(endless, { numBeams: 2 }, 1), { text: "A", steps: 1 })
    assert.strictEqual(found(endless, { numBeams: 2, forcedEosTokenId: END }, 2).text, "AE")
  })

  it("goes on with other sequences where one ends at once", () => {
    const chances: Chances = { "": [0.9, 0.06, 0.04], A: [0.5, 0.4, 0.1] }
    const { text, steps } = found(chances, { numBeams: 2, earlyStopping: true })
    assert.strictEqual(text, "E")
    assert.isAbove(steps, 1)
  })

  it("has processors see each beam's own sequence", () => {
    // Both beams would go on with A; after A it is ruled out.
    const chances: Chances = { "": [0.01, 0.5, 0.49], A: [0.01, 0.9, 0.09], B: [0.01, 0.9, 0.09] }
    assert.strictEqual(found(chances, { numBeams: 2, noRepeatNgramSize: 1 }, 2).text, "BA")
  })
})
