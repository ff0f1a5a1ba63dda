import { assert, describe, it } from "@effect/vitest"
import { existsSync } from "node:fs"
import type { Document } from "../../../schemas/documents.ts"
import { corporaMissing, corpusFile, published, readCorpus, skipReason } from "../support.ts"

interface Counts {
  readonly documents: number
  readonly relations: number
  readonly none: number
  readonly mentions?: number
  readonly labels: Readonly<Record<string, number>>
}

const count = (documents: Iterable<Document>): Required<Counts> => {
  const labels: Record<string, number> = {}
  const total = { documents: 0, relations: 0, none: 0, mentions: 0 }
  for (const document of documents) {
    total.documents += 1
    total.relations += document.relations.length
    total.none += document.relations.length === 0 ? 1 : 0
    total.mentions += document.mentions.length
    for (const { label } of document.relations) labels[label] = (labels[label] ?? 0) + 1
  }
  return { ...total, labels }
}

const ddi = {
  documents: 714,
  relations: 4021,
  none: 204,
  labels: { effect: 1687, mechanism: 1319, advise: 826, int: 189 },
}

/** The counts that the shared folder's README states, and the annotations of the native files. */
const expected: Readonly<Record<keyof typeof published, Counts>> = {
  "cdr train": { documents: 500, relations: 1038, none: 0, mentions: 9385, labels: { CID: 1038 } },
  "cdr dev": { documents: 500, relations: 1012, none: 0, mentions: 9591, labels: { CID: 1012 } },
  "cdr test": { documents: 500, relations: 1066, none: 0, mentions: 9809, labels: { CID: 1066 } },
  // BioC's 9570, 9773 and 9928 annotations include individual mentions, which are parts of others.
  "cdr train bioc": { documents: 500, relations: 1038, none: 0, mentions: 9385, labels: { CID: 1038 } },
  "cdr dev bioc": { documents: 500, relations: 1012, none: 0, mentions: 9591, labels: { CID: 1012 } },
  "cdr test bioc": { documents: 500, relations: 1066, none: 0, mentions: 9809, labels: { CID: 1066 } },
  "chemprot train": {
    documents: 1020,
    relations: 4157,
    none: 385,
    labels: { "CPR:3": 768, "CPR:4": 2254, "CPR:5": 173, "CPR:6": 235, "CPR:9": 727 },
  },
  "chemprot dev": {
    documents: 612,
    relations: 2416,
    none: 236,
    labels: { "CPR:3": 550, "CPR:4": 1094, "CPR:5": 116, "CPR:6": 199, "CPR:9": 457 },
  },
  "dce train": { documents: 1362, relations: 1039, none: 494, labels: { POS: 688, COMB: 235, NEG: 116 } },
  "dce test": { documents: 272, relations: 209, none: 97, labels: { POS: 150, COMB: 43, NEG: 16 } },
  "ddi train xml": ddi,
  "ddi train brat": ddi,
}

const biored = existsSync(corpusFile("biored/Train.PubTator").path)

describe("BioRED, a corpus of other labels in PubTator", () => {
  it.skipIf(!biored)(
    `has the stated documents, mentions and relations${biored ? "" : " [skipped: it is not here]"}`,
    () => {
      const labels = ["Association", "Bind", "Comparison", "Conversion", "Cotreatment", "Drug_Interaction"]
        .concat("Negative_Correlation", "Positive_Correlation")
      const counted = ["Train", "Dev"].map((portion) => {
        const { documents, mentions, relations, none } = count(
          readCorpus("pubtator", [corpusFile(`biored/${portion}.PubTator`)], "train", {
            corpus: "biored",
            labels,
            conceptSeparator: ",",
          }),
        )
        return { documents, mentions, relations, none }
      })
      assert.deepStrictEqual(counted, [
        { documents: 400, mentions: 13_351, relations: 4178, none: 5 },
        { documents: 100, mentions: 3533, relations: 1162, none: 2 },
      ])
    },
  )
})

const names = Object.keys(published) as ReadonlyArray<keyof typeof published>
const squeeze = (text: string): string => text.replace(/\s+/gu, "")

describe.skipIf(corporaMissing !== undefined)(`published corpora${skipReason}`, () => {
  for (const name of names) {
    it(`${name} has the stated documents, relations and labels`, () => {
      const { mentions, ...counts } = count(published[name]())
      const { mentions: wanted, ...others } = expected[name]
      assert.deepStrictEqual(counts, others)
      if (wanted !== undefined) assert.strictEqual(mentions, wanted)
    })
  }

  it("every mention's spans cover its text, and every relation's arguments are mentioned", () => {
    const wrong: Array<string> = []
    for (const name of names) {
      for (const { id, text, mentions, relations } of published[name]()) {
        for (const mention of mentions) {
          const covered = mention.spans.map(({ start, end }) => text.slice(start, end)).join(" ")
          // In discontinuous mentions the corpus and the spans differ in blanks.
          const same = mention.spans.length > 1 ? squeeze(covered) === squeeze(mention.text) : covered === mention.text
          if (!same) wrong.push(`${name} ${id} ${mention.id}`)
        }
        const known = new Set(mentions.flatMap((mention) => mention.concepts.concat(mention.id)))
        for (const argument of relations.flatMap((relation) => relation.arguments)) {
          if (!known.has(argument)) wrong.push(`${name} ${id} ${argument}`)
        }
      }
    }
    assert.deepStrictEqual(wrong, [])
  })

  it("CDR is the same in PubTator and BioC, but for a part in each of two documents", () => {
    const others: Array<string> = []
    for (const portion of ["train", "dev", "test"] as const) {
      const [bioc, pubtator] = [[...published[`cdr ${portion} bioc`]()], [...published[`cdr ${portion}`]()]]
      assert.strictEqual(bioc.length, pubtator.length)
      // As strings, because a deep comparison of so many rows takes seconds.
      for (const [index, document] of bioc.entries()) {
        if (JSON.stringify(document) === JSON.stringify(pubtator[index])) continue
        others.push(document.id)
        const [one, other] = [document, pubtator[index]].map((each) =>
          JSON.stringify({ ...each, mentions: each?.mentions.map((mention) => ({ ...mention, parts: [] })) })
        )
        assert.strictEqual(one, other)
      }
    }
    assert.deepStrictEqual(others, ["24100055", "7477981"])
  })

  it("CDR test: 368 of 2132 arguments have another longest mention than the code-point-greatest one", () => {
    let total = 0
    let different = 0
    for (const { mentions, relations } of published["cdr test"]()) {
      for (const concept of relations.flatMap((relation) => relation.arguments)) {
        const strings = mentions.filter(({ concepts }) => concepts.includes(concept)).map(({ text }) => text)
        const longest = strings.reduce((best, text) => (text.length > best.length ? text : best), "")
        const greatest = strings.reduce((best, text) => (text > best ? text : best), "")
        total += 1
        if (longest !== greatest) different += 1
      }
    }
    assert.deepStrictEqual([different, total], [368, 2132])
  })

  it("DDI is the same in XML and BRAT: texts, and relations by their places, strings and labels", () => {
    const relationsOf = ({ mentions, relations }: Document) =>
      relations.map((relation) => [
        relation.label,
        ...relation.arguments.map((id) => {
          const mention = mentions.find((one) => one.id === id)
          return [mention?.text, mention?.type, mention?.spans]
        }),
      ])
    const xml = [...published["ddi train xml"]()]
    const brat = [...published["ddi train brat"]()]
    assert.deepStrictEqual(xml.map(({ id }) => id), brat.map(({ id }) => id))
    assert.isTrue(xml.every(({ text }, index) => text === brat[index]?.text))
    assert.isTrue(JSON.stringify(xml.map(relationsOf)) === JSON.stringify(brat.map(relationsOf)))
  })

  it("DCE has four spans, in no relation, whose text begins or ends inside a word", () => {
    const inside = [...published["dce train"]()].flatMap(({ text, mentions, relations }) =>
      mentions.filter(({ spans }) =>
        spans.some(({ start, end }) =>
          /\w\w/u.test(text.slice(Math.max(0, start - 1), start + 1))
          || /\w\w/u.test(text.slice(end - 1, end + 1))
        )
      ).map(() => relations.length)
    )
    assert.deepStrictEqual(inside, [0, 0, 0, 0])
  })
})
