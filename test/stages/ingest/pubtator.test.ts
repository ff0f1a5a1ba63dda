import { assert, describe, it } from "@effect/vitest"
import { assertInputError, documentsOf } from "../support.ts"

const title = "Lead causes rash."
const abstract = "Renal or hepatic failure followed lead."
const base = [
  `101|t|${title}`,
  `101|a|${abstract}`,
  "101\t0\t4\tLead\tChemical\tD007854",
  "101\t12\t16\trash\tDisease\tD005076",
  "101\t18\t42\tRenal or hepatic failure\tDisease\tD051437|D017093\tRenal failure|hepatic failure",
  "101\t52\t56\tlead\tChemical\t-1",
  "101\tCID\tD007854\tD005076",
  "101\tCID\tD007854\tD017093",
]
const read = (lines: ReadonlyArray<string>, end = "\n") => documentsOf("pubtator", { "c.txt": lines.join(end) + end })
/** The base document with one line replaced. */
const but = (line: number, text: string) => base.map((old, index) => (index === line - 1 ? text : old))

describe("PubTator", () => {
  it("reads texts, mentions and relations", () => {
    assert.deepStrictEqual(read(base), [{
      corpus: "cdr",
      portion: "train",
      id: "101",
      text: `${title} ${abstract}`,
      mentions: [
        { id: "T1", type: "Chemical", text: "Lead", spans: [{ start: 0, end: 4 }], concepts: ["D007854"], parts: [] },
        { id: "T2", type: "Disease", text: "rash", spans: [{ start: 12, end: 16 }], concepts: ["D005076"], parts: [] },
        {
          id: "T3",
          type: "Disease",
          text: "Renal or hepatic failure",
          spans: [{ start: 18, end: 42 }],
          concepts: ["D051437", "D017093"],
          parts: [
            { text: "Renal failure", concepts: ["D051437"] },
            { text: "hepatic failure", concepts: ["D017093"] },
          ],
        },
        { id: "T4", type: "Chemical", text: "lead", spans: [{ start: 52, end: 56 }], concepts: [], parts: [] },
      ],
      relations: [
        { label: "CID", level: "concept", arguments: ["D007854", "D005076"] },
        { label: "CID", level: "concept", arguments: ["D007854", "D017093"] },
      ],
    }])
  })

  it("takes CR LF, a byte-order mark, blank lines, trailing tabs and repeated relations as they come", () => {
    const plain = read(base)
    assert.deepStrictEqual(read(base, "\r\n"), plain)
    assert.deepStrictEqual(documentsOf("pubtator", { "c.txt": `\uFEFF\n\n${base.join("\n")}` }), plain)
    assert.deepStrictEqual(read(but(4, `${base[3]}\t`)), plain)
    assert.deepStrictEqual(read([...base, "101\tCID\tD007854\tD005076  "]), plain)
  })

  it("takes what other programs call a line break as a character of a text", () => {
    for (const odd of ["\u2028", "\u2029", "\r"]) {
      const [document] = read([`1|t|Lead${odd}causes`, `1|a|rash${odd}.`, "1\t0\t4\tLead\tChemical\tD1"])
      assert.strictEqual(document?.text, `Lead${odd}causes rash${odd}.`)
    }
  })

  it("separates documents by their ids, with or without a blank line, and reads several files", () => {
    const second = base.map((line) => line.replace(/^101/u, "102"))
    assert.deepStrictEqual(read([...base, ...second]).map(({ id }) => id), ["101", "102"])
    const files = { "a.txt": base.join("\n"), "b.txt": second.join("\n") }
    assert.deepStrictEqual(documentsOf("pubtator", files).map(({ id }) => id), ["101", "102"])
  })

  it("counts code points as the corpus does and gives UTF-16 offsets", () => {
    const [document] = read(["7|t|𝛼 lead", "7|a|", "7\t2\t6\tlead\tChemical\tD007854"])
    assert.deepStrictEqual(document?.mentions[0]?.spans, [{ start: 3, end: 7 }])
    assert.strictEqual(document?.text.slice(3, 7), "lead")
  })

  it("pubtator-noid: reads a mention with an empty id as one that has no concept", () => {
    assert.deepStrictEqual(read(but(6, "101\t52\t56\tlead\tChemical\t")), read(base))
  })

  it("pubtator-reversed: refuses a relation whose first argument is the disease, naming both types", () => {
    const reversed = () => read(but(7, "101\tCID\tD005076\tD007854"))
    assertInputError(reversed, {
      file: "c.txt",
      line: 7,
      field: "chemical",
      message: /CID relation are Disease and Chemical$/u,
    })
    const any = documentsOf("pubtator", { "c.txt": but(7, "101\tCID\tD005076\tD007854").join("\n") }, {
      argumentTypes: [],
    })
    assert.deepStrictEqual(any[0]?.relations[0]?.arguments, ["D005076", "D007854"])
  })

  const file = "c.txt"
  const bad: ReadonlyArray<readonly [string, ReadonlyArray<string>, Parameters<typeof assertInputError>[1]]> = [
    ["an annotation cut off", but(4, "101\t12\t16\tra"), { file, line: 4, field: "type", message: /fields/u }],
    ["a line cut to its id", but(4, "101"), { file, line: 4, message: /neither/u }],
    ["a relation cut off", but(8, "101\tCID\tD0078"), { file, line: 8, field: "disease", message: /4 fields/u }],
    ["offsets beside the text", but(4, "101\t11\t15\trash\tDisease\tD1"), {
      file,
      line: 4,
      field: "start, end",
      message: /cover " ras", but the mention is "rash"/u,
    }],
    ["offsets outside the text", but(4, "101\t90\t94\trash\tDisease\tD1"), {
      file,
      line: 4,
      field: "start, end",
      message: /outside/u,
    }],
    ["an offset that is no number", but(4, "101\t12\t1x\trash\tDisease\tD1"), {
      file,
      line: 4,
      field: "end",
      message: /whole number/u,
    }],
    ["a relation of an unknown concept", but(7, "101\tCID\tD007854\tD000001"), {
      file,
      line: 7,
      field: "disease",
      message: /"D000001".*concept/u,
    }],
    ["an unknown label", but(7, "101\tCIX\tD007854\tD005076"), { file, line: 7, field: "label", message: /"CIX"/u }],
    ["an annotation of another document", but(5, "999\t0\t4\tLead\tChemical\tD007854"), {
      file,
      line: 5,
      field: "id",
      message: /"999"/u,
    }],
    ["a title without abstract", [...base, "", "102|t|Alone."], {
      file,
      line: 10,
      field: "abstract",
      message: /no abstract/u,
    }],
    ["annotations without abstract", base.filter((_, index) => index !== 1), {
      file,
      line: 2,
      field: "abstract",
      message: /before its abstract/u,
    }],
    ["an abstract without title", base.slice(1), { file, line: 1, field: "abstract", message: /does not follow/u }],
    ["a document given twice", [...base, "", ...base], { file, line: 10, field: "id", message: /c\.txt:1$/u }],
    ["an empty type", but(4, "101\t12\t16\trash\t\tD1"), { file, line: 4, field: "type", message: /empty/u }],
  ]
  for (const [name, lines, expected] of bad) it(`refuses ${name}`, () => assertInputError(() => read(lines), expected))

  it("reads a corpus of one's own: its labels, and concepts between commas, of which one may hold a bar", () => {
    const own = {
      corpus: "trials",
      labels: ["Bind", "Cause"],
      unusedLabels: ["Compare"],
      conceptSeparator: ",",
    } as const
    const lines = [
      "7|t|Lead causes rash.",
      "7|a|",
      "7\t0\t4\tLead\tChemicalEntity\tD007854,c|DEL|4",
      "7\t12\t16\trash\tPhenotype\tD005076",
      "7\t5\t11\tcauses\tGene\t-",
      "7\tCause\tc|DEL|4\tD005076\tNovel",
      "7\tCompare\tD007854\tD005076\tNo",
    ]
    const of = (written: ReadonlyArray<string>) => documentsOf("pubtator", { "c.txt": written.join("\n") }, own)
    const [document] = of(lines)
    assert.isDefined(document)
    assert.strictEqual(document.corpus, "trials")
    assert.deepStrictEqual(document.mentions.map(({ concepts }) => concepts), [["D007854", "c|DEL|4"], ["D005076"], []])
    assert.deepStrictEqual(document.relations, [
      { label: "Cause", level: "concept", arguments: ["c|DEL|4", "D005076"] },
    ])
    assertInputError(() => of(lines.map((line) => line.replace("Cause", "CID"))), {
      file,
      line: 6,
      field: "label",
      message: /"CID"/u,
    })
  })

  it("refuses an empty file", () => {
    assertInputError(() => read([]), { file, message: /no document/u })
  })
})
