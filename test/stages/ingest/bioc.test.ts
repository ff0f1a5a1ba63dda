import { assert, describe, it } from "@effect/vitest"
import { assertInputError, documentsOf } from "../support.ts"

const annotation = (id: string, type: string, mesh: string, locations: string, text: string, extra = "") =>
  `<annotation id='${id}'><infon key="type">${type}</infon>${extra}<infon key="MESH">${mesh}</infon>
${locations}<text>${text}</text></annotation>`
const at = (offset: number, length: number) => `<location offset='${offset}' length='${length}' />`
const individual = `<infon key="CompositeRole">IndividualMention</infon>`
const relation = (chemical: string, disease: string, label = "CID") =>
  `<relation id='R0'><infon key="relation">${label}</infon><infon key="Chemical">${chemical}</infon>
<infon key="Disease">${disease}</infon></relation>`
const xml = (relations: string, annotations = "") =>
  `<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE collection SYSTEM 'BioC.dtd'>
<collection><source>ours</source><date>0</date><key>k</key>
<document>
<id>101</id>
<passage><infon key="type">title</infon><offset>0</offset><text>Lead &amp; rash.</text>
${annotation("0", "Chemical", "D007854", at(0, 4), "Lead")}
</passage>
<passage><infon key="type">abstract</infon><offset>13</offset><text>Renal or hepatic failure.</text>
${annotation("1", "Disease", "D051437|D017093", at(13, 24), "Renal or hepatic failure")}
${annotation("2", "Disease", "D051437", at(13, 5) + at(30, 7), "Renal failure", individual)}
${annotation("3", "Disease", "D017093", at(22, 15), "hepatic failure", individual)}
${annotations}
</passage>
${relations}
</document>
</collection>
`
const read = (content: string) => documentsOf("bioc", { "c.xml": content })

describe("BioC", () => {
  it("reads what PubTator says of the same document; individual mentions are left out", () => {
    const pubtator = [
      "101|t|Lead & rash.",
      "101|a|Renal or hepatic failure.",
      "101\t0\t4\tLead\tChemical\tD007854",
      "101\t13\t37\tRenal or hepatic failure\tDisease\tD051437|D017093\tRenal failure|hepatic failure",
      "101\tCID\tD007854\tD017093",
    ]
    assert.deepStrictEqual(
      read(xml(relation("D007854", "D017093"))),
      documentsOf("pubtator", { "c.txt": pubtator.join("\n") }),
    )
  })

  it("reads a mention in several places, CR LF, and the id -1", () => {
    const discontinuous = annotation("4", "Disease", "-1", at(13, 5) + at(30, 7), "Renal failure")
    const [document] = read(xml("", discontinuous).replaceAll("\n", "\r\n"))
    assert.deepStrictEqual(document?.mentions[2], {
      id: "T3",
      type: "Disease",
      text: "Renal failure",
      spans: [{ start: 13, end: 18 }, { start: 30, end: 37 }],
      concepts: [],
      parts: [],
    })
  })

  it("reads an empty id as none, and refuses a relation whose chemical is a disease", () => {
    const unknown = annotation("4", "Disease", "", at(13, 5) + at(30, 7), "Renal failure")
    assert.deepStrictEqual(read(xml("", unknown))[0]?.mentions[2]?.concepts, [])
    assertInputError(() => read(xml(relation("D017093", "D007854"))), {
      file: "c.xml",
      line: 18,
      field: "chemical",
      message: /CID relation are Disease and Chemical$/u,
    })
  })

  it("refuses XML that is not well formed, with its line", () => {
    assertInputError(() => read(xml("").replace("</document>", "</dokument>")), {
      file: "c.xml",
      line: 19,
      message: /not well formed/u,
    })
    const cut = xml("").slice(0, 700)
    assertInputError(() => read(cut), {
      file: "c.xml",
      line: cut.split("\n").length,
      message: /not well formed/u,
    })
  })

  it("refuses a relation of an unknown concept, an unknown label, and offsets beside the text", () => {
    assertInputError(() => read(xml(relation("D007854", "D000001"))), {
      file: "c.xml",
      line: 18,
      field: "disease",
      message: /D000001/u,
    })
    assertInputError(() => read(xml(relation("D007854", "D017093", "CIX"))), {
      file: "c.xml",
      line: 18,
      field: "relation",
      message: /CIX/u,
    })
    assertInputError(() => read(xml("", annotation("4", "Disease", "D1", at(14, 5), "Renal"))), {
      file: "c.xml",
      line: 16,
      field: "location",
      message: /cover "enal "/u,
    })
    assertInputError(() => read(xml("", annotation("4", "Disease", "D1", "", "Renal"))), {
      file: "c.xml",
      line: 16,
      field: "location",
      message: /no <location>/u,
    })
  })

  it("refuses missing parts", () => {
    assertInputError(() => read(xml("").replace("<id>101</id>", "")), {
      file: "c.xml",
      line: 3,
      field: "id",
      message: /no id/u,
    })
    assertInputError(() => read(xml("").replace(`<infon key="MESH">D007854</infon>`, "")), {
      file: "c.xml",
      line: 6,
      field: "MESH",
      message: /MESH/u,
    })
    assertInputError(() => read(xml("").replace("<offset>13</offset>", "<offset>5</offset>")), {
      file: "c.xml",
      line: 9,
      field: "offset",
      message: /before the end/u,
    })
    assertInputError(() => read("<collection></collection>"), { file: "c.xml", message: /no document/u })
  })
})
