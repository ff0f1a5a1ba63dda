import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { parseSplitIds } from "../../../stages/split/ids.ts"
import { split, SplitMethod, type Splittable } from "../../../stages/split/split.ts"
import { assertInputError, corporaMissing, corpusFile, published, skipReason } from "../support.ts"

const make = (portion: Splittable["portion"], ids: ReadonlyArray<string>): ReadonlyArray<Splittable> =>
  ids.map((id) => ({ id, portion }))
const train = make("train", ["a", "b", "c", "d", "e"])
const test = make("test", ["x", "y"])
const rowsOf = (rows: ReturnType<typeof split>) => rows.map(({ document, partition }) => `${document} ${partition}`)

describe("split", () => {
  it("official: the development portion validates", () => {
    const documents = [...make("dev", ["v"]), ...test, ...train.slice(0, 2)]
    assert.deepStrictEqual(rowsOf(split(documents, { method: "official" })), [
      "a train",
      "b train",
      "v validation",
      "x test",
      "y test",
    ])
  })

  it("fraction: 20% and seed 0 by default, rounded up, the corpus's order kept", () => {
    const method = Schema.decodeUnknownSync(SplitMethod)({ method: "fraction" })
    assert.deepStrictEqual(method, { method: "fraction", fraction: 0.2, seed: 0 })
    // numpy's permutation of 5 with seed 0 begins with 2.
    assert.deepStrictEqual(rowsOf(split([...train, ...test], method)), [
      "a train",
      "b train",
      "d train",
      "e train",
      "c validation",
      "x test",
      "y test",
    ])
  })

  it("fraction: every document once, ceil(n * fraction) of training to validation", () => {
    const documents = fc.uniqueArray(fc.string(), { maxLength: 60 }).map((ids) => make("train", ids))
    fc.assert(
      fc.property(documents, fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat(), (all, fraction, seed) => {
        const rows = split(all, { method: "fraction", fraction, seed })
        assert.deepStrictEqual(rows.map(({ document }) => document).toSorted(), all.map(({ id }) => id).toSorted())
        const validation = rows.filter(({ partition }) => partition === "validation")
        assert.lengthOf(validation, Math.ceil(all.length * fraction))
      }),
    )
  })

  it("refuses to leave a development portion out", () => {
    assertInputError(() => split([...train, ...make("dev", ["v"])], { method: "fraction", fraction: 0.2, seed: 0 }), {
      field: "method",
      message: /development portion/u,
    })
  })

  it("refuses one id for two documents", () => {
    const documents = [...train, ...make("test", ["b"])]
    assertInputError(() => split(documents, { method: "official" }), {
      field: "document",
      message: /^a document of the portion test and one of the portion train have the id "b"$/u,
    })
    assertInputError(() => split(make("test", ["x", "x"]), { method: "official" }), {
      field: "document",
      message: /^two documents of the portion test have the id "x"$/u,
    })
    const all = Array.from({ length: 30 }, (_, index) => `n${index}`)
    const twice = [...make("train", all), ...make("dev", all)]
    assertInputError(() => split(twice, { method: "official" }), {
      field: "document",
      message: /the id "n0"; 29 more ids are of two documents: "n1", .*"n19" and others$/u,
    })
  })

  const byIds = (lists: unknown, documents = [...train, ...test]) =>
    split(documents, { method: "ids" }, parseSplitIds(JSON.stringify(lists, null, 1), "ids.json"))

  it("ids: keeps the file's order; test documents keep the corpus's", () => {
    const lists = { train: ["e", "a", "c"], valid: ["d", "b"], test: ["y", "x"] }
    const expected = ["e train", "a train", "c train", "d validation", "b validation", "x test", "y test"]
    assert.deepStrictEqual(rowsOf(byIds(lists)), expected)
    assert.deepStrictEqual(rowsOf(byIds(lists, [...train])), expected.slice(0, 5))
  })

  it("ids: refuses unknown, repeated and missing documents, and a file of another form", () => {
    const file = "ids.json"
    const unknown = { train: ["a", "b", "q"], valid: ["c", "d", "e"] }
    assertInputError(() => byIds(unknown), { file, line: 5, field: "train[2]", message: /"q" is not/u })
    const twice = { train: ["a", "b", "c"], valid: ["d", "a"] }
    assertInputError(() => byIds(twice), { file, line: 9, field: "valid[1]", message: /"a" is listed twice/u })
    const missing = { train: ["a", "b"], valid: ["c", "d"] }
    assertInputError(() => byIds(missing), { file, line: 2, field: "train", message: /1 training document is.*"e"/u })
    const all = { train: ["a", "b", "c"], valid: ["d", "e"] }
    assertInputError(() => byIds({ ...all, test: ["x", "z"] }), { file, line: 13, field: "test[1]", message: /"z"/u })
    assertInputError(() => byIds({ ...all, test: ["x"] }), { file, line: 11, field: "test", message: /"y"/u })
    assertInputError(() => byIds({ train: ["a", 1], valid: [] }), { file, line: 4, field: "train[1]", message: /1$/u })
    assertInputError(() => byIds({ train: [] }), { file, field: "valid", message: /missing key/u })
    assertInputError(() => parseSplitIds("{", file), { file, message: /not JSON/u })
    assertInputError(() => split(train, { method: "ids" }), { field: "ids", message: /needs a file/u })
  })

  it.skipIf(corporaMissing !== undefined)(`takes the authors' ids of DCE and DDI${skipReason}`, () => {
    const count = (documents: Iterable<Splittable>, name: string) => {
      const text = readFileSync(corpusFile(`splits/${name}.json`).path, "utf8")
      const rows = split(documents, { method: "ids" }, parseSplitIds(text, name))
      return ["train", "validation", "test"].map((wanted) => rows.filter((row) => row.partition === wanted).length)
    }
    const dce = [...published["dce train"](), ...published["dce test"]()]
    assert.deepStrictEqual(count(dce, "dce_authors_split_doc_ids"), [1089, 273, 272])
    assert.deepStrictEqual(count(published["ddi train brat"](), "ddi_authors_split_document_ids"), [571, 143, 0])
  })
})
