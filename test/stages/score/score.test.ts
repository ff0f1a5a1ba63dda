import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { Answer, Example } from "../../../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../../../schemas/relations.ts"
import { maximumMatching } from "../../../stages/matching.ts"
import { score, type ScoreOptions } from "../../../stages/score/score.ts"
import { assertInputError } from "../support.ts"

const cell = { model: "m", corpus: "c", setting: "full", seed: null }
const example = (document: string, answers: ReadonlyArray<Answer>): Example => ({
  document,
  partition: "test",
  source: "",
  target: "",
  answers,
})
const extraction = (document: string, relations: ReadonlyArray<PredictedRelation>): Extraction => ({
  document,
  relations,
  malformed: [],
})
const gold = (label: string, ...strings: ReadonlyArray<ReadonlyArray<string>>): Answer => ({
  label,
  arguments: strings,
})
const said = (label: string, ...strings: ReadonlyArray<string>): PredictedRelation => ({ label, arguments: strings })
const run = (
  answers: ReadonlyArray<Answer>,
  relations: ReadonlyArray<PredictedRelation>,
  order: ScoreOptions["arguments"] = "ordered",
) =>
  score([example("d", answers)], [extraction("d", relations)], cell, { partition: "test", arguments: order }).map((
    row,
  ) => `${row.label} ${row.correct}/${row.predicted}/${row.gold}`)

describe("score", () => {
  it("counts over all labels and for each, with precision, recall and F1", () => {
    const rows = score(
      [example("d", [gold("A", ["x"], ["y"]), gold("B", ["x"], ["z"])]), example("e", [gold("A", ["p"], ["q"])])],
      [extraction("d", [said("A", "x", "y"), said("A", "x", "z")]), extraction("e", [])],
      cell,
      { partition: "test", arguments: "ordered" },
    )
    assert.deepStrictEqual(rows, [
      { ...cell, label: "micro", correct: 1, predicted: 2, gold: 3, precision: 1 / 2, recall: 1 / 3, f1: 0.4 },
      { ...cell, label: "A", correct: 1, predicted: 2, gold: 2, precision: 1 / 2, recall: 1 / 2, f1: 1 / 2 },
      { ...cell, label: "B", correct: 0, predicted: 0, gold: 1, precision: 0, recall: 0, f1: 0 },
    ])
  })

  it("takes any mention of a concept, but two names of one relation are not two", () => {
    const answers = [gold("CID", ["aspirin", "ASA"], ["rash"])]
    assert.deepStrictEqual(run(answers, [said("CID", "ASA", "rash")]), ["micro 1/1/1", "CID 1/1/1"])
    assert.deepStrictEqual(run(answers, [said("CID", "ASA", "rash"), said("CID", "aspirin", "rash")])[0], "micro 1/2/1")
  })

  it("one prediction never counts for two relations, and is given to the one that needs it", () => {
    const two = [
      gold("CID", ["a"], ["kidney and liver failure"]),
      gold("CID", ["a"], ["kidney and liver failure", "nephropathy"]),
    ]
    assert.strictEqual(run(two, [said("CID", "a", "kidney and liver failure")])[0], "micro 1/1/2")
    const both = [said("CID", "a", "nephropathy"), said("CID", "a", "kidney and liver failure")]
    assert.strictEqual(run(two, both)[0], "micro 2/2/2")
    assert.strictEqual(run(two, both.toReversed())[0], "micro 2/2/2")
  })

  it("is strict: case, order, label and number of arguments count", () => {
    const answers = [gold("int", ["a"], ["b"])]
    for (const wrong of [said("int", "A", "b"), said("int", "b", "a"), said("effect", "a", "b"), said("int", "a")]) {
      assert.strictEqual(run(answers, [wrong])[0], "micro 0/1/1")
    }
  })

  it("compares drug combinations as sets where told to", () => {
    const answers = [gold("POS", ["a"], ["b"], ["b"])]
    assert.strictEqual(run(answers, [said("POS", "b", "a")], "set")[0], "micro 1/1/1")
    assert.strictEqual(run(answers, [said("POS", "b", "a", "c")], "set")[0], "micro 0/1/1")
    assert.strictEqual(run(answers, [said("POS", "b")], "set")[0], "micro 0/1/1")
  })

  it("counts unknown predicates as wrong predictions, together", () => {
    assert.deepStrictEqual(run([gold("A", ["a"], ["b"])], [said("?x", "a", "b"), said("?y", "a", "b")]), [
      "micro 0/2/1",
      "? 0/2/0",
      "A 0/0/1",
    ])
  })

  it("gives 0 where nothing is predicted and nothing is gold", () => {
    const [micro] = score([], [], cell, { partition: "test", arguments: "ordered" })
    assert.deepStrictEqual([micro?.precision, micro?.recall, micro?.f1], [0, 0, 0])
  })

  it("refuses generations that are not for the scored examples", () => {
    const options = { partition: "test", arguments: "ordered" } as const
    const refuse = (examples: ReadonlyArray<Example>, extractions: ReadonlyArray<Extraction>, message: RegExp) =>
      assertInputError(() => score(examples, extractions, cell, options), { field: "document", message })
    refuse([example("d", [])], [], /nothing was generated for test document d/u)
    refuse([], [extraction("d", [])], /not among/u)
    refuse([{ ...example("d", []), partition: "train" }], [extraction("d", [])], /not among/u)
    refuse([example("d", [])], [extraction("d", []), extraction("d", [])], /twice/u)
  })

  it("its pairing is one to one and as large as trying every order", () => {
    const edges = fc.array(fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 5 }), { maxLength: 5 })
    const best = (left: ReadonlyArray<ReadonlyArray<number>>, used: ReadonlySet<number>): number => {
      const [first, ...rest] = left
      if (first === undefined) return 0
      const taken = first.filter((right) => !used.has(right)).map((right) => 1 + best(rest, new Set([...used, right])))
      return Math.max(best(rest, used), ...taken)
    }
    fc.assert(fc.property(edges, (given) => {
      const rights = maximumMatching(given)
      assert.strictEqual(new Set(rights).size, rights.length)
      assert.strictEqual(rights.length, best(given, new Set()))
    }))
  })
})
