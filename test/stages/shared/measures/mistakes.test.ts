import { assert, describe, it } from "@effect/vitest"
import type { Document, Mention } from "../../../../schemas/documents.ts"
import type { Answer } from "../../../../schemas/examples.ts"
import type { Mistake } from "../../../../schemas/outcomes.ts"
import type { Extraction, PredictedRelation } from "../../../../schemas/relations.ts"
import { measureStrict } from "../../../../stages/shared/measures/strict.ts"
import type { Matching } from "../../../../stages/shared/params/protocol.ts"

const ordered: Matching = { arguments: "ordered", variants: "one", unknown: "wrong" }
const asSet: Matching = { ...ordered, arguments: "set" }
const relation = (text: string): PredictedRelation => {
  const [label = "", ...strings] = text.split("|")
  return { label, arguments: strings }
}
/** "label|argument|argument", with "/" between the names of an argument. */
const gold = (text: string): Answer => {
  const { label, arguments: strings } = relation(text)
  return { label, arguments: strings.map((names) => names.split("/")) }
}
/** Mentions by concept, with "|" between the concepts of a composite one. */
const mentions = (...named: ReadonlyArray<readonly [string, string]>): ReadonlyArray<Mention> =>
  named.map(([text, concepts], index) => ({
    id: `T${index}`,
    type: "entity",
    text,
    spans: [{ start: 0, end: text.length }],
    concepts: concepts === "" ? [] : concepts.split("|"),
    parts: [],
  }))
const document = (id: string, ...named: ReadonlyArray<readonly [string, string]>): Document => ({
  corpus: "c",
  portion: "test",
  id,
  text: "",
  mentions: mentions(...named),
  relations: [],
})
const shown = ({ kind, said, wanted, text }: Mistake): string => {
  const words = (each: PredictedRelation | null): string =>
    each === null ? "" : [each.label, ...each.arguments].join("|")
  return [kind, words(said), words(wanted), text].filter((part) => part !== "").join(": ")
}

interface Situation {
  readonly wanted: ReadonlyArray<string>
  readonly said: ReadonlyArray<string>
  readonly matching?: Matching
  readonly document?: Document
  /** Other documents of the corpus. */
  readonly others?: ReadonlyArray<Document>
  readonly extraction?: Partial<Extraction>
}

/** What is wrong in a document. */
const mistakes = (situation: Situation): ReadonlyArray<string> => {
  const { wanted, said, matching = ordered, document: own = document("d"), others = [], extraction } = situation
  const of = (each: Document, relations: ReadonlyArray<string>) => ({
    document: each,
    answers: each === own ? wanted.map(gold) : [],
    extraction: {
      document: each.id,
      relations: relations.map(relation),
      malformed: [],
      finished: true,
      sourceTruncated: false,
      ...extraction,
    },
  })
  const { documents } = measureStrict([of(own, said), ...others.map((other) => of(other, []))], matching)
  return (documents[0]?.mistakes ?? []).map(shown)
}

describe("mistakes", () => {
  it("are none where all is right", () => {
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b", "Q|c|d"], said: ["Q|c|d", "P|a|b"] }), [])
  })

  it("are missed, spurious and malformed where nothing is alike", () => {
    assert.deepStrictEqual(
      mistakes({ wanted: ["P|aspirin|rash"], said: ["P|heparin|fever"], extraction: { malformed: ["and so on"] } }),
      ["missed: P|aspirin|rash", "spurious: P|heparin|fever", "malformed: and so on"],
    )
  })

  it("put a missed relation down to the source where that was cut, and nothing else", () => {
    assert.deepStrictEqual(
      mistakes({
        wanted: ["P|aspirin|rash", "P|heparin|fever"],
        said: ["Q|heparin|fever", "P|x|y"],
        extraction: { sourceTruncated: true },
      }),
      ["truncated source: P|aspirin|rash", "wrong type: Q|heparin|fever: P|heparin|fever", "spurious: P|x|y"],
    )
  })

  it("tell the right arguments under another label, or none", () => {
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b"], said: ["Q|a|b"] }), ["wrong type: Q|a|b: P|a|b"])
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b"], said: ["?blocks|a|b"] }), ["wrong type: ?blocks|a|b: P|a|b"])
    assert.deepStrictEqual(mistakes({ wanted: ["P|a/A|b"], said: ["Q|A|b"] }), ["wrong type: Q|A|b: P|a|b"])
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b"], said: ["Q|b|a"] }), ["missed: P|a|b", "spurious: Q|b|a"])
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b"], said: ["Q|b|a"], matching: asSet }), [
      "wrong type: Q|b|a: P|a|b",
    ])
  })

  it("leave out unknown predicates where those do not count", () => {
    const matching: Matching = { ...ordered, unknown: "ignored" }
    assert.deepStrictEqual(mistakes({ wanted: ["P|a|b"], said: ["?blocks|a|b"], matching }), ["missed: P|a|b"])
  })

  it("tell the right string in other letters, with other hyphens, blanks or punctuation", () => {
    for (const other of ["beta-Blocker", "BETABLOCKER", "beta\nblocker,", "(beta) blocker"]) {
      assert.deepStrictEqual(mistakes({ wanted: ["P|beta blocker|rash"], said: [`P|${other}|rash`] }), [
        `wrong mention: P|${other}|rash: P|beta blocker|rash`,
      ])
    }
    // Digits and Greek letters are no punctuation; nothing but punctuation is no name.
    for (const other of ["beta blocker 2", "β blocker"]) {
      assert.notInclude(mistakes({ wanted: ["P|beta blocker|rash"], said: [`P|${other}|rash`] })[0], "wrong mention")
    }
    assert.deepStrictEqual(mistakes({ wanted: ["P|+|rash"], said: ["P|-|rash"] }), [
      "missed: P|+|rash",
      "spurious: P|-|rash",
    ])
  })

  it("tell a name that another document has for the same concept", () => {
    const own = document("d", ["aspirin", "D1"], ["rash", "D2"], ["heparin", "D3"])
    const others = [document("e", ["Acetylsalicylic acid", "D1"], ["exanthema", "D2"], ["unfractionated", "D3"])]
    const wanted = ["CID|aspirin|rash"]
    assert.deepStrictEqual(
      mistakes({ wanted, said: ["CID|acetylsalicylic acid|exanthema"], document: own, others }),
      ["wrong mention: CID|acetylsalicylic acid|exanthema: CID|aspirin|rash"],
    )
    for (const said of ["CID|heparin|rash", "CID|unfractionated|rash"]) {
      assert.deepStrictEqual(mistakes({ wanted, said: [said], document: own, others }), [
        "missed: CID|aspirin|rash",
        `spurious: ${said}`,
      ])
    }
  })

  it("take from a composite mention only the concept that the relation is about", () => {
    const own = document(
      "d",
      ["aspirin", "D1"],
      ["ocular and auditory toxicity", "D2|D3"],
      ["deafness", "D3"],
    )
    const others = [document("e", ["blindness", "D2"], ["hearing loss", "D3"])]
    const wanted = ["CID|aspirin|ocular and auditory toxicity/deafness"]
    assert.deepStrictEqual(mistakes({ wanted, said: ["CID|aspirin|hearing loss"], document: own, others }), [
      "wrong mention: CID|aspirin|hearing loss: CID|aspirin|ocular and auditory toxicity",
    ])
    assert.deepStrictEqual(mistakes({ wanted, said: ["CID|aspirin|blindness"], document: own, others }), [
      "missed: CID|aspirin|ocular and auditory toxicity",
      "spurious: CID|aspirin|blindness",
    ])
  })

  it("tell strings that may overlap in the text", () => {
    const overlap = (one: string, other: string): boolean =>
      mistakes({ wanted: [`P|x|${one}`], said: [`P|x|${other}`] })[0]?.startsWith("wrong boundary") === true
    const cases: ReadonlyArray<readonly [string, string, boolean]> = [
      ["renal failure", "acute renal failure", true],
      ["renal failure", "Renal failures", false],
      ["acute renal failure", "renal failure in rats", true],
      // The words stand in both in the same order.
      ["kidney and liver failure", "kidney failure", true],
      ["liver and kidney disease", "kidney and liver disease", false],
      // No two stretches of a text can share only their last words.
      ["folic acid", "valproic acid", false],
      ["vitamin D", "vitamin E", false],
      // What they share says nothing.
      ["toxicity of", "of the liver", false],
      ["hepatitis B", "B cells", false],
      ["interleukin 10", "10 patients", false],
      ["of the", "toxicity of the liver", false],
    ]
    for (const [one, other, expected] of cases) {
      assert.strictEqual(overlap(one, other), expected, `${one} / ${other}`)
      assert.strictEqual(overlap(other, one), expected, `${other} / ${one}`)
    }
  })

  it("need each argument right or alike, and are as bad as the worst", () => {
    const wanted = ["P|beta blocker|renal failure"]
    assert.deepStrictEqual(mistakes({ wanted, said: ["P|Beta-blocker|acute renal failure"] }), [
      "wrong boundary: P|Beta-blocker|acute renal failure: P|beta blocker|renal failure",
    ])
    assert.deepStrictEqual(mistakes({ wanted, said: ["P|aspirin|acute renal failure"] }), [
      "missed: P|beta blocker|renal failure",
      "spurious: P|aspirin|acute renal failure",
    ])
    assert.deepStrictEqual(mistakes({ wanted, said: ["Q|Beta-blocker|renal failure"] }), [
      "missed: P|beta blocker|renal failure",
      "spurious: Q|Beta-blocker|renal failure",
    ])
  })

  it("find the arguments of a set wherever they stand", () => {
    const wanted = ["POS|tamoxifen|folinic acid|5-FU"]
    assert.deepStrictEqual(mistakes({ wanted, said: ["POS|5 fu|Tamoxifen|folinic acid"], matching: asSet }), [
      "wrong mention: POS|5 fu|Tamoxifen|folinic acid: POS|tamoxifen|folinic acid|5-FU",
    ])
    assert.deepStrictEqual(mistakes({ wanted, said: ["POS|5-FU|folinic|tamoxifen"], matching: asSet }), [
      "wrong boundary: POS|5-FU|folinic|tamoxifen: POS|tamoxifen|folinic acid|5-FU",
    ])
    // A drug too few, and one for another: nothing is like it.
    for (const said of ["POS|5-FU|tamoxifen", "POS|5-FU|tamoxifen|cisplatin"]) {
      assert.deepStrictEqual(mistakes({ wanted, said: [said], matching: asSet }), [
        "missed: POS|tamoxifen|folinic acid|5-FU",
        `spurious: ${said}`,
      ])
    }
  })

  it("pair each relation once, the likest first", () => {
    const wanted = ["P|a|renal failure", "Q|a|acute renal failure"]
    assert.deepStrictEqual(mistakes({ wanted, said: ["P|a|acute renal failure"] }), [
      "missed: P|a|renal failure",
      "wrong type: P|a|acute renal failure: Q|a|acute renal failure",
    ])
    // Each could be paired with the first, one alone with the second: both are paired.
    const said = ["P|a|acute renal failure", "P|a|renal failure of rats"]
    const both = ["P|a|renal failure", "P|a|severe acute renal failure"]
    const expected = [
      "wrong boundary: P|a|renal failure of rats: P|a|renal failure",
      "wrong boundary: P|a|acute renal failure: P|a|severe acute renal failure",
    ]
    assert.deepStrictEqual(mistakes({ wanted: both, said }), expected)
    assert.deepStrictEqual(mistakes({ wanted: both, said: said.toReversed() }), expected)
  })

  it("call a second name of a relation that was found spurious", () => {
    assert.deepStrictEqual(mistakes({ wanted: ["P|aspirin/ASA|rash"], said: ["P|aspirin|rash", "P|ASA|rash"] }), [
      "spurious: P|aspirin|rash",
    ])
  })
})
