import { assert, describe, it } from "@effect/vitest"
import { array, assert as always, constantFrom, nat, property } from "fast-check"
import { InvalidOption } from "../../../models/ir/options.ts"
import { isTokenizerFile } from "../../../models/tokenizers/files.ts"
import { smallFiles } from "../../parity/tokenizers/tables.ts"
import { readTokenizer } from "../reading.ts"
import { wordTokenizer } from "../support.ts"

const tokenizer = wordTokenizer(["aspirin", "causes", "ulcer", "."])

describe("a tokenizer", () => {
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

  it("encodes without special tokens where told so", () => {
    assert.deepStrictEqual(tokenizer.encode("aspirin causes", 2, { specials: false }), {
      ids: [3, 4],
      truncated: false,
    })
    assert.deepStrictEqual(tokenizer.encode("aspirin causes", 1, { specials: false }), { ids: [3], truncated: true })
    assert.deepStrictEqual(tokenizer.encode("aspirin", 0, { specials: false }), { ids: [], truncated: true })
  })

  it("takes an empty text, an empty list, and ids that it does not have", () => {
    assert.deepStrictEqual(tokenizer.encode("", 5), { ids: [1], truncated: false })
    assert.strictEqual(tokenizer.decode([]), "")
    assert.strictEqual(tokenizer.decode([3, 99, 4, -1, 2 ** 40]), "aspirin causes")
  })

  it("counts its ids and knows their tokens", () => {
    assert.strictEqual(tokenizer.size, 7)
    assert.strictEqual(tokenizer.id("</s>"), 1)
    assert.strictEqual(tokenizer.id("▁ulcer"), 5)
    assert.isUndefined(tokenizer.id("ibuprofen"))
  })
})

/** The small tokenizers: the model type, and how many special tokens stand before a text. */
const small: Readonly<Record<string, readonly [modelType: string, before: number]>> = {
  "t5": ["t5", 0],
  "gpt2": ["gpt2", 0],
  "gpt2-legacy": ["gpt_neo", 0],
  "bart": ["bart", 1],
  "biogpt": ["biogpt", 1],
  "biogpt-fairseq": ["biogpt", 1],
  "unigram-json": ["other", 2],
}

for (const [name, [modelType, before]] of Object.entries(small)) {
  describe(`the small ${name}`, () => {
    const files = smallFiles(name)
    const read = readTokenizer(files, modelType)
    const around = read.encode("", Infinity).ids
    const words = constantFrom(
      " ",
      "aspirin",
      "IL-6",
      "</s>",
      "<mask>",
      "é",
      "…",
      "日",
      "😀",
      ".",
      "\n",
      "\ud800",
      "(",
      "'s",
    )
    const texts = array(words, { maxLength: 12 }).map((parts) => parts.join(""))

    it("truncates to a beginning, keeps special tokens and says so", () => {
      always(
        property(texts, nat(30), (text, room) => {
          const all = read.encode(text, Infinity, { specials: false })
          const { ids, truncated } = read.encode(text, around.length + room)
          assert.deepStrictEqual(ids, [...around.slice(0, before), ...all.ids.slice(0, room), ...around.slice(before)])
          assert.deepStrictEqual([truncated, all.truncated], [all.ids.length > room, false])
        }),
        { numRuns: 150 },
      )
    })

    it("takes half a character for U+FFFD", () => {
      assert.deepStrictEqual(read.encode("a\ud800b \udc00", 99), read.encode("a\ufffdb \ufffd", 99))
    })

    it("decodes any ids within its size without special tokens", () => {
      const every = Array.from({ length: read.size }, (_, id) => id)
      const text = read.decode(every)
      for (const special of ["</s>", "<|endoftext|>", "<extra_id_3>"]) {
        if (read.id(special) !== undefined && name !== "unigram-json") assert.notInclude(text, special)
      }
      assert.isAbove(text.length, read.size / 2)
    })

    it("comes back from the files that it saves", () => {
      const saved = read.saved()
      const again = readTokenizer(saved, modelType)
      const text = "Aspirin inhibits IL-6 (p < 0.001). TNF </s> naïve"
      assert.deepStrictEqual(again.encode(text, 99), read.encode(text, 99))
      assert.deepStrictEqual([...again.saved()], [...saved])
      if (name === "biogpt-fairseq") {
        assert.deepStrictEqual([...saved.keys()].sort(), ["merges.txt", "tokenizer_config.json", "vocab.json"])
      } else assert.deepStrictEqual([...saved], [...files].filter(([file]) => isTokenizerFile(file)))
    })
  })
}

describe("fairseq's files", () => {
  it("become the vocabulary that transformers' conversion makes", () => {
    const saved = readTokenizer(smallFiles("biogpt-fairseq"), "biogpt").saved()
    const converted = smallFiles("biogpt")
    const vocabulary = (files: ReadonlyMap<string, Uint8Array>): unknown =>
      JSON.parse(new TextDecoder().decode(files.get("vocab.json")))
    assert.deepStrictEqual(vocabulary(saved), vocabulary(converted))
    assert.deepStrictEqual(saved.get("merges.txt"), converted.get("merges.txt"))
  })
})
