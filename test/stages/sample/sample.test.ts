import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import type { Document } from "../../../schemas/documents.ts"
import type { Example } from "../../../schemas/examples.ts"
import type { Split } from "../../../schemas/splits.ts"
import { sample } from "../../../stages/sample/sample.ts"
import { permutation } from "../../../stages/shared/numpy.ts"
import { parseSplitIds } from "../../../stages/split/ids.ts"
import { split } from "../../../stages/split/split.ts"
import { assertInputError, corporaMissing, corpusFile, published, skipReason } from "../support.ts"

const example = ({ document, partition }: Split): Example => ({
  document,
  partition,
  source: `source ${document}`,
  target: `target ${document}`,
  answers: [{ label: "A", arguments: [[`name of ${document}`]] }],
})
const examples = (["train", "validation", "test"] as const).flatMap((partition) =>
  Array.from({ length: 10 }, (_, index) => example({ document: `${partition}${index}`, partition }))
)

describe("sample", () => {
  it("takes all training and validation examples for the full setting", () => {
    const shots = sample(examples, { shots: "full", seed: null })
    assert.deepStrictEqual(shots.map(({ use }) => use), [...Array(10).fill("train"), ...Array(10).fill("validation")])
    assert.deepStrictEqual(shots[0], {
      document: "train0",
      use: "train",
      source: "source train0",
      target: "target train0",
      answers: [],
    })
  })

  it("gives validation examples what they are scored against", () => {
    const shots = sample(examples, { shots: "full", seed: null })
    assert.deepStrictEqual(shots.at(-1)?.answers, [{ label: "A", arguments: [["name of validation9"]] }])
  })

  it("takes the first k of numpy's permutation, in its order", () => {
    const shots = sample(examples, { shots: 3, seed: 0 })
    assert.deepStrictEqual(shots.map(({ document, use }) => [document, use]), [
      ["train4", "train"],
      ["train6", "train"],
      ["train2", "train"],
    ])
  })

  it("takes distinct training examples, fewer being the beginning of more", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(), (shots, seed) => {
      const ids = sample(examples, { shots, seed }).map(({ document }) => document)
      assert.deepStrictEqual(ids, permutation(seed, 10).slice(0, shots).map((index) => `train${index}`))
    }))
  })

  it("refuses more shots than there are examples", () => {
    assertInputError(() => sample(examples, { shots: 11, seed: 0 }), { field: "shots", message: /11.*10/u })
  })

  it.skipIf(corporaMissing !== undefined)(`chooses the documents that the authors chose${skipReason}`, () => {
    type Selections = Readonly<Record<"CDR" | "DCE", Readonly<Record<string, { readonly ids: ReadonlyArray<string> }>>>>
    const selections = JSON.parse(readFileSync(corpusFile("splits/fewshot_selections.json").path, "utf8")) as Selections
    const ids = parseSplitIds(readFileSync(corpusFile("splits/dce_authors_split_doc_ids.json").path, "utf8"), "ids")
    const rows = (documents: Iterable<Document>, corpus: string) =>
      corpus === "DCE" ? split(documents, { method: "ids" }, ids) : split(documents, { method: "official" })
    for (const [corpus, documents] of [["CDR", published["cdr train"]()], ["DCE", published["dce train"]()]] as const) {
      const all = rows(documents, corpus).map(example)
      for (const [name, expected] of Object.entries(selections[corpus])) {
        const [shots = 0, seed = 0] = name.match(/\d+/gu)?.map(Number) ?? []
        assert.deepStrictEqual(sample(all, { shots, seed }).map(({ document }) => document), expected.ids, name)
      }
    }
  })
})
