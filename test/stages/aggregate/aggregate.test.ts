import { assert, describe, it } from "@effect/vitest"
import type { Score } from "../../../schemas/scores.ts"
import { aggregate, mean, sampleDeviation } from "../../../stages/aggregate/aggregate.ts"
import { fewShotEpochs, findPublished, published, publishedF1 } from "../../../stages/aggregate/published.ts"
import { assertInputError } from "../support.ts"

const score = (
  model: string,
  corpus: string,
  setting: string,
  seed: number | null,
  f1: number,
  label = "micro",
): Score => ({
  model,
  corpus,
  setting,
  seed,
  label,
  correct: 0,
  predicted: 0,
  gold: 0,
  precision: 0,
  recall: 0,
  f1,
})

describe("aggregate", () => {
  it("means over seeds, beside the published number, in the order of Table 1", () => {
    assert.deepStrictEqual(
      aggregate([
        score("mine", "ddi", "full", null, 0.25),
        score("t5-small", "cdr", "full", null, 0.5),
        score("t5-small", "cdr", "16", 1, 0.75),
        score("t5-small", "cdr", "16", 0, 0.25),
        score("t5-small", "cdr", "16", 0, 1, "CID"),
        score("gpt2-medium", "dce", "full", null, 0),
      ], { mine: "240K" }),
      [
        {
          model: "GPT-2-Medium",
          parameters: "350M",
          corpus: "dce",
          setting: "full",
          f1: 0,
          deviation: null,
          runs: 1,
          published: 0.2,
        },
        {
          model: "T5-Small",
          parameters: "60M",
          corpus: "cdr",
          setting: "16",
          f1: 50,
          deviation: Math.sqrt(1250),
          runs: 2,
          published: 18.3,
        },
        {
          model: "T5-Small",
          parameters: "60M",
          corpus: "cdr",
          setting: "full",
          f1: 50,
          deviation: null,
          runs: 1,
          published: 29.4,
        },
        {
          model: "mine",
          parameters: "240K",
          corpus: "ddi",
          setting: "full",
          f1: 25,
          deviation: null,
          runs: 1,
          published: null,
        },
      ],
    )
  })

  it("refuses two scores of one seed", () => {
    const twice = [score("m", "cdr", "16", 3, 0.1), score("m", "cdr", "16", 3, 0.2)]
    assertInputError(() => aggregate(twice), { field: "seed", message: /two scores for the seed 3/u })
  })

  it("has the statistics right", () => {
    assert.strictEqual(mean([1, 2, 3, 4]), 2.5)
    assert.closeTo(sampleDeviation([2, 4, 4, 4, 5, 5, 7, 9]) ?? 0, Math.sqrt(32 / 7), 1e-12)
    assert.isNull(sampleDeviation([1]))
  })
})

describe("Table 1", () => {
  it("has 19 models: 13 encoder-decoders with all eight numbers, 6 decoders with the four full ones", () => {
    assert.lengthOf(published, 19)
    const cells = published.map((model) =>
      ["cdr", "dce", "chemprot", "ddi"].flatMap((corpus) =>
        ["16", "64", "full"].filter((setting) => publishedF1(model, corpus, setting) !== null)
      ).length
    )
    assert.deepStrictEqual(cells, [...Array(6).fill(4), ...Array(13).fill(8)])
    assert.deepStrictEqual(published.map(({ family }) => family === null), cells.map((count) => count === 4))
    assert.lengthOf(published.filter(({ biomedical }) => biomedical), 7)
    assert.deepStrictEqual(published.filter((model) => model.instructions).map(({ name }) => name), [
      "In-BoXBART",
      "Flan-T5-Small",
      "Flan-T5-Base",
      "Flan-T5-Large",
    ])
  })

  it("is found by name or Hugging Face id, and gives numbers by corpus and setting", () => {
    assert.strictEqual(findPublished("google/flan-t5-large")?.name, "Flan-T5-Large")
    assert.strictEqual(findPublished("scifive-base")?.huggingFace, "razent/SciFive-base-Pubmed")
    assert.isUndefined(findPublished("t5-mini"))
    const model = findPublished("Flan-T5-Large")
    assert.deepStrictEqual(model && [publishedF1(model, "ddi", "full"), publishedF1(model, "ddi", "16")], [32, null])
    assert.deepStrictEqual(fewShotEpochs["t5-small"], { "16": 160, "64": 60 })
  })
})
