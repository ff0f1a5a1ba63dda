import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import { assert, describe, it } from "@effect/vitest"
import { Random } from "../../../models/kernels/random.ts"
import { TokenizerError } from "../../../models/tokenizers/errors.ts"
import { isTokenizerFile } from "../../../models/tokenizers/files.ts"
import { smallFiles } from "../../parity/tokenizers/tables.ts"
import { readTokenizer } from "../reading.ts"

type Files = ReadonlyMap<string, Uint8Array>

const encoder = new TextEncoder()

/** Files of which some are replaced by a text or an object, or taken away. */
const changed = (files: Files, changes: Readonly<Record<string, string | object | undefined>>): Files => {
  const made = new Map(files)
  for (const [name, content] of Object.entries(changes)) {
    if (content === undefined) made.delete(name)
    else made.set(name, encoder.encode(typeof content === "string" ? content : JSON.stringify(content)))
  }
  return made
}

const refusal = (files: Files, modelType: string): string => {
  try {
    readTokenizer(files, modelType)
  } catch (error) {
    if (error instanceof TokenizerError) return error.message
    throw error
  }
  return "nothing was refused"
}

const part = (changes: object): object => {
  const text = new TextDecoder().decode(smallFiles("unigram-json").get("tokenizer.json"))
  return { ...JSON.parse(text) as object, ...changes }
}

describe("the files of a tokenizer", () => {
  const gpt2 = smallFiles("gpt2")
  const bart = smallFiles("bart")
  const biogpt = smallFiles("biogpt")
  const fairseq = smallFiles("biogpt-fairseq")

  it("are known by their names", () => {
    for (const name of ["tokenizer.json", "vocab.json", "merges.txt", "spiece.model", "dict.txt", "bpecodes"]) {
      assert.isTrue(isTokenizerFile(name), name)
    }
    for (const name of ["config.json", "model.safetensors", "README.md"]) assert.isFalse(isTokenizerFile(name), name)
  })

  const missing: readonly (readonly [Files, string, string])[] = [
    [new Map(), "t5", "spiece.model: is not there, and neither is tokenizer.json"],
    [changed(gpt2, { "merges.txt": undefined }), "gpt2", "merges.txt: is not there, and neither is tokenizer.json"],
    [changed(bart, { "vocab.json": undefined }), "bart", "vocab.json: is not there, and neither is tokenizer.json"],
    [changed(fairseq, { bpecodes: undefined }), "biogpt", "bpecodes: is not there, and neither is tokenizer.json"],
    [gpt2, "bert", "tokenizer.json: is not there, and redag knows no other form for the model type bert"],
  ]
  for (const [files, modelType, message] of missing) {
    it(`miss one: ${message}`, () => assert.strictEqual(refusal(files, modelType), message))
  }

  it("are read from tokenizer.json first", () => {
    const both = new Map([...smallFiles("unigram-json"), ...gpt2])
    assert.strictEqual(readTokenizer(both, "gpt2").id("[mask]"), 37)
  })

  const unusable: readonly (readonly [Files, string, RegExp])[] = [
    [changed(gpt2, { "vocab.json": "{" }), "gpt2", /^vocab\.json: is not JSON/u],
    [changed(gpt2, { "vocab.json": [] }), "gpt2", /^vocab\.json: it is a list, not an object/u],
    [changed(gpt2, { "vocab.json": { a: "b" } }), "gpt2", /^vocab\.json: "a" is not a number/u],
    [changed(gpt2, { "vocab.json": { a: 1e12 } }), "gpt2", /^vocab\.json: the id of "a" is 1000000000000/u],
    [changed(gpt2, { "merges.txt": "a b c\n" }), "gpt2", /^merges\.txt: line 1 is not two symbols/u],
    [changed(gpt2, { "merges.txt": "a zz\n" }), "gpt2", /^merges\.txt: the merge a zz needs zz/u],
    [changed(gpt2, { "tokenizer_config.json": "[]" }), "gpt2", /^tokenizer_config\.json: /u],
    [changed(gpt2, { "tokenizer_config.json": { add_bos_token: true } }), "gpt2", /add_bos_token is true/u],
    [changed(gpt2, { "tokenizer_config.json": { add_prefix_space: 1 } }), "gpt2", /add_prefix_space is number/u],
    [
      changed(gpt2, { "tokenizer_config.json": { added_tokens_decoder: { 7: { content: "<x>" } } } }),
      "gpt2",
      /^tokenizer_config\.json: says the id of <x> is 7; by the vocabulary it is 420/u,
    ],
    [changed(bart, { "tokenizer_config.json": { cls_token: null } }), "bart", /names no cls_token/u],
    [changed(biogpt, { "merges.txt": "a\nb c\n" }), "biogpt", /^merges\.txt: line 1 is not two symbols/u],
    [changed(fairseq, { "dict.txt": "the\n" }), "biogpt", /^dict\.txt: line 1 is not a token and its count/u],
    [changed(fairseq, { "dict.txt": "a 1\nb 1\na 1\n" }), "biogpt", /^dict\.txt: line 3: a is there twice/u],
    [new Map([["spiece.model", encoder.encode("version https://git-lfs")]]), "t5", /^spiece\.model: /u],
    [
      new Map([["vocab.json", Uint8Array.of(0xff, 0xfe)], ["merges.txt", Uint8Array.of()]]),
      "gpt2",
      /^vocab\.json: is not UTF-8/u,
    ],
  ]
  for (const [files, modelType, message] of unusable) {
    it(`are refused by name: ${message.source}`, () => assert.match(refusal(files, modelType), message))
  }

  const parts: readonly (readonly [object, RegExp])[] = [
    [{ normalizer: { type: "NFKC" } }, /normalizer\.type is NFKC, a normalizer that redag does not have/u],
    [
      { normalizer: { type: "Replace", pattern: { Regex: "(?<a>b)" }, content: "" } },
      /which redag does not understand/u,
    ],
    [
      { normalizer: { type: "Replace", pattern: { Regex: "[^".repeat(5000) }, content: "" } },
      /is "(?:\[\^){40}…": is no regular expression: /u,
    ],
    [
      { normalizer: { type: "Replace", pattern: { Regex: "(a*)*" }, content: "" } },
      /is "\(a\*\)\*": repeats with "\*" a part that may be empty/u,
    ],
    [{ normalizer: { type: "Replace", pattern: { Regex: "a*" }, content: "" } }, /is "a\*", which may match nothing/u],
    [{ normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" } }, /a precompiled charsmap that is cut off/u],
    [{ pre_tokenizer: { type: "Digits" } }, /pre_tokenizer\.type is Digits/u],
    [{ decoder: { type: "CTC" } }, /decoder\.type is CTC/u],
    [{ post_processor: { type: "New" } }, /post_processor\.type is New/u],
    [{ model: { type: "WordPiece" } }, /model\.type is WordPiece, a model that redag does not have/u],
    [{ model: { type: "Unigram", unk_id: 0, vocab: [["a", "1"]] } }, /model\.vocab\.0 is no piece with its score/u],
    [{ model: { type: "Unigram", unk_id: 5, vocab: [["a", 1]] } }, /the unknown piece 5 is not there/u],
    [{ model: { type: "Unigram", unk_id: 0, byte_fallback: true, vocab: [["a", 1]] } }, /byte_fallback is true/u],
    [{ added_tokens: [{ id: 3, content: "<s>" }] }, /added_tokens says 3 is <s>, the model says the/u],
    [{ added_tokens: [{ id: 3, content: "a" }] }, /added_tokens says a is 3, the model says 4/u],
    [{ added_tokens: undefined }, /added_tokens is undefined, not a list/u],
  ]
  for (const [changes, message] of parts) {
    it(`have a part that is refused by name: ${message.source}`, () => {
      const files = new Map([["tokenizer.json", encoder.encode(JSON.stringify(part(changes)))]])
      assert.match(refusal(files, "t5"), message)
    })
  }

  it("are refused where a SentencePiece model is not such as T5's", () => {
    const t5 = smallFiles("t5").get("spiece.model") ?? new Uint8Array()
    // Of a message that is there twice the fields of the later one count.
    const withField = (message: number, field: number, value: number): Files => {
      const writer = new BinaryWriter().raw(t5)
      writer.tag(message, WireType.LengthDelimited).fork().tag(field, WireType.Varint).int32(value).join()
      return new Map([["spiece.model", writer.finish()]])
    }
    const refused = (message: number, field: number, value: number): string =>
      refusal(withField(message, field, value), "t5")
    assert.match(refused(2, 3, 2), /^spiece\.model: is a bpe model; redag has unigram/u)
    assert.match(refused(2, 35, 1), /^spiece\.model: has byte_fallback/u)
    assert.match(refused(3, 3, 0), /^spiece\.model: has no add_dummy_prefix/u)
    assert.match(refused(3, 4, 0), /^spiece\.model: has no remove_extra_whitespaces/u)
    assert.match(refused(3, 5, 0), /^spiece\.model: has no escape_whitespaces/u)
    assert.match(refused(2, 40, 7), /^spiece\.model: has no unknown piece where it says/u)
  })

  for (
    const [name, modelType] of Object.entries({
      t5: "t5",
      gpt2: "gpt2",
      bart: "bart",
      biogpt: "biogpt",
      "biogpt-fairseq": "biogpt",
      "unigram-json": "x",
      "bpe-json": "x",
    })
  ) {
    it(`never crash when they are damaged: ${name}`, () => {
      const random = new Random(7, 0, 0)
      const draw = (limit: number): number => Math.floor(random.uniform() * limit)
      const files = smallFiles(name)
      const names = [...files.keys()].filter(isTokenizerFile)
      let refused = 0
      for (let round = 0; round < 200; round++) {
        const damaged = new Map(files)
        const file = names[draw(names.length)] ?? ""
        const bytes = Uint8Array.from(files.get(file) ?? [])
        const kind = draw(3)
        if (kind === 0) damaged.set(file, bytes.subarray(0, draw(bytes.length)))
        else {
          for (let times = kind === 1 ? 1 : 20; times > 0; times--) bytes[draw(bytes.length)] = draw(256)
          damaged.set(file, bytes)
        }
        try {
          const tokenizer = readTokenizer(damaged, modelType)
          const { ids } = tokenizer.encode("Aspirin inhibits IL-6 ½ (p < 0.001)</s> \u0301", 20)
          assert.isTrue(ids.length <= 20 && ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.size))
          tokenizer.decode(ids)
        } catch (error) {
          assert.instanceOf(error, TokenizerError)
          assert.include([...names, "vocab.json"], error.file)
          refused++
        }
      }
      assert.isAbove(refused, 10)
    })
  }
})
