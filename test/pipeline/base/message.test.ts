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
})
