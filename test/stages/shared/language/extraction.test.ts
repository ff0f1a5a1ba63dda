import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { parseYaml } from "../../../../pipeline/graph/yaml.ts"
import { clauseParts } from "../../../../stages/shared/language/clause.ts"
import { clauseFinder, extractAll, extractor } from "../../../../stages/shared/language/extraction.ts"
import { Language } from "../../../../stages/shared/language/language.ts"
import { inverted } from "../../../../stages/shared/language/template.ts"

const reading = { search: "all words", blanks: "dropped" } as const

const languageOf = (name: string, edit: (yaml: string) => string = (yaml) => yaml): Language => {
  const yaml = readFileSync(new URL(`../../../../stages/template/${name}.yaml`, import.meta.url), "utf8")
  return parseYaml(edit(yaml), `${name}.yaml`, Language)
}
const read = (name: string, edit?: (yaml: string) => string) => {
  const { template, extraction } = languageOf(name, edit)
  return extractor({ template: inverted(template), extraction, reading })
}
const cdr = read("cdr")
const chemprot = read("chemprot")
const ddi = read("ddi")
const dce = read("dce")
const shown = ({ relations, malformed }: ReturnType<typeof cdr>) => ({
  relations: relations.map(({ label, arguments: strings }) => `${label}: ${strings.join(" | ")}`),
  malformed,
})

describe("extract", () => {
  it("CDR: the head reaches to the last and, the tail to the first exists", () => {
    const text =
      "The relation between salt and pepper and sneezing exists; The relation between b and it exists exists."
    assert.deepStrictEqual(shown(cdr(text)), {
      relations: ["CID: salt and pepper | sneezing", "CID: b | it"],
      malformed: [],
    })
  })

  it("drops one final stop, blanks around pieces, and repeated relations; keeps what is no relation", () => {
    const one = "The relation between a and b exists"
    assert.deepStrictEqual(shown(cdr(` ${one};${one} ;; ; the relation; ${one}.\n`)), {
      relations: ["CID: a | b"],
      malformed: ["the relation"],
    })
    assert.deepStrictEqual(shown(cdr(`So ${one}..`)), { relations: ["CID: a | b"], malformed: [] })
    for (const nothing of ["", ".", " . ", ";"]) {
      assert.deepStrictEqual(shown(cdr(nothing)), { relations: [], malformed: [] })
    }
  })

  it("ChemProt: half of substrate and/or product is enough; an unknown predicate is a wrong prediction", () => {
    const clause = (label: string) => `the relation between a and b is ${label}`
    const labels = ["substrate and/or product", "product", "upregulation", "products", "CPR:3", "agonist\nmore"]
    assert.deepStrictEqual(labels.map((label) => chemprot(`${clause(label)}.`).relations[0]?.label), [
      "CPR:9",
      "CPR:9",
      "CPR:3",
      "?products",
      "?CPR:3",
      "CPR:5",
    ])
    assert.deepStrictEqual(shown(chemprot("No drug-gene relationships are established.")), {
      relations: [],
      malformed: [],
    })
    assert.deepStrictEqual(shown(chemprot("No drug-drug interactions are established.")), {
      relations: [],
      malformed: ["No drug-drug interactions are established"],
    })
  })

  it("DDI: all slots greedy", () => {
    const text = "the relation between a and b and c is x is advice"
    assert.deepStrictEqual(shown(ddi(text)).relations, ["advise: a and b | c is x"])
  })

  it("DCE: lists with any of the joins, hyphens closed, positive wherever it stands", () => {
    const text = [
      "a, b, and c participate in a positive drug combination",
      "a, b and c participate in a  drug combination",
      "5 - fu and d participate in a combination that is positive",
      "e participate",
      "f and g participate in a drug combination h and i participate in a positive drug combination",
    ].join("; ")
    assert.deepStrictEqual(shown(dce(`${text}.`)), {
      // The last piece lacks a separator: its list ends at the first "participate in", and "positive" follows.
      relations: ["POS: a | b | c", "COMB: a | b | c", "POS: 5-fu | d", "POS: f | g"],
      malformed: ["e participate"],
    })
  })

  it("DCE: negative where the template has words for it, else any combination that is not positive", () => {
    const text = "a and b participate in a negative drug combination"
    assert.deepStrictEqual(shown(dce(text)).relations, ["NEG: a | b"])
    assert.deepStrictEqual(shown(read("dce.authors")(text)).relations, ["COMB: a | b"])
  })

  it("follows the words of an edited clause, and an edited slot without the template", () => {
    const edited = read("cdr", (yaml) => yaml.replace("{head} and {tail} exists", "{head} with {tail} (holds)"))
    assert.deepStrictEqual(shown(edited("The relation between a with b (holds).")).relations, ["CID: a | b"])
    const lazy = read("cdr", (yaml) => yaml.replace(`head: ".*"`, `head: ".*?"`))
    assert.deepStrictEqual(shown(lazy("The relation between a and b and c exists.")).relations, ["CID: a | b and c"])
  })

  it("extracts row by row", () => {
    const yaml = readFileSync(new URL("../../../../stages/template/cdr.yaml", import.meta.url), "utf8")
    const { template, extraction } = parseYaml(yaml, "cdr.yaml", Language)
    const generation = { document: "d", prompt: "p", text: "x", tokens: 1, finished: true, sourceTruncated: false }
    const row = { document: "d", relations: [], finished: true, sourceTruncated: false }
    const inversion = { template: inverted(template), extraction, reading }
    assert.deepStrictEqual([...extractAll([generation], { ...inversion, prompt: "dropped" })], [
      { ...row, malformed: ["x"] },
    ])
    assert.deepStrictEqual([...extractAll([generation], { ...inversion, prompt: "kept" })], [
      { ...row, malformed: ["px"] },
    ])
  })

  for (const name of ["cdr", "chemprot", "ddi", "dce", "dce.authors"]) {
    it(`finds clauses of ${name} where JavaScript's own engine finds them`, () => {
      const { template: { clause }, extraction: { slots } } = languageOf(name)
      const parts = clauseParts(clause)
      const pattern = parts.map((part) =>
        part._tag === "Words" ? RegExp.escape(part.text) : `(?<${part.name}>${slots[part.name] ?? ""})`
      ).join("")
      const words = [
        ...parts.flatMap((part) => part._tag === "Words" ? [part.text] : []),
        "a",
        "é ",
        "\n",
        "\u2028",
        "😀",
      ]
      const text = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((all) => all.join(""))
      const find = clauseFinder(clause, slots)
      fc.assert(
        fc.property(text, (piece) => {
          const groups = new RegExp(pattern, "u").exec(piece)?.groups
          assert.deepStrictEqual(find(piece), groups === undefined ? undefined : { ...groups })
        }),
        { numRuns: 500 },
      )
    })
  }
})
