import { assert, describe, it } from "@effect/vitest"
import { InvalidOption } from "../../models/options.ts"
import { Tokenizer, TokenizerError } from "../../models/tokenizer.ts"
import { wordTokenizer } from "./support.ts"

const tokenizer = wordTokenizer(["aspirin", "causes", "ulcer", "."])

describe("tokenizer", () => {
  it("encodes with the EOS and decodes without special tokens", () => {
    const { ids, truncated } = tokenizer.encode("aspirin causes ulcer .", 10)
    assert.deepStrictEqual(ids, [3, 4, 5, 6, 1])
    assert.isFalse(truncated)
    assert.strictEqual(tokenizer.decode([0, ...ids, 0]), "aspirin causes ulcer .")
  })

  it("knows its unknown token", () => {
    assert.deepStrictEqual(tokenizer.encode("ibuprofen causes", 10).ids, [2, 4, 1])
  })

  it("cuts the text at the limit, says so, and keeps the EOS", () => {
    assert.deepStrictEqual(tokenizer.encode("aspirin causes ulcer .", 5), { ids: [3, 4, 5, 6, 1], truncated: false })
    assert.deepStrictEqual(tokenizer.encode("aspirin causes ulcer .", 3), { ids: [3, 4, 1], truncated: true })
    assert.deepStrictEqual(tokenizer.encode("aspirin causes ulcer .", 1), { ids: [1], truncated: true })
    assert.throws(() => tokenizer.encode("aspirin", 0), InvalidOption, /no room for 1 special token/u)
  })

  it("takes an empty text and an empty list", () => {
    assert.deepStrictEqual(tokenizer.encode("", 5), { ids: [1], truncated: false })
    assert.strictEqual(tokenizer.decode([]), "")
  })

  it("counts its ids and knows their tokens", () => {
    assert.strictEqual(tokenizer.size, 7)
    assert.strictEqual(tokenizer.id("</s>"), 1)
    assert.isUndefined(tokenizer.id("ibuprofen"))
  })

  it("comes back from its own text", () => {
    const again = Tokenizer.fromJson(tokenizer.text)
    assert.strictEqual(again.text, tokenizer.text)
    assert.deepStrictEqual(again.encode("ulcer .", 9), tokenizer.encode("ulcer .", 9))
  })

  for (
    const content of ["", "[]", "{}", "{\"added_tokens\":[]}", "{\"added_tokens\":[],\"model\":{\"type\":\"Magic\"}}"]
  ) {
    it(`refuses ${content === "" ? "nothing" : content}`, () => {
      assert.throws(() => Tokenizer.fromJson(content), TokenizerError, /^tokenizer.json: /u)
    })
  }
})
