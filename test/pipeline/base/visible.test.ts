import { assert, describe, it } from "@effect/vitest"
import { visible } from "../../../pipeline/base/visible.ts"

describe("visible", () => {
  it("row 14: shows every character that a terminal would obey, and leaves all others as they are", () => {
    assert.strictEqual(
      visible("\u001B]0;title\u0007\u001B[2J\u009B31m\u0000\r"),
      "\\u001b]0;title\\u0007\\u001b[2J\\u009b31m\\u0000\\u000d",
    )
    // Seen as "user access" by whoever reads it, where it says something else.
    assert.strictEqual(visible("a\u202Eb\u2066c\u2069\u200F"), "a\\u202eb\\u2066c\\u2069\\u200f")
    const plain = "tabs\tand\nlines, – ± ˢ, Ångström, 試験, אב, 😀, a\u00A0b\u00ADc, \\u001b"
    assert.strictEqual(visible(plain), plain)
  })

  it("leaves JSON the JSON of the same value", () => {
    const value = { text: "a\u009Bb\u202Ec\u007Fd\u001Be\n" }
    const text = visible(JSON.stringify(value, null, 2))
    assert.notMatch(text, /[^\P{Cc}\n]|\u202E/u)
    assert.deepStrictEqual(JSON.parse(text), value)
  })
})
