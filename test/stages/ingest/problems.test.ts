import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Format } from "../../../stages/ingest/formats.ts"
import { documentsOf, type Files, readingOf, withFiles } from "../support.ts"

/** A document of a corpus in which each document reads "Lead causes rash N." */
interface Made {
  readonly id: string
  readonly number: number
  /** What is wrong with it: one of the format's own list, by its index. */
  readonly wrong: number | undefined
}

const textOf = ({ number }: Made): string => `Lead causes rash ${number}.`

/** By format: how many ways there are for a document to be wrong, and the files of documents. */
const formats: Readonly<
  Record<Format, { readonly ways: number; readonly files: (all: ReadonlyArray<Made>) => Files }>
> = {
  "pubtator": {
    ways: 5,
    files: (all) => ({
      "c.txt": all.map((made) => {
        const { id, wrong } = made
        const lines = [
          `${id}|t|Lead causes`,
          `${id}|a|rash ${made.number}.`,
          `${id}\t0\t4\tLead\tChemical\tD1`,
          `${id}\t12\t16\trash\tDisease\tD2`,
          `${id}\tCID\tD1\tD2`,
        ]
        const ways = [
          lines.with(2, `${id}\t0\t4\tLead`),
          lines.with(3, `${id}\t12\tx\trash\tDisease\tD2`),
          lines.with(4, `${id}\tCID\tD1\tD9`),
          lines.toSpliced(1, 1),
          lines.with(4, "no line"),
        ]
        return (wrong === undefined ? lines : ways[wrong] ?? []).join("\n")
      }).join("\n\n"),
    }),
  },
  "bioc": {
    ways: 3,
    files: (all) => ({
      "c.xml": `<collection>\n${
        all.map((made) => {
          const { id, wrong } = made
          return `<document><id>${id}</id>
<passage><offset>0</offset><text>${textOf(made)}</text>
<annotation id="0"><infon key="type">Chemical</infon><infon key="MESH">D1</infon>
<location offset="${wrong === 0 ? "x" : "0"}" length="4"/><text>Lead</text></annotation>
<annotation id="1"><infon key="type">Disease</infon><infon key="MESH">D2</infon>
<location offset="12" length="4"/><text>${wrong === 1 ? "rush" : "rash"}</text></annotation></passage>
<relation id="R0"><infon key="relation">CID</infon><infon key="Chemical">D1</infon>
<infon key="Disease">${wrong === 2 ? "D9" : "D2"}</infon></relation></document>`
        }).join("\n")
      }\n</collection>`,
    }),
  },
  "chemprot": {
    ways: 5,
    files: (all) => ({
      "x_abstracts.tsv": all.map(({ id, number, wrong }) =>
        wrong === 0 ? `${id}\tLead causes` : `${id}\tLead causes\trash ${number}.`
      ).join("\n"),
      "x_entities.tsv": all.flatMap(({ id, wrong }) => [
        `${id}\tT1\tCHEMICAL\t0\t${wrong === 1 ? "5" : "4"}\tLead`,
        `${id}\tT2\tGENE-Y\t12\t16${wrong === 2 ? "" : "\trash"}`,
      ]).join("\n"),
      "x_gold_standard.tsv": all.map(({ id, wrong }) =>
        `${id}\t${wrong === 3 ? "CPR:99" : "CPR:4"}\tArg1:T1\tArg2:${wrong === 4 ? "T9" : "T2"}`
      ).join("\n"),
    }),
  },
  "ddi-xml": {
    ways: 4,
    files: (all) =>
      Object.fromEntries(all.map((made) => [
        `${made.id}.xml`,
        `<document id="d"><sentence id="s" text="${textOf(made)}">
<entity id="e0" charOffset="0-3" type="drug" text="${made.wrong === 0 ? "Laed" : "Lead"}"/>
<entity id="e1" charOffset="12-15" type="drug" text="rash"/>
<pair id="p" e1="e0" e2="${made.wrong === 1 ? "e9" : "e1"}" ddi="${made.wrong === 2 ? "yes" : "true"}" type="int"/>
</sentence>${made.wrong === 3 ? "" : "</document>"}`,
      ])),
  },
  "brat": {
    ways: 4,
    files: (all) =>
      Object.fromEntries(all.flatMap((made) => {
        const { id, wrong } = made
        const lines = ["T1\tDRUG 0 4\tLead", "T2\tDRUG 12 16\trash", "R1\tINT Arg1:T1 Arg2:T2"]
        const ways = [
          lines.with(0, "T1\tDRUG 0 99\tLead"),
          lines.with(1, "X2\tDRUG 12 16\trash"),
          lines.with(2, "R1\tINT Arg1:T1 Arg2:T9"),
        ]
        const annotations = wrong === undefined ? lines : ways[wrong]
        return [
          [`${id}.txt`, textOf(made)] as const,
          ...(annotations === undefined ? [] : [[`${id}.ann`, annotations.join("\n")] as const]),
        ]
      })),
  },
  "dce": {
    ways: 3,
    files: (all) => ({
      "d.jsonl": all.map((made) =>
        JSON.stringify({
          doc_id: made.id,
          sentence: textOf(made),
          spans: [
            { span_id: 0, text: made.wrong === 0 ? "Laed" : "Lead", start: 0, end: 4 },
            { span_id: 1, text: "rash", start: 12, end: 16 },
          ],
          rels: [{ class: made.wrong === 1 ? "ZAP" : "POS", spans: [0, made.wrong === 2 ? 9 : 1] }],
        })
      ).join("\n"),
    }),
  },
}

const sound = (ids: ReadonlyArray<string>): ReadonlyArray<Made> =>
  ids.map((id, number) => ({ id, number, wrong: undefined }))

const broken = (count: number): Files => ({
  "c.txt": Array.from({ length: count }, (_, index) => `${index}|t|Lead\n${index}|a|\n${index}\t0\t9\tLead`).join("\n"),
})

describe("what is wrong in a corpus", () => {
  it.each(Format.literals)("of %s is told of each document, and all others are read as without these", (format) => {
    const { ways, files } = formats[format]
    const made = fc.array(fc.option(fc.nat(ways - 1), { nil: undefined }), { minLength: 1, maxLength: 12 }).map((all) =>
      all.map((wrong, number): Made => ({ id: `n${number}`, number, wrong }))
    )
    fc.assert(
      fc.property(made, (all) => {
        const { documents, problems } = withFiles(files(all), (sources) => readingOf(format, sources, "train"))
        const wrong = all.filter(({ wrong }) => wrong !== undefined).map(({ id }) => id)
        assert.sameMembers([...problems.documents], wrong)
        assert.strictEqual(problems.beyondDocuments, undefined)
        assert.strictEqual(problems.error() === undefined, wrong.length === 0)
        const right = all.filter(({ wrong }) => wrong === undefined)
        // Without the others, the same documents come out of the files.
        assert.deepStrictEqual(documents, right.length === 0 ? [] : documentsOf(format, files(right)))
        assert.deepStrictEqual(
          documents.map(({ id, text, relations }) => [id, text, relations.length]),
          right.map((one) => [one.id, textOf(one), 1]),
        )
      }),
      { numRuns: 40 },
    )
  })

  it("is one error with the place of the first, which names the first 20 and counts all", () => {
    const error = withFiles(broken(30), (sources) => readingOf("pubtator", sources, "train").problems.error())
    const lines = error?.message.split("\n") ?? []
    assert.deepStrictEqual([error?.file, error?.line, error?.field], ["c.txt", 3, "type"])
    assert.match(lines[0] ?? "", /an annotation has 6 fields/u)
    assert.strictEqual(lines[1], "and 29 more problems, in 30 documents in all; the first 19:")
    assert.lengthOf(lines, 21)
    assert.match(lines[2] ?? "", /^ {2}c\.txt:6 type: an annotation has 6 fields/u)
    assert.match(lines[20] ?? "", /^ {2}c\.txt:60 type: /u)
    assert.match(error?.help ?? "", /restore the line.*\nor, to leave these 30 documents out, write "lenient: true"/u)
  })

  it("of several kinds is told with what to do about each", () => {
    const { files } = formats.pubtator
    const all = [0, 1, 2].map((wrong): Made => ({ id: `n${wrong}`, number: wrong, wrong }))
    const error = withFiles(files(all), (sources) => readingOf("pubtator", sources, "train").problems.error())
    assert.match(
      error?.message ?? "",
      /6 fields[^]*c\.txt:10 end: "x" is not a whole number[^]*no mention .* has that concept/u,
    )
    for (const help of ["restore the line", "decimal digits", "annotate a mention"]) assert.include(error?.help, help)
  })

  it("of one id twice is wrong with both documents, whichever is right", () => {
    const { files } = formats.dce
    const { documents, problems } = withFiles(
      files(sound(["a", "b", "a"])),
      (sources) => readingOf("dce", sources, "train"),
    )
    assert.deepStrictEqual(documents.map(({ id }) => id), ["b"])
    assert.deepStrictEqual(problems.documents, ["a"])
  })

  it("of a line that names no document is told by its place; of a file, it cannot be left out", () => {
    const [good = ""] = Object.values(formats.dce.files(sound(["a"])))
    const dce = withFiles(
      { "d.jsonl": `${String(good)}\n{"doc_id": "b` },
      (sources) => readingOf("dce", sources, "train"),
    )
    assert.deepStrictEqual(dce.problems.documents, ["d.jsonl:2"])
    assert.deepStrictEqual(dce.documents.map(({ id }) => id), ["a"])
    const cut = String(formats.bioc.files(sound(["a", "b"]))["c.xml"]).replace("</collection>", "")
    const bioc = withFiles({ "c.xml": cut }, (sources) => readingOf("bioc", sources, "train").problems)
    assert.match(bioc.beyondDocuments?.message ?? "", /not well formed/u)
    assert.notInclude(bioc.error()?.help, "lenient")
  })

  it("of several lines, pairs or relations of one document is told of each", () => {
    const told = (format: Format, files: Files) => {
      const { problems } = withFiles(files, (sources) => readingOf(format, sources, "train"))
      return [problems.count, problems.documents]
    }
    const pubtator = String(formats.pubtator.files(sound(["a"]))["c.txt"])
    assert.deepStrictEqual(
      told("pubtator", { "c.txt": `${pubtator}\na\tCID\tD1\tD8\na\tCID\tD1\na\tCID\tD1\tD9\na\tZAP\tD1\tD2` }),
      [4, ["a"]],
    )
    const chemprot = formats.chemprot.files(sound(["a"]))
    const gold = "a\tCPR:4\tArg1:T1\na\tCPR:99\tArg1:T1\tArg2:T2\na\tCPR:4\tArg1:T1\tArg2:T9"
    assert.deepStrictEqual(told("chemprot", { ...chemprot, "x_gold_standard.tsv": gold }), [3, ["a"]])
    const [ddi = ""] = Object.values(formats["ddi-xml"].files(sound(["a"])))
    const pairs =
      `<pair e1="e0" e2="e9" ddi="true"/><pair e1="e0" e2="e1" ddi="yes"/><pair e1="e0" e2="e0" ddi="true"/>`
    assert.deepStrictEqual(told("ddi-xml", { "a.xml": String(ddi).replace("</sentence>", `${pairs}</sentence>`) }), [
      3,
      ["a"],
    ])
    const dce = JSON.stringify({
      doc_id: "a",
      sentence: "Lead causes rash.",
      spans: [{ span_id: "0" }, { span_id: 1, text: "rash", start: 12.5, end: 16 }],
      rels: [{ class: 1, spans: [0, 1] }, { class: "POS", spans: [0] }],
    })
    assert.deepStrictEqual(told("dce", { "d.jsonl": dce }), [4, ["a"]])
  })

  it("of a document of BioC whose id comes last is of one document", () => {
    const text = String(formats.bioc.files(sound(["a", "b"]))["c.xml"])
    const [before = "", after = ""] = text.split("<document><id>b</id>")
    const last = `${before}<document>${
      after.replace("offset=\"0\"", "offset=\"x\"").replace("</document>", "<id>b</id></document>")
    }`
    const { documents, problems } = withFiles({ "c.xml": last }, (sources) => readingOf("bioc", sources, "train"))
    assert.deepStrictEqual([documents.map(({ id }) => id), problems.documents], [["a"], ["b"]])
  })

  it("of entities and relations of no abstract in ChemProt is of no document", () => {
    const { "x_abstracts.tsv": abstracts = "", ...others } = formats.chemprot.files(sound(["a", "b"]))
    const cut = String(abstracts).split("\n", 1).join("")
    const { documents, problems } = withFiles(
      { ...others, "x_abstracts.tsv": cut },
      (sources) => readingOf("chemprot", sources, "train"),
    )
    assert.deepStrictEqual([documents.map(({ id }) => id), problems.documents], [["a"], []])
    assert.deepStrictEqual([problems.strays.count, problems.beyondDocuments], [1, undefined])
  })

  it("that follows from something else in the document is not told", () => {
    const lines = [
      "1|t|Lead",
      "1\t0\t4\tLead\tChemical\tD1",
      "1\t0\t4\tLead\tChemical\tD2",
      "1\tCID\tD1\tD2",
      "2|a|x",
      "2\t0\t4\tLead\tChemical\tD1",
    ]
    const { problems } = withFiles({ "c.txt": lines.join("\n") }, (sources) => readingOf("pubtator", sources, "train"))
    assert.deepStrictEqual([problems.count, problems.documents], [2, ["1", "2"]])
  })

  it.each(["pubtator", "chemprot", "dce", "brat", "ddi-xml"] as const)(
    "of %s is told where bytes are not UTF-8, beside all else",
    (format) => {
      const made = (wrong: number | undefined, number: number): Made => ({ id: `n${number}`, number, wrong })
      const files = formats[format].files([made(undefined, 0), made(undefined, 1), made(0, 2), made(undefined, 3)])
      const broken = Object.fromEntries(
        Object.entries(files).map(([name, content]) => {
          // Of the second document alone: the number of its text, where its text is.
          const [before = "", after] = String(content).split("rash 1.")
          return [
            name,
            after === undefined
              ? content
              : Buffer.concat([Buffer.from(before), Buffer.from([0xff]), Buffer.from(after)]),
          ]
        }),
      )
      const { documents, problems } = withFiles(broken, (sources) => readingOf(format, sources, "train"))
      assert.deepStrictEqual(documents.map(({ id }) => id), ["n0", "n3"])
      assert.match(problems.error()?.message ?? "", /not UTF-8/u)
      assert.strictEqual(problems.count, 2)
      assert.strictEqual(problems.beyondDocuments, undefined)
    },
  )

  it("is of no document where a file cannot be read this time", () => {
    const { problems } = withFiles(
      { "a.ann": "", "b.ann": "", "b.txt": "x" },
      (sources) => readingOf("brat", [...sources, { name: "a.txt", path: "/nowhere/a.txt" }], "train"),
    )
    assert.match(problems.beyondDocuments?.message ?? "", /does not exist/u)
    assert.notInclude(problems.error()?.help, "lenient")
  })
})
