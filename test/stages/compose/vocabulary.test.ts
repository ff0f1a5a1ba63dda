import { assert, describe, it } from "@effect/vitest"
import { Tokenizer } from "@huggingface/tokenizers"
import { composePortions, corpusNames, documentsOf } from "../../../stages/compose/corpora.ts"
import { sampleSeed, sampleSizes } from "../../../stages/compose/make.ts"
import { join } from "../../../stages/compose/passage.ts"
import { tokenizerJson, words } from "../../../stages/compose/vocabulary.ts"

const json: unknown = JSON.parse(tokenizerJson())
const tokenizer = new Tokenizer(Object(json), {})
const encode = (text: string): readonly number[] => tokenizer.encode(text).ids
const decode = (ids: readonly number[]): string =>
  tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false })

/** A text as the tokenizer keeps it: one space for each run of white space, none at the ends. */
const collapsed = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

const texts = corpusNames.flatMap((corpus) => {
  const { train, dev, test } = composePortions(corpus, "sample", sampleSeed, sampleSizes[corpus])
  const pretraining = documentsOf(corpus, "pretraining", 1)
  const others = Array.from({ length: 300 }, () => pretraining.next().value)
  return [...train, ...dev, ...test, ...others].map((document) =>
    join([document.title, ...document.sentences], " ").text
  )
})

const rendered = [
  "Find all instances of relations between chemicals and diseases in the following passage:\n\nNo rash.\n\n",
  "The relation between acetaminophen and hepatotoxicity exists; The relation between lithium and tremor exists.",
  "the relation between warfarin and cyp3a4 is substrate and/or product; the relation between heparin and egfr is agonist.",
  "the relation between warfarin and aspirin is interaction; the relation between warfarin and aspirin is advice.",
  "cisplatin, paclitaxel, and tamoxifen participate in a positive drug combination.",
  "No drug-gene relationships are established.",
  "No drug combinations are established.",
]

describe("the mini model's tokenizer", () => {
  it("has T5's special tokens in their places and ends every text", () => {
    assert.deepStrictEqual(encode(""), [1])
    assert.deepStrictEqual(["<pad>", "</s>", "<unk>"].map((token) => tokenizer.token_to_id(token)), [0, 1, 2])
    assert.strictEqual(encode("aspirin").at(-1), 1)
  })

  it("holds every word of the corpora whole: as many pieces as words and marks", () => {
    for (const text of [...texts, ...rendered]) {
      const expected = [...text.matchAll(/[A-Za-z0-9]+|[^A-Za-z0-9\s]/g)].length + 1
      assert.strictEqual(encode(text).length, expected, text)
      assert.notInclude(encode(text), 2)
    }
  })

  it("gives back every text of the corpora and of the templates", () => {
    for (const text of [...texts, ...rendered]) assert.strictEqual(decode(encode(text)), collapsed(text))
  })

  it("spells what it has never seen, so that nothing printable is unknown", () => {
    const printable = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index))
    for (const text of [printable.join(""), printable.join(" "), "Zyxwv-42 (q|k) holds"]) {
      assert.notInclude(encode(text), 2)
      assert.strictEqual(decode(encode(text)), text)
    }
  })

  it("is small", () => {
    assert.isBelow(words().length, 900)
  })
})
