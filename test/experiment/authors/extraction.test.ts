import { assert, describe, it } from "@effect/vitest"
import { extractor } from "../../../stages/shared/language/extraction.ts"
import { inverted } from "../../../stages/shared/language/template.ts"
import { type Departs, treated } from "../departures/support.ts"
import { textsOf } from "./random.ts"
import { type CorpusId, readAsAuthors, shownRead } from "./second.ts"

/** What redag reads out of a text. */
const read = (corpus: string, text: string, departs: Departs = "authors") => {
  const { template, extraction, reading } = treated(corpus, departs)
  return extractor({ template: inverted(template), extraction, reading })(text)
}
const shown = (corpus: string, text: string, departs: Departs = "authors"): ReadonlyArray<string> =>
  read(corpus, text, departs).relations.map(({ label, arguments: names }) => `${label}: ${names.join(" | ")}`)

describe("core-words and blanks-kept: what the authors' code reads", () => {
  it("authors-extraction: a clause in any case of its first word, or without it", () => {
    const text = "The relation between heparin and bruising exists; the relation between heparin and pain exists."
    assert.deepStrictEqual(shown("cdr", text), ["CID: heparin | bruising", "CID: heparin | pain"])
    assert.deepStrictEqual(shown("cdr", text, "paper"), ["CID: heparin | bruising"])
    assert.deepStrictEqual(read("cdr", text, "paper").malformed, ["the relation between heparin and pain exists"])
    assert.deepStrictEqual(shown("cdr", text, ["core-words"]), ["CID: heparin | bruising", "CID: heparin | pain"])

    const ddi = "The relation between aspirin and warfarin is effect."
    assert.deepStrictEqual(shown("ddi", ddi), ["effect: aspirin | warfarin"])
    assert.deepStrictEqual(shown("ddi", ddi, "paper"), [])
    assert.deepStrictEqual(shown("ddi", `no ${ddi.slice(4)}`), ["effect: aspirin | warfarin"])
  })

  it("authors-extraction: two blanks before the words that are searched", () => {
    assert.deepStrictEqual(shown("ddi", "the  relation between aspirin and warfarin is effect."), [
      "effect: aspirin | warfarin",
    ])
  })

  it("authors-extraction: a full stop goes only as the very last character", () => {
    const text = "the relation between aspirin and warfarin is effect.\n"
    assert.deepStrictEqual(shown("ddi", text), ["?effect.: aspirin | warfarin"])
    assert.deepStrictEqual(shown("ddi", text, ["core-words"]), ["effect: aspirin | warfarin"])
    assert.deepStrictEqual(shown("ddi", text, ["blanks-kept"]), ["?effect.: aspirin | warfarin"])
    assert.deepStrictEqual(shown("ddi", text, "paper"), ["effect: aspirin | warfarin"])
    assert.deepStrictEqual(shown("ddi", `${text.trimEnd()} `), ["?effect. : aspirin | warfarin"])
  })

  it("authors-extraction: a predicate with a blank behind it is unknown, and so not counted", () => {
    const text =
      "the relation between aspirin and warfarin is effect ; the relation between aspirin and heparin is effect."
    assert.deepStrictEqual(shown("ddi", text), ["?effect : aspirin | warfarin", "effect: aspirin | heparin"])
    assert.deepStrictEqual(shown("ddi", text, "paper"), ["effect: aspirin | warfarin", "effect: aspirin | heparin"])
    assert.strictEqual(treated("ddi", "authors").matching.unknown, "ignored")
  })

  it("authors-extraction: a combination where 'participate' stands, whatever follows and comes before", () => {
    for (
      const text of [
        "A and B participated in a positive drug combination.",
        "A and Bparticipate in a positive drug combination.",
        "A and B participate positive",
      ]
    ) {
      assert.deepStrictEqual(shown("dce", text), ["POS: A | B"], text)
      assert.deepStrictEqual(shown("dce", text, "paper"), [], text)
    }
    assert.deepStrictEqual(shown("dce", "A and B participate"), ["COMB: A | B"])
  })

  it("authors-extraction: a piece with 'participate' twice is nothing", () => {
    const text = "A and B participate in a positive drug combination and C participate in a drug combination."
    assert.deepStrictEqual(shown("dce", text), [])
    assert.deepStrictEqual(shown("dce", text, "paper"), ["POS: A | B"])
  })

  it("names keep their blanks in pairs, and lose them in combinations; empty names stay", () => {
    assert.deepStrictEqual(shown("cdr", "The relation between  a  and b  exists."), ["CID:  a  | b "])
    assert.deepStrictEqual(shown("cdr", "The relation between  a  and b  exists.", "paper"), ["CID: a | b"])
    assert.deepStrictEqual(shown("cdr", "The relation between  and  exists."), ["CID:  | "])
    assert.deepStrictEqual(shown("dce", "A and  B, , and C  participate in a drug combination."), [
      "COMB: A | B |  | C",
    ])
    assert.deepStrictEqual(shown("dce", "A and  B, , and C  participate in a drug combination.", ["core-words"]), [
      "COMB: A | B | C",
    ])
    assert.deepStrictEqual(shown("dce", " participate in a drug combination."), ["COMB: "])
  })

  it("of what stands in a line, only a line feed ends it", () => {
    assert.deepStrictEqual(shown("ddi", "the relation between a\r and b\u2028 is effect\nmore."), [
      "effect: a\r | b\u2028",
    ])
    assert.deepStrictEqual(shown("dce", "A and\nB participate in a drug\npositive one"), ["POS: A and\nB"])
  })
})

describe("the authors' protocol reads what a second implementation reads", () => {
  for (const corpus of ["cdr", "chemprot", "ddi", "dce"] as const satisfies ReadonlyArray<CorpusId>) {
    it(`${corpus}: 1,000 random texts, 0 differences`, () => {
      const texts = textsOf(corpus, 1000)
      const differences = texts.flatMap((text) => {
        const relations = read(corpus, text).relations
        const redag = [...new Set(relations.map((one) => shownRead(corpus, one)))].toSorted()
        const second = readAsAuthors(corpus, text)
        return JSON.stringify(redag) === JSON.stringify(second) ? [] : [{ text, redag, second }]
      })
      assert.deepStrictEqual(differences, [])
      // The texts try what they are made for: most have relations, and the paper's protocol reads many otherwise.
      const found = texts.filter((text) => readAsAuthors(corpus, text).length > 0).length
      const otherwise = texts.filter((text) => {
        const paper = shown(corpus, text, "paper")
        return JSON.stringify(paper.toSorted()) !== JSON.stringify(shown(corpus, text).toSorted())
      }).length
      assert.isAbove(found, 500)
      assert.isAbove(otherwise, 300)
    })
  }
})
