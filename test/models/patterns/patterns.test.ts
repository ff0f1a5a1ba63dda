import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { finder, type Piece, searcher, wholeMatcher } from "../../../models/patterns/linear.ts"
import { PatternError, translate } from "../../../models/patterns/translate.ts"
import { often } from "../../rig/often.ts"

/** Words of a few characters, among them those that editions of Unicode, lines and pairs of units make hard. */
const characters = [
  "a",
  "b",
  "A",
  " ",
  "\n",
  "\r",
  "\u2028",
  "\u00a0",
  "-",
  "é",
  "😀",
  "\ud83d",
  "\ude00",
  "1",
  "_",
  "}",
]
const words = fc.array(fc.constantFrom(...characters), { maxLength: 12 }).map((parts) => parts.join(""))

const atoms = [
  "a",
  "b",
  "-",
  "é",
  "😀",
  ".",
  "[^]",
  "[^a]",
  "[]",
  "[ab😀-😂]",
  "[\\s\\d_-]",
  "[\\]a^]",
  "\\s",
  "\\S",
  "\\d",
  "\\w",
  "\\W",
  "\\p{L}",
  "\\P{Lu}",
  "\\p{White_Space}",
  "\\n",
  "\\u00e9",
  "\\u{1F600}",
  "\\ud83d\\ude00",
  "\\ud83d",
  "\\x61",
  "\\cJ",
  "\\0",
  "\\}",
  "\\.",
  "\\/",
  "\\b",
  "\\B",
  "^",
  "$",
  "(?:)",
]
const patterns = fc.letrec<{ readonly pattern: string; readonly atom: string }>((tie) => ({
  atom: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...atoms) },
    fc.tuple(fc.constantFrom("(?:", "("), tie("pattern")).map(([open, inner]) => `${open}${inner})`),
  ),
  pattern: fc.array(
    fc.tuple(
      tie("atom"),
      fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "|"),
    ),
    { maxLength: 4 },
  ).map((parts) => parts.map((part) => part.join("")).join("")),
})).pattern

/** What JavaScript's own engine finds. */
const native = (source: string, text: string): ReadonlyArray<ReadonlyArray<number>> =>
  [...text.matchAll(new RegExp(source, "gu"))].map(({ 0: { length }, index }) => [index, index + length])

const wellFormed = (source: string): boolean => {
  try {
    translate(source)
    return true
  } catch (error) {
    assert.instanceOf(error, PatternError)
    return false
  }
}

describe("regular expressions from outside", () => {
  it("match what JavaScript's own engine matches", () => {
    let compared = 0
    fc.assert(
      fc.property(patterns, fc.array(words, { minLength: 1, maxLength: 4 }), (source, texts) => {
        if (!wellFormed(source)) return
        const matches = finder(source)
        const whole = wholeMatcher(source)
        const nullable = translate(source).nullable
        for (const text of texts) {
          compared++
          assert.strictEqual(whole(text), new RegExp(`^(?:${source})$`, "u").test(text), JSON.stringify(text))
          if (nullable) continue
          assert.deepStrictEqual(matches(text).map(({ start, end }) => [start, end]), native(source, text))
        }
      }),
      { numRuns: often(750, 3000) },
    )
    assert.isAbove(compared, 1000)
  })

  it("give the same pieces as JavaScript's own engine", () => {
    fc.assert(
      fc.property(patterns, patterns, words, words, words, (one, other, middle, before, after) => {
        if (!wellFormed(one) || !wellFormed(other)) return
        const pieces: ReadonlyArray<Piece> = [
          { _tag: "Sought", pattern: one },
          { _tag: "Words", text: middle },
          { _tag: "Sought", pattern: other },
        ]
        const text = before + middle + after
        const expected = new RegExp(`(?<one>${one})${RegExp.escape(middle)}(?<other>${other})`, "u").exec(text)?.groups
        assert.deepStrictEqual(
          searcher(pieces)(text),
          expected === undefined ? undefined : [expected["one"] ?? "", expected["other"] ?? ""],
        )
      }),
      { numRuns: often(750, 3000) },
    )
  })

  it("row 13: are matched in linear time, where another engine would try every way to share a text out", () => {
    const text = "a".repeat(100_000)
    assert.isFalse(wholeMatcher("(?:a+)+b")(text))
    assert.isFalse(wholeMatcher("(?:a|a)*b")(text))
    assert.isFalse(wholeMatcher("a*a*a*a*a*a*b")(text))
    assert.lengthOf(finder("(?:a+a+)+")(text), 1)
  })

  it("row 13: are looked at in linear time before they are used", () => {
    const long = 100_000
    const refused: ReadonlyArray<readonly [string, RegExp]> = [
      ["[^".repeat(long), /regular expression/u],
      ["[".repeat(long), /regular expression/u],
      ["(?:".repeat(300) + "a" + ")*".repeat(300), /more than 100 groups inside each other/u],
      ["a".repeat(long), /more than 10000 characters/u],
      ["(?:a{100}){100}", /more than 1000 times/u],
      ["a(?=b)", /looks ahead or behind with "\(\?="/u],
      ["(?<!a)b", /looks ahead or behind with "\(\?<!"/u],
      ["(a)\\1", /refers back to a group with "\\1"/u],
      ["(?<x>a)", /names a group with "\(\?<x>"/u],
      ["(?i:a)", /sets flags with "\(\?i:"/u],
      ["(?:a*)*", /repeats with "\*" a part that may be empty/u],
    ]
    for (const [source, message] of refused) assert.throws(() => translate(source), PatternError, message)
  })
})
