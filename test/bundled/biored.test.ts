import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { corporaFolder } from "../../bundled/make.ts"
import { language } from "../stages/ceiling/support.ts"
import { bioredCorpus, readCorpus } from "../stages/support.ts"

const portions = [["Train", "train"], ["Dev", "dev"], ["Test", "test"]] as const
const read = portions.map(([name, portion]) => {
  const file = `biored/${name}.PubTator`
  return [...readCorpus("pubtator", [{ name: file, path: join(corporaFolder, file) }], portion, bioredCorpus)]
})
const documents = read.flat()

describe("the bundled BioRED", () => {
  it("has all six entity types, all eight relation types, and new and known ones", () => {
    const types = new Set(documents.flatMap(({ mentions }) => mentions.map(({ type }) => type)))
    assert.deepStrictEqual(
      [...types].toSorted(),
      ["CellLine", "ChemicalEntity", "DiseaseOrPhenotypicFeature", "GeneOrGeneProduct"]
        .concat("OrganismTaxon", "SequenceVariant"),
    )
    const labels = documents.flatMap(({ relations }) => relations.map(({ label }) => label.split("/")))
    const template = Object.keys(language("biored").template.labels).map((label) => label.split("/"))
    for (const part of [0, 1] as const) {
      assert.deepStrictEqual(new Set(labels.map((label) => label[part])), new Set(template.map((label) => label[part])))
    }
  })

  it("has what is special to the real one", () => {
    const relations = documents.flatMap((document) => document.relations)
    const mentions = documents.flatMap((document) => document.mentions)
    assert.isAbove(mentions.filter(({ concepts }) => concepts.length > 1).length, 5)
    assert.isAbove(mentions.filter(({ concepts: [id = ""] }) => id.includes("|")).length, 20)
    assert.isAbove(relations.filter(({ arguments: [head, tail] }) => head === tail).length, 5)
    const types = new Map<string, Set<string>>()
    for (const { type, concepts } of mentions) {
      for (const id of concepts) types.set(id, (types.get(id) ?? new Set()).add(type))
    }
    assert.deepStrictEqual([...types].filter(([, own]) => own.size > 1).map(([id]) => id), ["D009538"])
    // Arguments have no order: some stand in the text the other way round.
    const place = (document: (typeof documents)[number], id = ""): number =>
      document.mentions.findIndex(({ concepts }) => concepts.includes(id))
    const turned = documents.filter((document) =>
      document.relations.some(({ arguments: [head, tail] }) => place(document, head) > place(document, tail))
    )
    assert.isAbove(turned.length, 20)
    assert.isAbove(documents.length - turned.length, 20)
  })

  it("never says two things of one pair, has documents without relations, and none twice", () => {
    for (const { id, relations } of documents) {
      const pairs = new Set(relations.map((relation) => relation.arguments.toSorted().join(" ")))
      assert.strictEqual(pairs.size, relations.length, id)
    }
    assert.isAbove(documents.filter(({ relations }) => relations.length === 0).length, 5)
    assert.strictEqual(new Set(documents.map(({ text }) => text)).size, documents.length)
    assert.deepStrictEqual(read.map((portion) => portion.length), [160, 40, 60])
  })
})
