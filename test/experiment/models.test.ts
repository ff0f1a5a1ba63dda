import { assert, describe, it } from "@effect/vitest"
import { fewShotEpochs, findModel, models, publishedF1 } from "../../experiment/models.ts"

describe("Table 1", () => {
  it("has 19 models: 13 encoder-decoders with all eight numbers, 6 decoders with the four full ones", () => {
    assert.lengthOf(models, 19)
    const cells = models.map((model) =>
      ["cdr", "dce", "chemprot", "ddi"].flatMap((corpus) =>
        ["16", "64", "full"].filter((setting) => publishedF1(model, corpus, setting) !== null)
      ).length
    )
    assert.deepStrictEqual(cells, [...Array(6).fill(4), ...Array(13).fill(8)])
    assert.deepStrictEqual(models.map(({ family }) => family === null), cells.map((count) => count === 4))
    assert.lengthOf(models.filter(({ biomedical }) => biomedical), 7)
    assert.deepStrictEqual(models.filter((model) => model.instructions).map(({ name }) => name), [
      "In-BoXBART",
      "Flan-T5-Small",
      "Flan-T5-Base",
      "Flan-T5-Large",
    ])
  })

  it("is found by name or Hugging Face id, and gives numbers by corpus and setting", () => {
    assert.strictEqual(findModel("google/flan-t5-large")?.name, "Flan-T5-Large")
    assert.strictEqual(findModel("scifive-base")?.huggingFace, "razent/SciFive-base-Pubmed")
    assert.isUndefined(findModel("t5-mini"))
    const model = findModel("Flan-T5-Large")
    assert.deepStrictEqual(model && [publishedF1(model, "ddi", "full"), publishedF1(model, "ddi", "16")], [32, null])
    assert.deepStrictEqual(fewShotEpochs["t5-small"], { "16": 160, "64": 60 })
  })
})
