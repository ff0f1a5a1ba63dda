import { assert, describe, it } from "@effect/vitest"
import { language } from "../ceiling/support.ts"
import { assertInputError, documentsOf, type Files } from "../support.ts"

const files = (change: Partial<Record<"abstracts" | "entities" | "gold", string>> = {}): Files => ({
  "x_abstracts.tsv": change.abstracts
    ?? "11\tZinc and p53.\tZinc binds p53 and β-actin.\n12\tNo relation.\tNone at all.\n",
  "x_entities.tsv": change.entities ?? [
    "12\tT1\tGENE-N\t0\t2\tNo",
    "11\tT1\tCHEMICAL\t14\t18\tZinc",
    "11\tT2\tGENE-Y\t25\t28\tp53",
    "11\tT3\tGENE-N\t33\t40\tβ-actin",
    "",
  ].join("\n"),
  "x_gold_standard.tsv": change.gold ?? "11\tCPR:4\tArg1:T1\tArg2:T2\n11\tCPR:3\tArg1:T1\tArg2:T2\n",
})
const read = (input: Files) => documentsOf("chemprot", input)
const relationsFile = (lines: ReadonlyArray<string>): Files => {
  const { "x_gold_standard.tsv": _, ...others } = files()
  return { ...others, "x_relations.tsv": lines.join("\r\n") }
}

describe("ChemProt", () => {
  it("reads documents in the order of the abstracts, with a pair in two groups", () => {
    const [first, second] = read(files())
    assert.deepStrictEqual(first, {
      corpus: "chemprot",
      portion: "train",
      id: "11",
      text: "Zinc and p53. Zinc binds p53 and β-actin.",
      mentions: [
        { id: "T1", type: "CHEMICAL", text: "Zinc", spans: [{ start: 14, end: 18 }], concepts: [], parts: [] },
        { id: "T2", type: "GENE-Y", text: "p53", spans: [{ start: 25, end: 28 }], concepts: [], parts: [] },
        { id: "T3", type: "GENE-N", text: "β-actin", spans: [{ start: 33, end: 40 }], concepts: [], parts: [] },
      ],
      relations: [
        { label: "CPR:4", level: "mention", arguments: ["T1", "T2"] },
        { label: "CPR:3", level: "mention", arguments: ["T1", "T2"] },
      ],
    })
    assert.deepStrictEqual([second?.id, second?.relations], ["12", []])
  })

  it("takes the evaluated groups of a relations file, each pair once in a group", () => {
    const [first] = read(relationsFile([
      "11\tCPR:4\tY \tINHIBITOR\tArg1:T1\tArg2:T2",
      "11\tCPR:4\tY \tDOWNREGULATOR\tArg1:T1\tArg2:T2",
      "11\tCPR:2\tN \tREGULATOR\tArg1:T1\tArg2:T3",
      "11\tCPR:9\tY \tSUBSTRATE\tArg1:T1\tArg2:T3 ",
    ]))
    assert.deepStrictEqual(first?.relations.map((relation) => [relation.label, relation.arguments.join(" ")]), [
      ["CPR:4", "T1 T2"],
      ["CPR:9", "T1 T3"],
    ])
  })

  it("reads DrugProt: misspelt abstracts, relations with four fields, and 13 types", () => {
    const { "x_abstracts.tsv": abstracts = "", "x_entities.tsv": entities = "" } = files()
    const types = ["ACTIVATOR", "AGONIST", "AGONIST-ACTIVATOR", "AGONIST-INHIBITOR", "ANTAGONIST", "DIRECT-REGULATOR"]
      .concat("INDIRECT-DOWNREGULATOR", "INDIRECT-UPREGULATOR", "INHIBITOR", "PART-OF", "PRODUCT-OF", "SUBSTRATE")
      .concat("SUBSTRATE_PRODUCT-OF")
    const drugprot = (relations: string) => ({
      "drugprot_training_abstracs.tsv": abstracts,
      "drugprot_training_entities.tsv": entities,
      "drugprot_training_relations.tsv": relations,
    })
    const own = { corpus: "drugprot", labels: Object.keys(language("drugprot").template.labels) }
    assert.deepStrictEqual(own.labels.toSorted(), types)
    const [first, second] = documentsOf(
      "chemprot",
      drugprot(types.map((type) => `11\t${type}\tArg1:T1\tArg2:T2\n`).join("")),
      own,
    )
    assert.deepStrictEqual(first?.relations.map(({ label }) => label), types)
    assert.deepStrictEqual([first?.corpus, second?.relations], ["drugprot", []])
    const refused: ReadonlyArray<readonly [line: string, field: string, message: RegExp]> = [
      ["11\tNOT\tArg1:T1\tArg2:T2", "group", /"NOT"/u],
      ["11\tINHIBITOR\tArg1:T2\tArg2:T1", "Arg1", /GENE-Y/u],
      ["11\tINHIBITOR\tArg1:T1", "Arg2", /4 fields/u],
    ]
    for (const [line, field, message] of refused) {
      const relations = `11\tINHIBITOR\tArg1:T1\tArg2:T2\n${line}\n`
      assertInputError(() => documentsOf("chemprot", drugprot(relations), own), {
        file: "drugprot_training_relations.tsv",
        line: 2,
        field,
        message,
      })
    }
  })

  it("prefers the gold standard to the relations where both are given", () => {
    const both = { ...files(), ...relationsFile(["11\tCPR:9\tY \tSUBSTRATE\tArg1:T1\tArg2:T3"]) }
    assert.deepStrictEqual(read(both), read(files()))
  })

  it("takes CR LF, a byte-order mark, blank lines and blank fields at the end", () => {
    const messy = Object.entries(files()).map(([name, content]) => [
      name,
      `\uFEFF\n${String(content).replaceAll("\n", "\t \t\r\n\r\n")}`,
    ])
    assert.deepStrictEqual(read(Object.fromEntries(messy) as Files), read(files()))
  })

  const gold = "x_gold_standard.tsv"
  const entities = "x_entities.tsv"
  const bad: ReadonlyArray<readonly [string, Files, Parameters<typeof assertInputError>[1]]> = [
    ["a line cut off", files({ gold: "11\tCPR:4\tArg1:T1\n" }), {
      file: gold,
      line: 1,
      field: "Arg2",
      message: /4 fields/u,
    }],
    ["an unknown group", files({ gold: "11\tCPR:44\tArg1:T1\tArg2:T2\n" }), {
      file: gold,
      line: 1,
      field: "group",
      message: /CPR:44/u,
    }],
    ["an unknown entity", files({ gold: "11\tCPR:4\tArg1:T1\tArg2:T9\n" }), {
      file: gold,
      line: 1,
      field: "Arg2",
      message: /"T9"/u,
    }],
    ["a malformed argument", files({ gold: "11\tCPR:4\tT1\tArg2:T2\n" }), {
      file: gold,
      line: 1,
      field: "Arg1",
      message: /Arg1:T1/u,
    }],
    ["arguments the wrong way round", files({ gold: "11\tCPR:4\tArg1:T2\tArg2:T1\n" }), {
      file: gold,
      line: 1,
      field: "Arg1",
      message: /GENE-Y/u,
    }],
    ["relations of an unknown document", files({ gold: "\n99\tCPR:4\tArg1:T1\tArg2:T2\n" }), {
      file: gold,
      line: 2,
      field: "document",
      message: /"99"/u,
    }],
    ["entities of an unknown document", files({ gold: "", entities: "99\tT1\tCHEMICAL\t0\t1\tZ\n" }), {
      file: entities,
      line: 1,
      field: "document",
      message: /"99"/u,
    }],
    ["offsets beside the text", files({ entities: "11\tT1\tCHEMICAL\t15\t18\tZinc\n" }), {
      file: entities,
      line: 1,
      field: "start, end",
      message: /inc/u,
    }],
    ["an entity given twice", files({ entities: "11\tT1\tX\t0\t4\tZinc\n11\tT1\tX\t0\t4\tZinc\n" }), {
      file: entities,
      line: 2,
      field: "id",
      message: /twice/u,
    }],
    ["an abstract cut off", files({ abstracts: "11\tZinc and p53.\n" }), {
      file: "x_abstracts.tsv",
      line: 1,
      field: "abstract",
      message: /3 fields/u,
    }],
    ["a document given twice", files({ gold: "", entities: "", abstracts: "1\ta\tb\n1\ta\tb\n" }), {
      file: "x_abstracts.tsv",
      line: 2,
      field: "document",
      message: /x_abstracts.tsv:1/u,
    }],
    ["a missing file", { "x_abstracts.tsv": "", "x_entities.tsv": "" }, {
      file: "x_abstracts.tsv",
      field: "gold_standard",
      message: /gold_standard/u,
    }],
    ["two portions at once", { ...files(), "y_entities.tsv": "" }, { file: "y_entities.tsv", message: /two files/u }],
  ]
  for (const [name, input, expected] of bad) it(`refuses ${name}`, () => assertInputError(() => read(input), expected))
})
