import { assert, describe, it } from "@effect/vitest"
import type { Document } from "../../../schemas/documents.ts"
import { corporaMissing, published, skipReason } from "../support.ts"

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

const bioredTrain = {
  documents: 400,
  relations: 4178,
  none: 5,
  mentions: 13_351,
  labels: {
    "Association/Novel": 1470,
    "Association/No": 722,
    "Positive_Correlation/Novel": 786,
    "Positive_Correlation/No": 303,
    "Negative_Correlation/Novel": 511,
    "Negative_Correlation/No": 252,
    "Bind/Novel": 17,
    "Bind/No": 44,
    "Cotreatment/Novel": 23,
    "Cotreatment/No": 8,
    "Comparison/Novel": 23,
    "Comparison/No": 5,
    "Drug_Interaction/Novel": 8,
    "Drug_Interaction/No": 3,
    "Conversion/No": 3,
  },
}
const bioredDev = {
  documents: 100,
  relations: 1162,
  none: 2,
  mentions: 3533,
  labels: {
    "Association/Novel": 413,
    "Association/No": 147,
    "Positive_Correlation/Novel": 256,
    "Positive_Correlation/No": 96,
    "Negative_Correlation/Novel": 153,
    "Negative_Correlation/No": 63,
    "Bind/Novel": 2,
    "Bind/No": 17,
    "Cotreatment/Novel": 6,
    "Cotreatment/No": 4,
    "Comparison/Novel": 5,
  },
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
  "biored train": bioredTrain,
  "biored dev": bioredDev,
  "biored train bioc": bioredTrain,
  "biored dev bioc": bioredDev,
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

  it("BioRED is the same in PubTator and BioC", () => {
    for (const portion of ["train", "dev"] as const) {
      // As strings, because a deep comparison of so many rows takes seconds.
      assert.isTrue(
        JSON.stringify([...published[`biored ${portion} bioc`]()])
          === JSON.stringify([...published[`biored ${portion}`]()]),
      )
    }
  })

  it("BioRED by type and by novelty, its relations of a concept with itself, its variants and a concept of two types", () => {
    const documents = [...published["biored train"](), ...published["biored dev"]()]
    const relations = documents.flatMap((document) => document.relations)
    const by = (part: 0 | 1) =>
      Object.fromEntries([...Map.groupBy(relations, ({ label }) => label.split("/")[part])].map(([name, own]) => [
        name,
        own.length,
      ]))
    assert.deepStrictEqual(by(0), {
      Association: 2192 + 560,
      Positive_Correlation: 1089 + 352,
      Negative_Correlation: 763 + 216,
      Bind: 61 + 19,
      Cotreatment: 31 + 10,
      Comparison: 28 + 5,
      Drug_Interaction: 11,
      Conversion: 3,
    })
    assert.deepStrictEqual(by(1), { Novel: 2838 + 835, No: 1340 + 327 })
    assert.deepStrictEqual(
      relations.flatMap(({ arguments: [head = "", tail] }) => (head === tail ? [head] : [])),
      ["4790", "3048", "4052", "22083"],
    )
    const types = new Map<string, Set<string>>()
    for (const { type, concepts } of documents.flatMap(({ mentions }) => mentions)) {
      for (const concept of concepts) types.set(concept, (types.get(concept) ?? new Set()).add(type))
    }
    assert.deepStrictEqual([...types].filter(([, own]) => own.size > 1).map(([concept]) => concept), ["9685"])
    const variants = [...types.keys()].filter((concept) => concept.includes("|"))
    assert.include(variants, "c|DEL|1314_1328|")
    // The ids of two diseases have a bar too, and no relation.
    assert.deepStrictEqual(
      variants.filter((concept) => types.get(concept)?.has("SequenceVariant") !== true).toSorted(),
      ["D015458|D016399", "D017180|D014693"],
    )
    // No pair has two relations, in whatever order.
    const pairs = documents.map((document) =>
      new Set(document.relations.map((relation) => relation.arguments.toSorted().join(" "))).size
    )
    assert.deepStrictEqual(pairs, documents.map((document) => document.relations.length))
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
