import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { sentenceStarts } from "../../../../stages/shared/language/sentences.ts"
import { corporaMissing, corpusFile, published, skipReason } from "../../support.ts"

const sentences = (text: string, mentions: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const spans = mentions.map((words) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length }))
  const starts = sentenceStarts(text, spans)
  return starts.map((start, index) => text.slice(start, starts[index + 1]).trim())
}

describe("sentences", () => {
  const whole: ReadonlyArray<string> = [
    "Kinase inhibitors (e.g. Imatinib and Dasatinib) bind ABL1.",
    "It was higher (0.339 vs. 0.003, P < 0.01) in rats.",
    "Doses of 0.5 mg i.v. CCK-8 and 10 mg p.o. daily reduced it.",
    "Growth of E. coli and H. pylori stopped.",
    "Smith et al. (2003) and Fig. 2 show this.",
    "It was approved by the U.S. Food and Drug Administration.",
    "J. Biol. Chem. 279, 13095 says so.",
    "Streptomyces sp. strains produce it.",
  ]
  for (const text of whole) {
    it(`one: ${text}`, () => assert.deepStrictEqual(sentences(text), [text]))
  }

  it("ends: stops before capitals, names in small letters, digits; question marks; brackets", () => {
    const parts = [
      "Does alpha inhibit p38?",
      "It bound CYP3A4 (IC50 = 0.5 µM).",
      "beta(1)-Adrenoceptor density fell.",
      "siRNA against hNET had no effect in vitamin C.",
      "The rats got 5 mg/kg i.p.",
      "Controls did not.",
      "24 male rats, 8 h later, died.",
      "β-Ionone was inert.",
    ]
    assert.deepStrictEqual(sentences(parts.join(" ")), parts)
  })

  it("never begins one inside a mention", () => {
    const text = "A salt of C23H29N7O6. HCl was used. It worked."
    assert.lengthOf(sentences(text), 3)
    assert.deepStrictEqual(sentences(text, ["C23H29N7O6. HCl"]), ["A salt of C23H29N7O6. HCl was used.", "It worked."])
  })

  it("starts are 0 and rising offsets of the text, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "A", "1", ".", " ", ";", "\n", "(", "-", "é", "\u{1D6FC}") }),
        (text) => {
          const starts = sentenceStarts(text, [])
          assert.strictEqual(starts[0], 0)
          for (const [index, start] of starts.entries()) {
            if (index > 0) assert.isTrue(start > (starts[index - 1] ?? 0) && start < text.length)
          }
        },
      ),
    )
  })

  it.skipIf(corporaMissing !== undefined)(
    `DDI: 99.7% of boundaries are the corpus's own, and 98.4% of its own are found${skipReason}`,
    () => {
      const escapes: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: "\"", apos: "'", amp: "&" }
      const plain = (text: string) =>
        text.replace(
          /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/giu,
          (_, decimal, hex, name) =>
            name === undefined ? String.fromCodePoint(Number(decimal ?? `0x${hex}`)) : escapes[name] ?? "",
        )
      const count = { ours: 0, both: 0, theirs: 0 }
      for (const { id, text, mentions } of published["ddi train xml"]()) {
        const skipBlanks = (index: number) => index + (/^\s*/u.exec(text.slice(index))?.[0].length ?? 0)
        const xml = ["DrugBank", "MedLine"].map((part) => corpusFile(`ddi/xml_corpus/Train/${part}/${id}.xml`).path)
          .flatMap((path) => {
            try {
              return readFileSync(path, "utf8")
            } catch {
              return []
            }
          }).join("")
        const gold = new Set<number>()
        let end = 0
        for (const [, sentence = ""] of xml.matchAll(/<sentence [^>]*text="([^"]*)"/gu)) {
          const start = text.indexOf(plain(sentence).trim(), end)
          assert.isAtLeast(start, end)
          // The corpus also cuts lists at semicolons and at blanks, which are no ends of sentences here.
          if (/[.?!][)\]"']*\s+$/u.test(text.slice(0, start))) gold.add(start)
          end = start + plain(sentence).trim().length
        }
        const ours = sentenceStarts(text, mentions.flatMap(({ spans }) => spans)).slice(1).map(skipBlanks)
        count.ours += ours.length
        count.both += ours.filter((start) => gold.has(start)).length
        count.theirs += gold.size
      }
      console.log(`DDI sentence boundaries: ${JSON.stringify(count)}`)
      assert.isAtLeast(count.both / count.ours, 0.99)
      assert.isAtLeast(count.both / count.theirs, 0.98)
    },
  )

  it.skipIf(corporaMissing !== undefined)(
    `ChemProt: no relation of an evaluated group crosses a boundary${skipReason}`,
    () => {
      for (const source of ["chemprot train", "chemprot dev"] as const) {
        const crossing = [...published[source]()].flatMap(({ id, text, mentions, relations }) => {
          const starts = sentenceStarts(text, mentions.flatMap(({ spans }) => spans))
          const sentenceOf = (argument: string) => {
            const at = mentions.find((mention) => mention.id === argument)?.spans[0]?.start ?? -1
            return starts.findLastIndex((start) => start <= at)
          }
          return relations.filter(({ arguments: [head = "", tail = ""] }) => sentenceOf(head) !== sentenceOf(tail))
            .map(() => id)
        })
        assert.deepStrictEqual(crossing, [])
      }
    },
  )

  it("row 13: a text without blanks, however long, is cut in linear time", () => {
    for (const unit of ["a", ".", "!a", "a.)", "'\""]) {
      const text = unit.repeat(500_000)
      const starts = sentenceStarts(`${text}. and`, [])
      assert.strictEqual(starts[0], 0)
    }
  })
})
