import { assert, describe, it } from "@effect/vitest"
import { corporaSeed, corporaSizes } from "../../bundled/make.ts"
import { books, composePortions } from "../../bundled/making/portions.ts"
import { type MiniName, miniNames, tokenizerJson, words } from "../../bundled/making/tokenizer.ts"
import { corpusNames, documentsOf } from "../../stages/compose/corpora.ts"
import { join } from "../../stages/compose/passage.ts"
import { tokenizerOf } from "../models/support.ts"

/** A text as the tokenizer keeps it: one space for each run of white space, none at the ends. */
const collapsed = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

const texts = corpusNames.flatMap((corpus) => {
  const { train, dev, test } = composePortions(corpus, "sample", corporaSeed, corporaSizes[corpus])
  const pretraining = documentsOf(books[corpus].pretraining, corpus, "pretraining", 1)
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

const around: Readonly<Record<MiniName, readonly [before: readonly string[], after: readonly string[]]>> = {
  "t5": [[], ["</s>"]],
  "bart": [["<s>"], ["</s>"]],
  "gpt2": [[], []],
  "gpt-neo": [[], []],
  "biogpt": [["</s>"], []],
}

describe.each(miniNames)("the tokenizer of %s-mini", (name) => {
  const tokenizer = tokenizerOf(tokenizerJson(name))
  const encode = (text: string): readonly number[] => tokenizer.encode(text, Infinity).ids
  const unknown = tokenizer.id("<unk>")

  it("has the special tokens of its large relatives around a text", () => {
    const [before, after] = around[name].map((tokens) => tokens.flatMap((token) => tokenizer.id(token) ?? []))
    const plain = tokenizer.encode("aspirin", Infinity, { specials: false }).ids
    assert.lengthOf(plain, 1)
    assert.deepStrictEqual(encode("aspirin"), [...before ?? [], ...plain, ...after ?? []])
  })

  it("holds every word of the corpora whole: as many pieces as words and marks", () => {
    for (const text of [...texts, ...rendered]) {
      const { ids } = tokenizer.encode(text, Infinity, { specials: false })
      assert.strictEqual(ids.length, [...text.matchAll(/[A-Za-z0-9]+|[^A-Za-z0-9\s]/g)].length, text)
      assert.notInclude(ids, unknown)
    }
  })

  it("gives back every text of the corpora and of the templates", () => {
    for (const text of [...texts, ...rendered]) assert.strictEqual(tokenizer.decode(encode(text)), collapsed(text))
  })

  it("spells what it has never seen, so that nothing printable is unknown", () => {
    const printable = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index))
    for (const text of [printable.join(""), printable.join(" "), "Zyxwv-42 (q|k) holds"]) {
      assert.notInclude(encode(text), unknown)
      assert.strictEqual(tokenizer.decode(encode(text)), text)
    }
  })

  it("is small", () => {
    assert.isBelow(words().length, 900)
  })
})
