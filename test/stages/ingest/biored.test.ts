import { assert, describe, it } from "@effect/vitest"
import { assertInputError, bioredCorpus, documentsOf } from "../support.ts"

const file = "biored.txt"

/** Words with their type and their ids, as BioRED annotates them. */
const text = "EGFR and ErbB family with T790M or 123A>G. Erlotinib treats lung and colon cancer in VACV, vaccinia."
const annotated: ReadonlyArray<readonly [text: string, type: string, ids: string]> = [
  ["EGFR", "GeneOrGeneProduct", "1956"],
  ["ErbB family", "GeneOrGeneProduct", "1956,2064"],
  ["T790M", "SequenceVariant", "p|SUB|T|790|M"],
  ["123A>G", "SequenceVariant", "c|SUB|A|123|G"],
  ["Erlotinib", "ChemicalEntity", "D000069347"],
  ["lung and colon cancer", "DiseaseOrPhenotypicFeature", "D008175,D003110"],
  ["VACV", "GeneOrGeneProduct", "9685"],
  ["vaccinia", "OrganismTaxon", "9685"],
]
const relations: ReadonlyArray<readonly [type: string, head: string, tail: string, novel: string]> = [
  ["Bind", "1956", "1956", "No"],
  ["Association", "p|SUB|T|790|M", "D008175", "Novel"],
  ["Negative_Correlation", "D003110", "D000069347", "Novel"],
  ["Association", "c|SUB|A|123|G", "9685", "No"],
]
const [title = "", abstract = ""] = text.split(/(?<=\.) /u)

const pubtator = [
  `7|t|${title}`,
  `7|a|${abstract}`,
  ...annotated.map(([words, type, ids]) => {
    const start = text.indexOf(words)
    return ["7", start, start + words.length, words, type, ids].join("\t")
  }),
  ...relations.map((relation) => ["7", ...relation].join("\t")),
]

const xml = (written: string): string => written.replaceAll(">", "&gt;")
const bioc = `<?xml version='1.0'?><!DOCTYPE collection SYSTEM "BioC.dtd"><collection><document><id>7</id>`
  + `<passage><infon key="type">title</infon><offset>0</offset><text>${xml(title)}</text></passage>`
  + `<passage><infon key="type">abstract</infon><offset>${title.length + 1}</offset><text>${abstract}</text>`
  + annotated.map(([words, type, ids], index) =>
    `<annotation id="${index}"><infon key="identifier">${ids}</infon><infon key="type">${type}</infon>`
    + `<location offset="${text.indexOf(words)}" length="${words.length}"/><text>${xml(words)}</text></annotation>`
  ).join("")
  + "</passage>"
  + relations.map(([type, head, tail, novel], index) =>
    `<relation id="R${index}"><infon key="entity1">${head}</infon><infon key="entity2">${tail}</infon>`
    + `<infon key="type">${type}</infon><infon key="novel">${novel}</infon></relation>`
  ).join("")
  + "</document></collection>"

/** The document without one line, or with another in its place. */
const but = (line: number, other: string): string =>
  pubtator.map((own, index) => (index + 1 === line ? other : own)).join("\n")

describe("BioRED's files", () => {
  const [document] = documentsOf("pubtator", { [file]: pubtator.join("\n") }, bioredCorpus)

  it("have lists of ids with commas, and ids of variants with bars, which are whole", () => {
    assert.deepStrictEqual(
      document?.mentions.map(({ concepts }) => concepts),
      annotated.map(([, , ids]) => ids.split(",")),
    )
    assert.deepStrictEqual(document?.mentions[3]?.concepts, ["c|SUB|A|123|G"])
  })

  it("say of a relation what is in its label: type and novelty", () => {
    assert.deepStrictEqual(document?.relations, [
      { label: "Bind/No", level: "concept", arguments: ["1956", "1956"] },
      { label: "Association/Novel", level: "concept", arguments: ["p|SUB|T|790|M", "D008175"] },
      { label: "Negative_Correlation/Novel", level: "concept", arguments: ["D003110", "D000069347"] },
      { label: "Association/No", level: "concept", arguments: ["c|SUB|A|123|G", "9685"] },
    ])
  })

  it("are the same in BioC", () => {
    assert.deepStrictEqual(
      documentsOf("bioc", { "biored.xml": bioc }, bioredCorpus),
      document === undefined ? [] : [
        document,
      ],
    )
  })

  it("may relate one pair in two ways", () => {
    const [both] = documentsOf("pubtator", { [file]: but(14, "7\tBind\tp|SUB|T|790|M\tD008175\tNovel") }, bioredCorpus)
    assert.deepStrictEqual(both?.relations.map(({ label }) => label), [
      "Bind/No",
      "Association/Novel",
      "Negative_Correlation/Novel",
      "Bind/Novel",
    ])
  })

  const wrong: ReadonlyArray<readonly [what: string, files: Readonly<Record<string, string>>, field: string, RegExp]> =
    [
      ["a novelty that nobody knows", { [file]: but(11, "7\tBind\t1956\t1956\tMaybe") }, "label", /Bind\/Maybe/u],
      ["a relation without its novelty", { [file]: but(11, "7\tBind\t1956\t1956") }, "novel", /5 fields.*has 4/u],
      ["a relation without an argument", { [file]: but(11, "7\tBind\t1956") }, "tail", /5 fields.*has 3/u],
      ["a concept that no mention has", { [file]: but(11, "7\tBind\t1\t1956\tNo") }, "head", /"1"/u],
      ["part of a variant's id", { [file]: but(11, "7\tBind\tp\t1956\tNo") }, "head", /"p"/u],
    ]
  for (const [what, files, field, message] of wrong) {
    it(`refuse ${what}, by its line`, () => {
      assertInputError(() => documentsOf("pubtator", files, bioredCorpus), { file, line: 11, field, message })
    })
  }

  it("refuse in BioC a relation without its novelty, by its line", () => {
    assertInputError(
      () => documentsOf("bioc", { "biored.xml": bioc.replace("<infon key=\"novel\">No</infon>", "") }, bioredCorpus),
      { file: "biored.xml", line: 1, field: "novel", message: /<infon key="novel">/u },
    )
  })
})
