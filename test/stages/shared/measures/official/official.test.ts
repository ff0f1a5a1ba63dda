import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { countCombinations } from "../../../../../stages/shared/measures/official/drug-combinations.ts"
import {
  annotations,
  documentOf,
  measureOfficial,
  type OfficialCorpus,
  predictionOf,
  type Said,
  total,
} from "./support.ts"

/** A document for each corpus, with names that stand more than once. */
const documents = {
  cdr: documentOf(
    "cdr",
    "{a Chemical D1|x} and {b Chemical D1|y} give {c Disease D2+D3|x z}, {d Disease D2|z}.",
    "CID D1 D2",
  ),
  chemprot: documentOf(
    "chemprot",
    "{a CHEMICAL|x} acts on {b GENE-Y|y}. Then {c CHEMICAL|x}, {d CHEMICAL|x} and {e CHEMICAL|z} on {f GENE-N|y}.",
    "CPR:3 a b; CPR:4 d f",
  ),
  ddi: documentOf(
    "ddi",
    "{a drug|x} with {b drug|y}. Then {c drug|x}, {d drug|x} and {e drug|z}.",
    "int a b; effect d e",
  ),
  dce: documentOf("dce", "{0 drug|x} , {1 drug|y} and {2 drug|x} or {3 drug|z}", "POS 1 2 3; COMB 0 1"),
  biored: documentOf(
    "biored",
    "{a Gene G1|x} and {b Gene G1|y} give {c Disease D2+D3|x z}, {d Disease D2|z}.",
    "Bind/No G1 G1; Association/Novel D2 G1",
  ),
}

const labels: Readonly<Record<OfficialCorpus, ReadonlyArray<string>>> = {
  cdr: ["CID"],
  chemprot: ["CPR:3", "CPR:4", "?words"],
  ddi: ["int", "effect", "?words"],
  dce: ["POS", "COMB", "NEG", "?words"],
  biored: ["Bind/No", "Bind/Novel", "Association/Novel", "?words"],
}

const saidOf = (corpus: OfficialCorpus): fc.Arbitrary<Said> => {
  const name = fc.constantFrom("x", "y", "z", "X", "x z", "", "other")
  return fc.array(
    fc.tuple(fc.constantFrom(...labels[corpus]), fc.array(name, { maxLength: 4 })).map(([label, names]) =>
      [label, ...names] as const
    ),
    { maxLength: 6 },
  )
}

const measures: ReadonlyArray<readonly [OfficialCorpus, string]> = [
  ["cdr", "concept pairs"],
  ["chemprot", "mention pairs"],
  ["ddi", "detection"],
  ["ddi", "classification"],
  ["dce", "exact, positive"],
  ["dce", "exact, any"],
  ["dce", "partial, positive"],
  ["dce", "partial, any"],
  ["biored", "pair"],
  ["biored", "pair + type"],
  ["biored", "pair + type + novelty"],
]

describe("official measures", () => {
  it("are these, with documents in the order of the predictions and no mistakes", () => {
    for (const corpus of ["cdr", "chemprot", "ddi", "dce", "biored"] as const) {
      const measured = measureOfficial(corpus, [
        predictionOf({ ...documents[corpus], id: "b" }, []),
        predictionOf({ ...documents[corpus], id: "a" }, []),
      ])
      assert.deepStrictEqual(
        measured.map(({ measure }) => measure),
        measures.filter(([of]) => of === corpus).map(([, measure]) => measure),
      )
      for (const { documents: judged } of measured) {
        assert.deepStrictEqual(judged.map(({ document, mistakes }) => [document, mistakes]), [["b", []], ["a", []]])
      }
    }
  })

  for (const [corpus, measure] of measures) {
    it(`${measure}: what is said again, and in another order, changes nothing`, () => {
      fc.assert(
        fc.property(saidOf(corpus), fc.nat(5), (said, by) => {
          const again = [...said.slice(by), ...said.slice(0, by), ...said.slice(0, 1)]
          const counts = total(corpus, measure, [predictionOf(documents[corpus], said)])
          const others = total(corpus, measure, [predictionOf(documents[corpus], again)])
          // Parts of a credit are added in another order.
          for (const name of ["correct", "predicted", "found", "gold"] as const) {
            assert.closeTo(others[name], counts[name], 1e-9, name)
          }
        }),
      )
    })

    it(`${measure}: no more is right than was said, and what is said beside that never finds less`, () => {
      fc.assert(
        fc.property(saidOf(corpus), saidOf(corpus), (said, more) => {
          const counts = total(corpus, measure, [predictionOf(documents[corpus], said)])
          const both = total(corpus, measure, [predictionOf(documents[corpus], [...said, ...more])])
          assert.isAtMost(counts.correct, counts.predicted)
          assert.isAtMost(counts.found, counts.gold)
          assert.isAtLeast(both.found, counts.found)
          assert.strictEqual(both.gold, counts.gold)
        }),
      )
    })
  }

  it("type and novelty find no more than type, type no more than pairs, and arguments of BioRED have no order", () => {
    fc.assert(
      fc.property(saidOf("biored"), (said) => {
        const turned: Said = said.map(([label, ...names]) => [label, ...names.toReversed()])
        const [pair, type, novelty] = ["pair", "pair + type", "pair + type + novelty"].map((measure) => {
          const counts = total("biored", measure, [predictionOf(documents.biored, said)])
          assert.deepStrictEqual(total("biored", measure, [predictionOf(documents.biored, turned)]), counts)
          return counts
        })
        assert.isAtMost(novelty?.found ?? 0, type?.found ?? 0)
        assert.isAtMost(type?.found ?? 0, pair?.found ?? 0)
        assert.isAtMost(pair?.predicted ?? 0, type?.predicted ?? 0)
      }),
    )
  })

  it("classification finds no more than detection, and arguments of DDI have no order", () => {
    fc.assert(
      fc.property(saidOf("ddi"), (said) => {
        const turned: Said = said.map(([label, ...names]) => [label, ...names.toReversed()])
        const detected = total("ddi", "detection", [predictionOf(documents.ddi, said)])
        const classified = total("ddi", "classification", [predictionOf(documents.ddi, said)])
        assert.isAtMost(classified.found, detected.found)
        assert.isAtMost(detected.predicted, classified.predicted)
        assert.deepStrictEqual(total("ddi", "classification", [predictionOf(documents.ddi, turned)]), classified)
      }),
    )
  })

  it("partial credit is at least that of exact matches", () => {
    const combinations = fc.array(
      fc.tuple(fc.constantFrom("POS", "COMB"), fc.uniqueArray(fc.constantFrom("0", "1", "2", "3"), { minLength: 1 })),
      { maxLength: 5 },
    ).map((drawn) => annotations(drawn.map(([label, drugs]) => [label, ...drugs].join(" ")).join(";")))
    fc.assert(
      fc.property(
        combinations,
        combinations,
        fc.constantFrom("positive" as const, "any" as const),
        (gold, said, classes) => {
          const [exact] = countCombinations("exact", classes)(gold, said).values()
          const [partial] = countCombinations("partial", classes)(gold, said).values()
          assert.isAtLeast(partial?.correct ?? 0, exact?.correct ?? 0)
          assert.isAtLeast(partial?.found ?? 0, exact?.found ?? 0)
          assert.strictEqual(partial?.gold, exact?.gold)
        },
      ),
    )
  })
})
