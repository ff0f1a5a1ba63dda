import { assert, describe, it } from "@effect/vitest"
import { corporaSeed, corporaSizes } from "../../bundled/make.ts"
import { books, composePortions } from "../../bundled/making/portions.ts"
import type { ComposedDocument } from "../../stages/compose/compose.ts"
import { corpusNames, documentsOf } from "../../stages/compose/corpora.ts"
import type { Passage } from "../../stages/compose/passage.ts"
import { join } from "../../stages/compose/passage.ts"

const wholeOf = (document: ComposedDocument): Passage => join([document.title, ...document.sentences], " ")

const corpora = corpusNames.map((name) => {
  const portions = composePortions(name, "sample", corporaSeed, corporaSizes[name])
  const learning = [...portions.train, ...portions.dev].map(wholeOf)
  const test = portions.test.map(wholeOf)
  return { name, learning, test, all: [...learning, ...test] }
})

describe.for(corpora)("the bundled corpus $name", ({ name, learning, test, all }) => {
  it("has 300 documents to learn from and 60 to 100 to test on", () => {
    assert.strictEqual(learning.length, 300)
    assert.isAtLeast(test.length, 60)
    assert.isAtMost(test.length, 100)
  })

  it("has no document twice, so none to test on that was learned from", () => {
    assert.strictEqual(new Set(all.map((whole) => whole.text)).size, all.length)
  })

  it("cuts every mention out of its text", () => {
    for (const { text, mentions } of all) {
      for (const mention of mentions) assert.strictEqual(text.slice(mention.start, mention.end), mention.text)
    }
  })

  it("has documents with several relations and, but for CDR, documents with none", () => {
    assert.isAtLeast(all.filter(({ relations }) => relations.length >= 2).length, name === "dce" ? 60 : 120)
    const without = all.filter(({ relations }) => relations.length === 0).length
    if (name === "cdr") assert.strictEqual(without, 0)
    else assert.isAtLeast(without, 20)
  })

  it("never says two things of one pair", () => {
    for (const { mentions, relations } of all) {
      const said = new Map<string, string>()
      for (const { label, mentions: places } of relations) {
        const key = places.map((place) => mentions[place]?.entity.names[0]).join("|")
        assert.strictEqual(said.get(key) ?? label, label)
        said.set(key, label)
      }
    }
  })

  it("uses every label of the corpus", () => {
    const labels = new Set(all.flatMap(({ relations }) => relations.map((relation) => relation.label)))
    const expected = {
      cdr: ["CID"],
      dce: ["POS", "COMB", "NEG"],
      chemprot: ["INHIBITOR", "UPREGULATOR", "AGONIST", "ANTAGONIST", "SUBSTRATE", "NOT"],
      ddi: ["effect", "mechanism", "advise", "int"],
    }[name]
    assert.includeMembers([...labels], expected)
  })
})

describe("the bundled corpora", () => {
  it("have drug combinations of two, three and four in DCE", () => {
    const sizes = new Set(
      corpora.find(({ name }) => name === "dce")?.all.flatMap(({ relations }) =>
        relations.map(({ mentions }) => mentions.length)
      ),
    )
    assert.deepStrictEqual([...sizes].sort((one, other) => one - other), [2, 3, 4])
  })

  it("name one thing in two ways in some documents of CDR", () => {
    const both = corpora.find(({ name }) => name === "cdr")?.all.filter(({ mentions }) =>
      mentions.some((one) =>
        mentions.some((other) => one.entity.concept === other.entity.concept && one.text !== other.text)
      )
    )
    assert.isAtLeast(both?.length ?? 0, 5)
  })

  it("share no document with the pretraining corpora", () => {
    for (const { name, all } of corpora) {
      const stream = documentsOf(books[name].pretraining, name, "pretraining", 1)
      const pretraining = new Set(Array.from({ length: 500 }, () => wholeOf(stream.next().value).text))
      assert.isTrue(all.every((whole) => !pretraining.has(whole.text)))
    }
  })
})
