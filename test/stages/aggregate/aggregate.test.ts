import { assert, describe, it } from "@effect/vitest"
import type { Result } from "../../../schemas/results.ts"
import type { Warning } from "../../../schemas/warnings.ts"
import { aggregate } from "../../../stages/aggregate/aggregate.ts"
import { mean, sampleDeviation } from "../../../stages/aggregate/statistics.ts"
import { assertInputError } from "../support.ts"
import { aggregation, base, lists, type Made, run, type Three } from "./made.ts"

/** F1 0.5, 1 and 0 on one document. */
const half: ReadonlyArray<Three> = [[1, 2, 2]]
const all: ReadonlyArray<Three> = [[2, 2, 2]]
const none: ReadonlyArray<Three> = [[0, 2, 2]]

const place = ({ model, corpus, setting }: Result): string => `${model} ${corpus} ${setting}`

describe("results", () => {
  it("are means over seeds, beside the published number, in the order of the lists", () => {
    const { results } = aggregate(aggregation([
      run({ model: "mine", corpus: "ddi" }, half),
      run({ model: "T5-Small" }, half),
      run({ model: "T5-Small", setting: "16", seed: 1 }, all),
      run({ model: "T5-Small", setting: "16", seed: 0 }, half),
      run({ model: "GPT-2-Medium", corpus: "dce" }, none),
    ], {
      lists: { ...lists, models: [...lists.models, { name: "mine", parameters: "240K", published: {}, leaks: [] }] },
    }))
    assert.deepStrictEqual(results.map(place), [
      "GPT-2-Medium dce full",
      "T5-Small cdr 16",
      "T5-Small cdr full",
      "mine ddi full",
    ])
    assert.deepStrictEqual(results[1], {
      model: "T5-Small",
      parameters: "60M",
      source: "grid",
      corpus: "cdr",
      setting: "16",
      protocol: "paper",
      measure: "strict",
      label: "micro",
      f1: 75,
      precision: 75,
      recall: 75,
      correct: 1.5,
      predicted: 2,
      found: 1.5,
      gold: 2,
      deviation: Math.sqrt(1250),
      low: 75,
      high: 75,
      runs: 2,
      published: 18.3,
      flags: ["few seeds"],
    })
    assert.deepStrictEqual(results.map(({ published }) => published), [0.2, 18.3, 29.4, null])
    assert.strictEqual(results[3]?.parameters, "240K")
  })

  it("have the flags of all their runs, whatever is suspicious about the corpus now", () => {
    const about = { corpus: "cdr", documents: 1, of: 2, examples: ["1"], text: "cdr: something" }
    const warnings: ReadonlyArray<Warning> = [
      { ...about, portion: "test", kind: "more documents" },
      { ...about, corpus: "dce", portion: "train", kind: "other file" },
    ]
    const made = aggregate(aggregation([
      run({ model: "T5-Small", setting: "16", seed: 0, flags: ["test text in training"] }, half),
      run({ model: "T5-Small", setting: "16", seed: 1, flags: ["left out", "test text in training"] }, half),
      run({ model: "T5-Small", flags: ["fewer documents"] }, half),
      run({ model: "T5-Small", corpus: "dce" }, half),
    ], { warnings, seeds: 2 }))
    assert.deepStrictEqual(made.results.map(({ flags }) => flags), [
      ["left out", "test text in training"],
      ["fewer documents"],
      [],
    ])
    assert.deepStrictEqual(made.warnings, warnings)
  })

  it("have the published number only for what the paper measured", () => {
    const strict = run({ model: "T5-Small" }, half)
    const [score] = strict.scores
    assert.isDefined(score)
    const official = { protocol: "official", measure: "concept pairs" }
    const { results } = aggregate(aggregation([
      run({ model: "T5-Small", ...official }, half),
      run({ model: "T5-Small", protocol: "authors" }, half),
      { scores: ["CID", "macro"].map((label) => ({ ...score, label })), outcomes: [] },
      strict,
    ]))
    assert.deepStrictEqual(
      results.map(({ protocol, measure, label, published }) => [protocol, measure, label, published]),
      [
        ["paper", "strict", "micro", 29.4],
        ["paper", "strict", "macro", null],
        ["paper", "strict", "CID", null],
        ["authors", "strict", "micro", 29.4],
        ["official", "concept pairs", "micro", null],
      ],
    )
    assert.deepStrictEqual(results.map(({ low }) => low !== null), [true, false, false, true, true])
  })

  it("take a label that a run has no row for as counted 0 times in it", () => {
    const runs = [0, 1].map((seed) => run({ model: "m", setting: "16", seed }, half))
    const [score] = runs[0]?.scores ?? []
    assert.isDefined(score)
    const { results } = aggregate(aggregation([
      ...runs,
      { scores: [{ ...score, label: "?", predicted: 3, correct: 0, found: 0, gold: 0, f1: 0 }], outcomes: [] },
    ]))
    assert.deepStrictEqual(results.map(({ label, predicted, runs }) => [label, predicted, runs]), [
      ["micro", 2, 2],
      ["?", 1.5, 2],
    ])
  })

  it("have an interval over documents, of the mean over seeds", () => {
    const few = [0, 1].map((seed) => run({ model: "m", setting: "16", seed }, base))
    const { results } = aggregate(aggregation([...few, run({ model: "m", setting: "64", seed: 0 }, base)]))
    const [two, one] = results
    // The same documents are drawn for both seeds, so a second equal run adds nothing.
    assert.deepStrictEqual([two?.low, two?.high], [one?.low, one?.high])
    // As scipy has it: 29.0 to 51.7 (intervals.test.ts).
    assert.closeTo(one?.low ?? 0, 29, 1.5)
    assert.closeTo(one?.high ?? 0, 51.7, 1.5)
  })

  it("have an interval that pooled counts make narrower", () => {
    const width = (pooled: Three): number => {
      const [result] = aggregate(aggregation([run({ model: "m", protocol: "authors", pooled }, base)])).results
      return (result?.high ?? 0) - (result?.low ?? 0)
    }
    assert.isBelow(width([500, 1000, 1000]), width([0, 0, 0]) / 5)
  })

  it("flag what a reader should know", () => {
    const flagsOf = (made: Made): ReadonlyArray<string> =>
      aggregate(aggregation([run(made, half)], { seeds: 1 })).results[0]?.flags ?? []
    assert.deepStrictEqual(flagsOf({ model: "m", setting: "16", seed: 0 }), [])
    assert.deepStrictEqual(flagsOf({ model: "m", cut: true }), ["cut outputs"])
    assert.deepStrictEqual(flagsOf({ model: "m", truncated: true, cut: true }), ["truncated sources", "cut outputs"])
    assert.deepStrictEqual(flagsOf({ model: "In-BoXBART", corpus: "ddi" }), ["leakage"])
    assert.deepStrictEqual(flagsOf({ model: "In-BoXBART", corpus: "dce" }), [])
  })

  it("do not change with the order of rows", () => {
    const runs = [
      run({ model: "BART-Base", setting: "16", seed: 1 }, base),
      run({ model: "BART-Base", setting: "16", seed: 0 }, base.toReversed()),
      run({ model: "T5-Base" }, base),
    ]
    const { scores, outcomes, ...rest } = aggregation(runs)
    assert.deepStrictEqual(
      aggregate({ ...rest, scores: scores.toReversed(), outcomes: outcomes.toReversed() }),
      aggregate({ ...rest, scores, outcomes }),
    )
  })
})

describe("what cannot be aggregated", () => {
  const refuses = (runs: ReadonlyArray<ReturnType<typeof run>>, field: string, message: RegExp): void =>
    assertInputError(() => aggregate(aggregation(runs)), { field, message })

  it("is a seed given twice", () => {
    const seed = (model: string) => run({ model, setting: "16", seed: 3 }, half)
    refuses([seed("m"), seed("m")], "seed", /m on cdr \(16\) has two scores for the seed 3/u)
  })

  it("is a score without documents, and documents without a score", () => {
    const { scores, outcomes } = run({ model: "m" }, half)
    refuses([{ scores, outcomes: [] }], "outcomes", /m on cdr \(full\) has scores by strict and no documents/u)
    refuses([{ scores: [], outcomes }], "scores", /m on cdr \(full\) has documents by strict and no score/u)
  })

  it("is a run on other documents than the others, or on one of them twice", () => {
    const { scores, outcomes } = run({ model: "a" }, base)
    refuses([{ scores, outcomes: [...outcomes, ...outcomes.slice(0, 1)] }], "document", /document d0 is there twice/u)
    refuses([{ scores, outcomes }, run({ model: "b" }, base.slice(1))], "document", /1 of 30 documents are missing/u)
    refuses(
      [run({ model: "a" }, base.slice(1)), run({ model: "b" }, base)],
      "document",
      /b on cdr \(full\), strict: document d29 is not among those of the other runs/u,
    )
  })

  it("is a score of fewer counts than its documents have", () => {
    refuses([run({ model: "a", pooled: [0, -1, 0] }, base)], "document", /its documents count more than its score/u)
  })
})

describe("statistics", () => {
  it("are right", () => {
    assert.strictEqual(mean([1, 2, 3, 4]), 2.5)
    assert.closeTo(sampleDeviation([2, 4, 4, 4, 5, 5, 7, 9]) ?? 0, Math.sqrt(32 / 7), 1e-12)
    assert.isNull(sampleDeviation([1]))
  })
})
