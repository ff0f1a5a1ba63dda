import { assert, describe, it } from "@effect/vitest"
import type { Document } from "../../../schemas/documents.ts"
import type { Answer, Example } from "../../../schemas/examples.ts"
import type { Extraction, PredictedRelation } from "../../../schemas/relations.ts"
import type { Gold } from "../../../stages/score/gold.ts"
import { type Counted, type Run, score as scoreBy, scorer } from "../../../stages/score/score.ts"
import { assertInputError, measurerOf } from "../support.ts"

const cell = { model: "m", corpus: "c", setting: "full", seed: null }
const strict = { by: "strict", matching: { arguments: "ordered", variants: "one", unknown: "wrong" } } as const
const settings = { cell, protocol: "paper", evaluations: [] }
const score = (run: Run & Gold) => scoreBy(run, measurerOf(strict))
const document = (id: string): Document => ({ corpus: "c", portion: "test", id, text: "", mentions: [], relations: [] })
const example = (id: string, ...answers: ReadonlyArray<Answer>): Example => ({
  document: id,
  partition: "test",
  source: "",
  target: "",
  answers,
})
const extraction = (id: string, ...relations: ReadonlyArray<PredictedRelation>): Extraction => ({
  document: id,
  relations,
  malformed: [],
  finished: true,
  sourceTruncated: false,
})
const gold = (label: string, ...strings: ReadonlyArray<string>): Answer => ({
  label,
  arguments: strings.map((string) => [string]),
})
const said = (label: string, ...strings: ReadonlyArray<string>): PredictedRelation => ({ label, arguments: strings })

/** Two documents: of A one of two predictions right and one of two relations found, of B one relation missed. */
const two = {
  ...settings,
  partition: "test",
  documents: [document("d"), document("e"), document("of another partition")],
  examples: [
    example("d", gold("A", "x", "y"), gold("B", "x", "z")),
    { ...example("of another partition"), partition: "train" },
    example("e", gold("A", "p", "q")),
  ],
  relations: [
    extraction("d", said("A", "x", "y"), said("A", "k", "l")),
    { ...extraction("e"), malformed: ["rubbish"], finished: false, sourceTruncated: true },
  ],
} as const
const named = (rows: ReadonlyArray<Counted>, label: string): Counted | undefined =>
  rows.find((row) => row.label === label)

describe("score", () => {
  it("gives counts and ratios over all labels and for each", () => {
    const scoring = { ...cell, protocol: "paper", measure: "strict" }
    assert.deepStrictEqual(score(two).scores, [
      {
        ...scoring,
        label: "micro",
        correct: 1,
        predicted: 2,
        found: 1,
        gold: 3,
        precision: 1 / 2,
        recall: 1 / 3,
        f1: 0.4,
      },
      // The means of 1/2 and 0, thrice.
      {
        ...scoring,
        label: "macro",
        correct: 1,
        predicted: 2,
        found: 1,
        gold: 3,
        precision: 0.25,
        recall: 0.25,
        f1: 0.25,
      },
      { ...scoring, label: "A", correct: 1, predicted: 2, found: 1, gold: 2, precision: 0.5, recall: 0.5, f1: 0.5 },
      { ...scoring, label: "B", correct: 0, predicted: 0, found: 0, gold: 1, precision: 0, recall: 0, f1: 0 },
    ])
  })

  it("gives a row for each document of the partition, in the order of the examples", () => {
    const { outcomes } = score({ ...two, relations: two.relations.toReversed() })
    const scoring = { ...cell, protocol: "paper", measure: "strict" }
    const missed = (label: string, ...strings: ReadonlyArray<string>) => ({
      said: null,
      wanted: said(label, ...strings),
    })
    assert.deepStrictEqual(outcomes, [
      {
        ...scoring,
        document: "d",
        correct: 1,
        predicted: 2,
        found: 1,
        gold: 2,
        finished: true,
        sourceTruncated: false,
        mistakes: [
          { kind: "missed", ...missed("B", "x", "z"), text: "" },
          { kind: "spurious", said: said("A", "k", "l"), wanted: null, text: "" },
        ],
      },
      {
        ...scoring,
        document: "e",
        correct: 0,
        predicted: 0,
        found: 0,
        gold: 1,
        finished: false,
        sourceTruncated: true,
        mistakes: [
          { kind: "truncated source", ...missed("A", "p", "q"), text: "" },
          { kind: "malformed", said: null, wanted: null, text: "rubbish" },
        ],
      },
    ])
  })

  it("keeps unknown predicates together, and out of the macro average", () => {
    const { scores } = score({
      ...two,
      relations: [extraction("d", said("?x", "x", "y"), said("?y", "x", "y"), said("A", "x", "y")), extraction("e")],
    })
    assert.deepStrictEqual(scores.map(({ label }) => label), ["micro", "macro", "?", "A", "B"])
    assert.strictEqual(named(scores, "?")?.predicted, 2)
    assert.strictEqual(named(scores, "micro")?.predicted, 3)
    // A alone: precision 1, recall 1/2; B has nothing.
    assert.strictEqual(named(scores, "macro")?.precision, 0.5)
  })

  it("averages over labels that are only said, too, and so tells a label that is wrong everywhere", () => {
    const [d, e] = [gold("A", "x", "y"), gold("A", "p", "q")]
    const { scores } = score({
      ...two,
      examples: [example("d", d), example("e", e)],
      relations: [extraction("d", said("A", "x", "y"), said("C", "x", "y")), extraction("e", said("A", "p", "q"))],
    })
    assert.closeTo(named(scores, "micro")?.f1 ?? 0, 0.8, 1e-12)
    // The means of 1 for A and 0 for C.
    const { precision, recall, f1 } = named(scores, "macro") ?? {}
    assert.deepStrictEqual({ precision, recall, f1 }, { precision: 0.5, recall: 0.5, f1: 0.5 })
  })

  it("gives 0 where nothing is predicted and nothing is gold, and no average of no labels", () => {
    const { scores, outcomes } = score({ ...two, documents: [], examples: [], relations: [] })
    assert.deepStrictEqual(scores.map(({ label, precision, recall, f1 }) => [label, precision, recall, f1]), [
      ["micro", 0, 0, 0],
    ])
    assert.deepStrictEqual(outcomes, [])
  })

  it("scores several runs on the same examples as it scores each alone", () => {
    const scoreRun = scorer(two, measurerOf(strict))
    const other = { ...two, relations: [extraction("d"), extraction("e", said("A", "P", "q"))] }
    for (const run of [two, other, two]) assert.deepStrictEqual(scoreRun(run), score(run))
  })

  it("measures officially each way the corpus's publishers do", () => {
    const { scores, outcomes } = scoreBy(
      { ...two, protocol: "official" },
      measurerOf({ by: "official", evaluation: "drug-combinations" }),
    )
    const measures = [...new Set(scores.map(({ measure }) => measure))]
    assert.isAbove(measures.length, 1)
    for (const measure of measures) {
      assert.deepStrictEqual(
        outcomes.filter((outcome) => outcome.measure === measure).map((
          outcome,
        ) => [outcome.document, outcome.mistakes]),
        [["d", []], ["e", []]],
      )
    }
  })

  it("refuses what does not belong together", () => {
    const refuse = (change: Partial<typeof two> | object, message: RegExp) =>
      assertInputError(() => score({ ...two, ...change }), { field: "document", message })
    const [d, e] = two.relations
    refuse({ relations: [d] }, /nothing was generated for test document e/u)
    refuse({ relations: [d, e, extraction("f")] }, /document f was generated and is not among/u)
    refuse({ relations: [d, e, extraction("of another partition")] }, /is not among the test examples/u)
    refuse({ relations: [d, e, d] }, /document d was generated twice/u)
    refuse({ examples: [...two.examples, ...two.examples] }, /document d is among the test examples twice/u)
    refuse({ documents: [document("d")] }, /test example e is of none of the documents/u)
    refuse({ documents: [...two.documents, document("e")] }, /document e is among the documents twice/u)
  })
})
