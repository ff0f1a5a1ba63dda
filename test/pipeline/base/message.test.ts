import { assert, describe, it } from "@effect/vitest"
import { message, withWords, type Wordless } from "../../../pipeline/base/message.ts"

const words = ({ name, facts }: Wordless): string => `<${name} ${facts.map(String).join(" ")}>`

describe("a message without words", () => {
  it("gets its words wherever it stands, among the facts of another too", () => {
    const inner = message("stages/a/messages.ts", "inner", 1, "two")
    assert.strictEqual(withWords(`see: ${inner}!`, words), "see: <inner 1 two>!")
    assert.strictEqual(withWords(message("stages/a/messages.ts", "outer", inner), words), "<outer <inner 1 two>>")
  })

  it.each(["\u0010", "\u0010\u0010", "\u0010a%\u0010", "\u001012\u0010", "\u0010\"abc\"\u0010", "\u0010[1]\u0010"])(
    "is told from a text of the user's with the same control characters: %j",
    (text) => {
      assert.strictEqual(withWords(text, words), text)
      assert.strictEqual(withWords(message("stages/a/messages.ts", "found", text), words), `<found ${text}>`)
    },
  )

  it("has the facts that it was given, an optional one that was left out as undefined", () => {
    const facts = (...given: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
      let found: ReadonlyArray<unknown> = []
      withWords(message("stages/a/messages.ts", "a", ...given), (told) => {
        found = told.facts
        return ""
      })
      return found
    }
    assert.deepStrictEqual(facts(undefined, null, { a: undefined, b: [1] }), [undefined, null, { b: [1] }])
  })

  it("is made of facts that JSON cannot hold", () => {
    const circle: Record<string, unknown> = { name: "circle" }
    circle["self"] = [circle]
    for (const fact of ["\ud800", { "\udc00": "\ud800" }, circle, 1n, new Error("lost"), new Date(0), Number.NaN]) {
      assert.match(withWords(message("stages/a/messages.ts", "a", fact), words), /^<a .*>$/u)
    }
  })
})
