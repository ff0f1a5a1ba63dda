import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { canonical, NotCanonical } from "../../../pipeline/base/canonical.ts"

/** RFC 8785's rules, one line each: a value and its only text. */
const cases: ReadonlyArray<readonly [rule: string, value: unknown, text: string]> = [
  ["literals", [null, true, false], "[null,true,false]"],
  ["empty containers", [{}, []], "[{},[]]"],
  ["no space anywhere", { a: [1, { b: 2 }] }, "{\"a\":[1,{\"b\":2}]}"],
  [
    "names in order",
    { b: 1, a: 2, aa: 3, A: 4, "": 5, "1": 6, "10": 7, "9": 8 },
    "{\"\":5,\"1\":6,\"10\":7,\"9\":8,\"A\":4,\"a\":2,\"aa\":3,\"b\":1}",
  ],
  // U+1F600 begins with the unit D83D, which comes before FB33, though its code point comes after.
  [
    "names by UTF-16 unit",
    { "\uFB33": 1, "\u{1F600}": 2, "\u20AC": 3, "\r": 4 },
    "{\"\\r\":4,\"\u20AC\":3,\"\u{1F600}\":2,\"\uFB33\":1}",
  ],
  ["inner names in order too", { z: { b: 1, a: 2 } }, "{\"z\":{\"a\":2,\"b\":1}}"],
  ["arrays keep their order", [3, 1, 2], "[3,1,2]"],
  ["short escapes", "\b\t\n\f\r\"\\", "\"\\b\\t\\n\\f\\r\\\"\\\\\""],
  ["other controls in lower case", "\u0000\u001F\u000B", "\"\\u0000\\u001f\\u000b\""],
  ["nothing else is escaped", "/\u007F\u0080\u2028\u20AC\u{1F600}", "\"/\u007F\u0080\u2028\u20AC\u{1F600}\""],
  ["no normalisation", ["\u00E9", "e\u0301"], "[\"\u00E9\",\"e\u0301\"]"],
  ["whole numbers without a point", [1.0, -5, 1e3, 9007199254740991], "[1,-5,1000,9007199254740991]"],
  ["minus zero is zero", -0, "0"],
  [
    "shortest digits",
    [0.1, 1 / 3, 4.5, 0.002, 333333333.3333333],
    "[0.1,0.3333333333333333,4.5,0.002,333333333.3333333]",
  ],
  [
    "exponents as ECMAScript has them",
    [1e21, 1e-7, 1e-6, 123e-20, 1e20],
    "[1e+21,1e-7,0.000001,1.23e-18,100000000000000000000]",
  ],
  ["the ends of the doubles", [5e-324, 1.7976931348623157e308], "[5e-324,1.7976931348623157e+308]"],
]

const refused: ReadonlyArray<readonly [what: string, value: unknown, path: string]> = [
  ["NaN", Number.NaN, ""],
  ["an infinity", { a: [1, Infinity] }, "a[1]"],
  ["undefined", { a: { b: undefined } }, "a.b"],
  ["a big integer", [1n], "[0]"],
  ["a function", { f: () => 1 }, "f"],
  ["a symbol", Symbol("s"), ""],
  ["a symbol as a name", { a: { [Symbol("s")]: 1 } }, "a"],
  ["a date", { at: new Date(0) }, "at"],
  ["a map", new Map(), ""],
  ["bytes", new Uint8Array(2), ""],
  ["a hole in an array", [1, , 2], "[1]"], // oxlint-disable-line no-sparse-arrays -- that is the case
  ["a lone surrogate", { a: "\uD800" }, "a"],
  ["a lone surrogate in a name", { "\uDC00": 1 }, ""],
]

describe("canonical JSON", () => {
  it.each(cases)("%s", (_, value, text) => {
    assert.strictEqual(canonical(value), text)
  })

  it.each(refused)("refuses %s and says where", (_, value, path) => {
    try {
      canonical(value)
    } catch (error) {
      assert.instanceOf(error, NotCanonical)
      assert.strictEqual(error.path, path)
      return
    }
    assert.fail("nothing was thrown")
  })

  it("loses nothing", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
      const text = canonicalOrNothing(value)
      if (text !== undefined) assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }))
  })

  it("does not depend on the order of names", () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      assert.strictEqual(canonicalOrNothing(turned), canonicalOrNothing(value))
    }))
  })

  it("gives different values different texts", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const [first, second] = [canonicalOrNothing(one), canonicalOrNothing(other)]
      if (first === undefined || first !== second) return
      assert.deepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)))
    }))
  })
})

/** The text, or undefined for what is refused: fast-check makes lone surrogates too. */
const canonicalOrNothing = (value: unknown): string | undefined => {
  try {
    return canonical(value)
  } catch (error) {
    if (error instanceof NotCanonical) return undefined
    throw error
  }
}
