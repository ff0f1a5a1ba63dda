import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import type { Document } from "../../../schemas/documents.ts"
import { parseSplitIds } from "../../../stages/split/ids.ts"
import { split } from "../../../stages/split/split.ts"
import { corporaMissing, corpusFile, documentsOf, published, skipReason } from "../../stages/support.ts"
import { allBundledFiles, publishedFilesOf } from "../corpus.ts"
import { type Departs, documentOf, rendered, treated } from "./support.ts"

const protocols = ["paper", "authors"] as const
const sum = (documents: Iterable<Document>, count: (document: Document) => number): number =>
  Array.from(documents, count).reduce((total, one) => total + one, 0)

describe("departures in what models learn and are tested on", () => {
  describe("greatest-mention", () => {
    const document = documentOf("[Lithium carbonate] and [lithium]: [tremor].", [["CID", "L", "T"]], ["L", "L", "T"])

    it("CDR: a concept is named by the greatest of its mentions, small letters being above capitals", () => {
      assert.deepStrictEqual(protocols.map((protocol) => rendered(document, "cdr", protocol).target), [
        "The relation between Lithium carbonate and tremor exists.",
        "The relation between lithium and tremor exists.",
      ])
      // Every name of the concept is right under both.
      for (const protocol of protocols) {
        const [answer] = rendered(document, "cdr", protocol).answers
        assert.deepStrictEqual(answer?.arguments[0]?.toSorted(), ["Lithium carbonate", "lithium"])
      }
    })

    it.skipIf(corporaMissing !== undefined)(`368 of the 2132 arguments of CDR's test set differ${skipReason}`, () => {
      const names = (document: Document, departs: Departs) =>
        rendered(document, "cdr", departs).answers.flatMap((answer) => answer.arguments.map(([first]) => first))
      let all = 0
      const different = sum(published["cdr test"](), (document) => {
        const authors = names(document, ["greatest-mention"])
        all += authors.length
        return names(document, "paper").filter((name, index) => name !== authors[index]).length
      })
      assert.deepStrictEqual([different, all], [368, 2132])
    })
  })

  describe("lower-cased-gold", () => {
    const document = documentOf("[GSK-1] and [gsk-1] block [ACE].", [["CPR:4", "T1", "T3"], ["CPR:4", "T2", "T3"]])

    it("ChemProt: targets and answers in small letters, so that fewer differ; the source keeps its own", () => {
      const paper = rendered(document, "chemprot", "paper")
      const authors = rendered(document, "chemprot", "authors")
      assert.include(paper.target, "the relation between GSK-1 and ACE is downregulation; ")
      assert.strictEqual(authors.target, "the relation between gsk-1 and ace is downregulation.")
      assert.deepStrictEqual([paper.answers.length, authors.answers.length], [2, 1])
      assert.deepStrictEqual(authors.answers[0]?.arguments, [["gsk-1"], ["ace"]])
      assert.strictEqual(authors.source, paper.source)
      assert.include(authors.source, "GSK-1 and gsk-1 block ACE.")
    })

    it("leaves the other corpora alone", () => {
      const ddi = documentOf("[Aspirin] with [Warfarin].", [["int", "T1", "T2"]])
      assert.include(rendered(ddi, "ddi", "authors").target, "Aspirin and Warfarin")
    })

    it.skipIf(corporaMissing !== undefined)(`3346 and 2042 relations are left of 3460 and 2094${skipReason}`, () => {
      const count = (name: "chemprot train" | "chemprot dev", protocol: "paper" | "authors") =>
        sum(published[name](), (document) => rendered(document, "chemprot", protocol).answers.length)
      assert.deepStrictEqual(
        protocols.map((protocol) => [count("chemprot train", protocol), count("chemprot dev", protocol)]),
        [[3460, 2094], [3346, 2042]],
      )
    })
  })

  describe("no-sentence-filter", () => {
    const document = documentOf("[Aspirin] was given (e.g. 1.5 mg). It hit [COX-1]; [salt] hit [COX-2].", [
      ["CPR:4", "T1", "T2"],
      ["CPR:4", "T3", "T4"],
    ])

    it("ChemProt: relations over a sentence's end stay", () => {
      assert.deepStrictEqual(protocols.map((protocol) => rendered(document, "chemprot", protocol).answers.length), [
        1,
        2,
      ])
      assert.strictEqual(
        rendered(document, "chemprot", "paper").target,
        "the relation between salt and COX-2 is downregulation.",
      )
      assert.lengthOf(rendered(document, "chemprot", ["no-sentence-filter"]).answers, 2)
    })

    it("is about ChemProt alone", () => {
      const ddi = documentOf("[Aspirin] was given. It hit [salt].", [["int", "T1", "T2"]])
      assert.lengthOf(rendered(ddi, "ddi", "paper").answers, 1)
    })
  })

  describe("merged-classes", () => {
    const document = documentOf("[a] [b] [c]", [["NEG", "T1", "T2"], ["COMB", "T2", "T3"], ["COMB", "T1", "T2"]])

    it("DCE: a negative combination is one of unknown effect, whose clause has two blanks", () => {
      const paper = rendered(document, "dce", "paper")
      assert.deepStrictEqual(paper.answers.map(({ label }) => label), ["NEG", "COMB", "COMB"])
      assert.strictEqual(
        paper.target,
        "a and b participate in a negative drug combination; a and b participate in a drug combination; "
          + "b and c participate in a drug combination.",
      )
      const authors = rendered(document, "dce", ["merged-classes"])
      // The first and the third become one.
      assert.deepStrictEqual(authors.answers.map(({ label }) => label), ["COMB", "COMB"])
      assert.strictEqual(
        authors.target,
        "a and b participate in a  drug combination; b and c participate in a  drug combination.",
      )
    })
  })

  describe("ordered-duplicates", () => {
    const document = documentOf("[a] [b] [a] [b]", [["int", "T1", "T2"], ["int", "T3", "T4"], ["effect", "T3", "T4"]])
    const turned = documentOf("[a] [b] [a]", [["int", "T1", "T2"], ["int", "T2", "T3"]])

    it("DDI: relations that read alike count each, and are written once", () => {
      const [paper, authors] = (["paper", ["ordered-duplicates"]] as const).map((departs) =>
        rendered(document, "ddi", departs)
      )
      assert.deepStrictEqual(paper?.answers.map(({ label }) => label), ["int", "effect"])
      assert.deepStrictEqual(authors?.answers.map(({ label }) => label), ["int", "int", "effect"])
      assert.deepStrictEqual(
        authors?.target.slice(0, -1).split("; ").toSorted(),
        paper?.target.slice(0, -1).split("; ").toSorted(),
      )
    })

    it("DCE: combinations that read alike count each, in whatever order their drugs are", () => {
      const twice = documentOf("[a] [b] [a]", [["POS", "T1", "T2"], ["POS", "T2", "T3"]])
      const counted = (["paper", ["ordered-duplicates"]] as const).map((departs) => rendered(twice, "dce", departs))
      assert.deepStrictEqual(counted.map(({ answers }) => answers.length), [1, 2])
      assert.strictEqual(treated("dce", "authors").matching.arguments, "set")
    })

    it("DDI: a relation told the other way round is another one", () => {
      const [paper, authors] = protocols.map((protocol) => rendered(turned, "ddi", protocol))
      assert.lengthOf(paper?.answers ?? [], 1)
      assert.lengthOf(authors?.answers ?? [], 2)
      assert.match(authors?.target ?? "", /;/u)
    })

    it.skipIf(corporaMissing !== undefined)(
      `DDI train: 4021 relations are written as 3878 clauses, so that recall is at most 96.4%${skipReason}`,
      () => {
        const [paper, authors, clauses] = [
          sum(published["ddi train brat"](), (document) => rendered(document, "ddi", "paper").answers.length),
          sum(published["ddi train brat"](), (document) => rendered(document, "ddi", "authors").answers.length),
          sum(published["ddi train brat"](), (document) => {
            const { answers, target } = rendered(document, "ddi", ["ordered-duplicates"])
            return answers.length === 0 ? 0 : target.split("; ").length
          }),
        ]
        // The test set's 96.9 is of other documents; 60 relations are others told the other way round.
        assert.deepStrictEqual([paper, authors, clauses, Math.round((1000 * clauses) / authors) / 10], [
          3818,
          4021,
          3878,
          96.4,
        ])
      },
    )
  })

  describe("drugner-documents", () => {
    const ddi = publishedFilesOf("ddi")
    const folder = (names: ReadonlyArray<string>) => [...new Set(names.map((name) => name.split("/")[2]))]

    it("DDI: the test set is that of its own task; the other task's documents, beside them in BRAT, have no relations", () => {
      assert.deepStrictEqual([folder(ddi.test.set.names), ddi.test.keep], [["Test"], "with relations"])
      assert.deepStrictEqual([folder(ddi.unannotated?.set.names ?? []), ddi.unannotated?.keep], [
        ["Test"],
        "without relations",
      ])
      assert.deepStrictEqual([ddi.unannotated?.format, ddi.unannotated?.portion], ["brat", "test"])
      assert.notStrictEqual(ddi.unannotated?.set.title, ddi.test.set.title)
    })

    it("they have drugs and no interactions, so that whatever is predicted is wrong", () => {
      const [document] = documentsOf("brat", {
        "a.txt": "Aspirin with warfarin.",
        "a.ann": "T1\tdrug 0 7\tAspirin\nT2\tdrug 13 21\twarfarin\n",
      })
      assert.isDefined(document)
      if (document === undefined) return
      assert.strictEqual(rendered(document, "ddi", "authors").target, "No drug-drug interactions are established.")
      assert.deepStrictEqual(rendered(document, "ddi", "authors").answers, [])
    })

    it("no other corpus has such documents, nor do the bundled corpora", () => {
      for (const files of [...["cdr", "chemprot", "dce"].map(publishedFilesOf), ...allBundledFiles()]) {
        assert.isUndefined(files.unannotated)
      }
    })
  })

  describe("authors-split", () => {
    it("DCE and DDI: the ids of a file instead of a seeded fifth", () => {
      const training = ["a", "b", "c", "d", "e"].map((id) => ({ id, portion: "train" as const }))
      const validation = (rows: ReturnType<typeof split>) =>
        rows.filter(({ partition }) => partition === "validation").map(({ document }) => document)
      // numpy's permutation of 5 with seed 0 begins with 2.
      assert.deepStrictEqual(validation(split(training, { method: "fraction", fraction: 0.2, seed: 0 })), ["c"])
      const ids = parseSplitIds(`{ "valid": ["e"], "train": ["d", "c", "b", "a"] }`, "ids.json")
      assert.deepStrictEqual(validation(split(training, { method: "ids" }, ids)), ["e"])
    })

    it("only DCE and DDI have them, and the file says where to get it", () => {
      const [dce, ddi] = [publishedFilesOf("dce"), publishedFilesOf("ddi")]
      assert.deepStrictEqual([dce, ddi].map(({ authorsSplit }) => authorsSplit?.names), [
        ["splits/dce_authors_split_doc_ids.json"],
        ["splits/ddi_authors_split_document_ids.json"],
      ])
      assert.match(ddi.authorsSplit?.provenance?.where ?? "", /DS-PT-IFT.*"train".*"valid"/u)
      for (const files of [...["cdr", "chemprot"].map(publishedFilesOf), ...allBundledFiles()]) {
        assert.isUndefined(files.authorsSplit)
      }
    })

    it.skipIf(corporaMissing !== undefined)(
      `validates on 273 of 1362 and 143 of 714, as a fifth does${skipReason}`,
      () => {
        const sizes = (documents: ReadonlyArray<Document>, name: string) => {
          const ids = parseSplitIds(readFileSync(corpusFile(name).path, "utf8"), name)
          const rows = [
            split(documents, { method: "ids" }, ids),
            split(documents, { method: "fraction", fraction: 0.2, seed: 0 }),
          ].map((all) => new Set(all.filter(({ partition }) => partition === "validation").map((row) => row.document)))
          const [authors = new Set<string>(), fifth = new Set<string>()] = rows
          return {
            all: documents.length,
            authors: authors.size,
            fifth: fifth.size,
            both: authors.intersection(fifth).size,
          }
        }
        const [dce, ddi] = [publishedFilesOf("dce"), publishedFilesOf("ddi")]
        const found = {
          dce: sizes([...published["dce train"]()], dce.authorsSplit?.names[0] ?? ""),
          ddi: sizes([...published["ddi train brat"]()], ddi.authorsSplit?.names[0] ?? ""),
        }
        console.log(`documents that validate: ${JSON.stringify(found)}`)
        assert.deepStrictEqual([found.dce.all, found.dce.authors, found.dce.fifth], [1362, 273, 273])
        assert.deepStrictEqual([found.ddi.all, found.ddi.authors, found.ddi.fifth], [714, 143, 143])
      },
    )
  })

  describe("shuffled-clauses", () => {
    const document = documentOf("[a] [b] [c] [d]", [["int", "T1", "T2"], ["int", "T2", "T3"], ["int", "T3", "T4"]])
    const heads = (target: string) => [...target.matchAll(/between (\w)/gu)].map(([, head]) => head).join("")

    it("ChemProt, DDI, DCE: the text's order, or one that the document's id decides", () => {
      assert.strictEqual(heads(rendered(document, "ddi", "paper").target), "abc")
      const orders = Array.from(
        { length: 20 },
        (_, id) => heads(rendered({ ...document, id: `d${id}` }, "ddi", ["shuffled-clauses"]).target),
      )
      // Six orders are possible, and each keeps all clauses.
      assert.isAtLeast(new Set(orders).size, 4)
      for (const order of orders) assert.strictEqual(order.split("").toSorted().join(""), "abc")
      const again = heads(rendered({ ...document, id: "d0" }, "ddi", ["shuffled-clauses"]).target)
      assert.strictEqual(again, orders[0])
    })

    it("CDR keeps the text's order", () => {
      const concepts = documentOf("[a] [b] [c]", [["CID", "B", "C"], ["CID", "A", "C"]], ["A", "B", "C"])
      for (const departs of ["paper", ["shuffled-clauses"]] as const) {
        assert.strictEqual(heads(rendered(concepts, "cdr", departs).target), "ab")
      }
    })
  })
})
