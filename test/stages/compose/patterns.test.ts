import { assert, describe, it } from "@effect/vitest"
import { books } from "../../../bundled/making/portions.ts"
import { corpusNames } from "../../../stages/compose/corpora.ts"
import { parsePattern, textsOf } from "../../../stages/compose/pattern.ts"

/** The words of a pattern without regard to case, punctuation and which slot is which. */
const wording = (text: string): string =>
  text.toLowerCase().replaceAll(/\{[a-z]\d?\}/g, "*").replaceAll(/[^a-z*]+/g, " ").trim()

const wordingsOf = (purpose: "sample" | "pretraining"): readonly string[] =>
  corpusNames.flatMap((corpus) => textsOf(books[corpus][purpose]).map(wording))

describe("sentence patterns", () => {
  it("of the bundled corpora are none of those that the mini model is pretrained on, in any corpus", () => {
    const pretraining = new Set(wordingsOf("pretraining"))
    assert.deepStrictEqual(wordingsOf("sample").filter((text) => pretraining.has(text)), [])
  })

  it("never begin with a name, so that every name keeps its own letters", () => {
    for (const corpus of ["cdr", "chemprot", "ddi"] as const) {
      for (const purpose of ["sample", "pretraining"] as const) {
        assert.deepStrictEqual(textsOf(books[corpus][purpose]).filter((text) => text.startsWith("{")), [])
      }
    }
  })

  it("state a relation where they should and none where they should not", () => {
    for (const corpus of corpusNames) {
      for (const book of Object.values(books[corpus])) {
        assert.isTrue(book.stating.every(({ relations }) => relations.some(({ label }) => label !== "NOT")))
        assert.isTrue(book.distracting.every(({ relations }) => relations.every(({ label }) => label === "NOT")))
      }
    }
  })

  it("are refused when a relation names a slot that is not there", () => {
    assert.throws(() => parsePattern("No {d} was seen. => CID c d"), /has no slot \{c\}/)
    assert.throws(() => parsePattern("Of {z} nothing is known."), /unknown kind of slot/)
    assert.throws(() => parsePattern("Both {c} and {c} fell."), /occurs twice/)
  })
})
