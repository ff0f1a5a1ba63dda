import { assert, describe, it } from "@effect/vitest"
import { assertInputError, documentsOf, type Files } from "../support.ts"

const file = "Aspirin_ddi.xml"
const lines = [
  `<?xml version="1.0" encoding="UTF-8"?>`,
  `<document id="DDI-X.d1">`,
  `  <sentence id="s0" text="Title &amp; more.&#xd;&#xa;"/>`,
  `  <sentence id="s1" text=""/>`,
  `  <sentence id="s2" text=" Aspirin raises alpha- and beta-blockers &lt; 3.">`,
  `    <entity id="e0" charOffset="1-7"`,
  `      type="brand" text="Aspirin"/>`,
  `    <entity id="e1" charOffset="16-21;32-39" type="group" text="alpha-blockers"/>`,
  `    <entity id="e2" charOffset="27-39" type="drug_n" text="beta-blockers"/>`,
  `    <pair id="p0" e1="e0" e2="e1" ddi="true" type="effect"/>`,
  `    <pair id="p1" e1="e0" e2="e2" ddi="true"/>`,
  `    <pair id="p2" e1="e1" e2="e2" ddi="false"/>`,
  `  </sentence>`,
  `</document>`,
]
const xml = (change: readonly [number, string] = [0, ""]) =>
  documentsOf("ddi-xml", {
    [file]: lines.map((line, index) => (index + 1 === change[0] ? change[1] : line)).join("\n"),
  })

const text = "Title & more. Aspirin raises alpha- and beta-blockers < 3."
const annotations = [
  "T1\tBRAND 14 21\tAspirin",
  "T2\tGROUP 29 35;45 53\talpha-blockers",
  "R1\tEFFECT Arg1:T1 Arg2:T2",
  "T3\tDRUG_N 40 53\tbeta-blockers",
  "R2\tINT Arg1:T1 Arg2:T3",
  "#1\tAnnotatorNotes T1\tours",
]
const brat = (change: readonly [number, string] = [0, ""], more: Files = {}) =>
  documentsOf("brat", {
    "Aspirin_ddi.txt": text,
    "Aspirin_ddi.ann": annotations.map((line, index) => (index + 1 === change[0] ? change[1] : line)).join("\n"),
    ...more,
  })

describe("DDI", () => {
  it("reads XML: inclusive and discontinuous offsets, an untyped pair as int, sentences joined", () => {
    assert.deepStrictEqual(xml(), [{
      corpus: "ddi",
      portion: "train",
      id: "Aspirin_ddi",
      text,
      mentions: [
        { id: "e0", type: "brand", text: "Aspirin", spans: [{ start: 14, end: 21 }], concepts: [], parts: [] },
        {
          id: "e1",
          type: "group",
          text: "alpha-blockers",
          spans: [{ start: 29, end: 35 }, { start: 45, end: 53 }],
          concepts: [],
          parts: [],
        },
        { id: "e2", type: "drug_n", text: "beta-blockers", spans: [{ start: 40, end: 53 }], concepts: [], parts: [] },
      ],
      relations: [
        { label: "effect", level: "mention", arguments: ["e0", "e1"] },
        { label: "int", level: "mention", arguments: ["e0", "e2"] },
      ],
    }])
  })

  it("reads BRAT to the same document, but for the ids of mentions", () => {
    const named = JSON.stringify(brat()).replaceAll(/"T(\d)"/gu, (_, digit: string) => `"e${Number(digit) - 1}"`)
    assert.deepStrictEqual(JSON.parse(named), xml())
  })

  it("moves a discontinuous XML mention that starts at the blank before it", () => {
    const [document] = xml([8, lines[7]?.replace("16-21;32-39", "15-20;31-38") ?? ""])
    assert.deepStrictEqual(document?.mentions[1]?.spans, [{ start: 29, end: 35 }, { start: 45, end: 53 }])
  })

  it("keeps a BRAT text to the letter and takes an empty .ann as no annotations", () => {
    const raw = "One\r\n two 𝛼 Iron"
    const documents = documentsOf("brat", {
      "a.txt": raw,
      "a.ann": "T1\tDRUG 12 16\tIron\r\n",
      "b.txt": "None.",
      "b.ann": "",
    })
    assert.deepStrictEqual(documents.map((document) => document.text), [raw, "None."])
    assert.deepStrictEqual(documents[0]?.mentions[0]?.spans, [{ start: 13, end: 17 }])
    assert.deepStrictEqual([documents[1]?.mentions, documents[1]?.relations], [[], []])
  })

  it("keeps a byte-order mark of a BRAT text where the offsets count it", () => {
    const [counted, later] = ["T1\tDRUG 1 5\tIron\n", "T1\tDRUG 0 4\tIron\n"]
    const read = (annotation: string) => documentsOf("brat", { "a.txt": "\uFEFFIron.", "a.ann": annotation })[0]
    assert.deepStrictEqual([read(counted)?.text, read(counted)?.mentions[0]?.spans], ["\uFEFFIron.", [
      { start: 1, end: 5 },
    ]])
    assert.deepStrictEqual([read(later)?.text, read(later)?.mentions[0]?.spans], ["Iron.", [{ start: 0, end: 4 }]])
    assert.strictEqual(read("")?.text, "Iron.")
  })

  it("brat-equiv: leaves out what BRAT writes besides entities and relations", () => {
    const more = [
      "*\tEquiv T1 T3",
      "#1\tAnnotatorNotes T1\ta note",
      "A1\tNegation T1",
      "M1\tSpeculation R1",
      "N1\tReference T1 RxNorm:1191\tAspirin",
      "E1\tBRAND:T1 Theme:T2",
    ]
    assert.deepStrictEqual(brat([6, more.join("\n")]), brat())
  })

  const badXml: ReadonlyArray<readonly [string, readonly [number, string], Omit<Expected, "file">]> = [
    ["markup that does not close", [13, ""], { line: 14, message: /not well formed/u }],
    ["an entity cut off", [9, `<entity id="e2" charOffset="27-39" type="drug_n"/>`], {
      line: 9,
      field: "text",
      message: /lacks/u,
    }],
    ["offsets beside the text", [6, `<entity id="e0" charOffset="0-6"`], {
      line: 6,
      field: "charOffset",
      message: /" Aspiri"/u,
    }],
    ["an offset of another form", [6, `<entity id="e0" charOffset="1:7"`], {
      line: 6,
      field: "charOffset",
      message: /start-end/u,
    }],
    ["a pair of an unknown entity", [10, `<pair id="p0" e1="e0" e2="e9" ddi="true" type="effect"/>`], {
      line: 10,
      field: "e2",
      message: /"e9"/u,
    }],
    ["an unknown type", [10, `<pair id="p0" e1="e0" e2="e1" ddi="true" type="affect"/>`], {
      line: 10,
      field: "type",
      message: /affect/u,
    }],
    ["a pair of an entity with itself", [10, `<pair id="p0" e1="e1" e2="e1" ddi="true" type="effect"/>`], {
      line: 10,
      field: "e2",
      message: /both arguments/u,
    }],
    ["ddi that is neither true nor false", [10, `<pair id="p0" e1="e0" e2="e1" ddi="yes"/>`], {
      line: 10,
      field: "ddi",
      message: /"yes"/u,
    }],
    ["an entity given twice", [9, `<entity id="e1" charOffset="27-39" type="drug_n" text="beta-blockers"/>`], {
      line: 9,
      field: "id",
      message: /twice/u,
    }],
  ]
  for (const [name, change, expected] of badXml) {
    it(`refuses XML with ${name}`, () => assertInputError(() => xml(change), { file, ...expected }))
  }

  it("refuses XML without a document, and the same document in two folders", () => {
    assertInputError(() => documentsOf("ddi-xml", { "a.xml": "<collection/>" }), {
      file: "a.xml",
      field: "document",
      message: /no <document>/u,
    })
    assertInputError(() => documentsOf("brat", { "a.txt": "", "a.ann": "", "a.b.txt": "" }), {
      file: "a.b.txt",
      field: ".ann",
      message: /no file of annotations/u,
    })
  })

  const badBrat: ReadonlyArray<readonly [string, readonly [number, string], Omit<Expected, "file">]> = [
    ["an entity cut off", [1, "T1\tBRAND 14"], { line: 1, field: "mention", message: /fewer/u }],
    ["offsets beside the text", [1, "T1\tBRAND 13 20\tAspirin"], {
      line: 1,
      field: "start, end",
      message: /" Aspiri"/u,
    }],
    ["an offset that is no number", [1, "T1\tBRAND 14 x\tAspirin"], { line: 1, field: "end", message: /whole/u }],
    ["a relation cut off", [3, "R1\tEFFECT Arg1:T1"], { line: 3, field: "relation", message: /R1/u }],
    ["a relation of an unknown entity", [3, "R1\tEFFECT Arg1:T1 Arg2:T9"], { line: 3, field: "Arg2", message: /T9/u }],
    ["an unknown type", [5, "R2\tMAYBE Arg1:T1 Arg2:T3"], { line: 5, field: "type", message: /MAYBE/u }],
    ["an entity given twice", [4, "T1\tDRUG_N 40 53\tbeta-blockers"], { line: 4, field: "id", message: /twice/u }],
    ["a line of no known kind", [6, "X1\tfoo"], { line: 6, message: /no annotation of BRAT/u }],
    ["a relation of an entity with itself", [3, "R1\tEFFECT Arg1:T2 Arg2:T2"], {
      line: 3,
      field: "Arg2",
      message: /both arguments are entity "T2"/u,
    }],
  ]
  for (const [name, change, expected] of badBrat) {
    it(`refuses BRAT with ${name}`, () =>
      assertInputError(() => brat(change), { file: "Aspirin_ddi.ann", ...expected }))
  }

  it("refuses BRAT annotations without their text", () => {
    assertInputError(() => brat([0, ""], { "b.ann": "" }), { file: "b.ann", field: ".txt", message: /no text/u })
  })
})

type Expected = Parameters<typeof assertInputError>[1]
