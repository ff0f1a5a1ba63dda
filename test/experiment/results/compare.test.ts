import { assert, describe, it } from "@effect/vitest"
import { compareResults } from "../../../experiment/results/compare.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import type { Result } from "../../../schemas/results.ts"
import { noTables, paperTables, resultRow } from "./fixture.ts"

const tablesOf = (...results: ReadonlyArray<Result>): ResultTables => ({ ...noTables, results })

const cell = (model: string, f1: number, more: Partial<Result> = {}): Result =>
  resultRow({ model, corpus: "cdr", setting: "16", f1, low: f1 - 2, high: f1 + 2, ...more })

describe("two states of the results", () => {
  it("that do not differ: nothing is said", () => {
    assert.isUndefined(compareResults(paperTables(), paperTables()))
    assert.isUndefined(compareResults(noTables, noTables))
  })

  it("tell both scores with their intervals, the change, and the cells that only one has", () => {
    const before = tablesOf(cell("same", 50), cell("moved", 40), cell("gone", 7, { corpus: "ddi", setting: "full" }))
    const after = tablesOf(cell("new", 9.96, { low: null, high: null }), cell("same", 50), cell("moved", 41.5))
    assert.strictEqual(
      compareResults(before, after),
      `model  cell            F1 before           F1 after  change
new    CDR 16                  –               10.0
moved  CDR 16  40.0 [38.0, 42.0]  41.5 [39.5, 43.5]    +1.5
gone   DDI        7.0 [5.0, 9.0]                  –
F1 in percent with its 95% interval`,
    )
  })

  it("put official measures last, and name the protocols where they differ", () => {
    const official = { protocol: "official", measure: "concept pairs" }
    const before = tablesOf(cell("a", 30, official), cell("a", 20), cell("b", 20, { setting: "32" }))
    const after = tablesOf(
      cell("a", 31, official),
      cell("a", 10, { protocol: "authors" }),
      cell("b", 20, { setting: "32", high: 23 }),
    )
    assert.strictEqual(
      compareResults(before, after),
      `model  cell                           F1 before           F1 after  change  protocol
a      CDR 16                 20.0 [18.0, 22.0]   10.0 [8.0, 12.0]   −10.0  paper → authors
b      CDR 32-shot            20.0 [18.0, 22.0]  20.0 [18.0, 23.0]     0.0
a      CDR 16, concept pairs  30.0 [28.0, 32.0]  31.0 [29.0, 33.0]    +1.0
F1 in percent with its 95% interval`,
    )
  })

  it("only count what is of single labels", () => {
    const labels = { label: "CID", low: null, high: null }
    assert.strictEqual(
      compareResults(tablesOf(cell("a", 30), cell("a", 30, labels)), tablesOf(cell("a", 30), cell("a", 33, labels))),
      "1 score of labels or macro averages differs",
    )
    assert.match(
      compareResults(tablesOf(cell("a", 30), cell("a", 30, labels)), tablesOf(cell("a", 31))) ?? "",
      /\n1 score of labels or macro averages differs too$/u,
    )
  })

  it("of very many changes tell the largest of Table 1's cells", () => {
    const models = Array.from({ length: 60 }, (_, index) => `model${index}`)
    const before = tablesOf(...models.flatMap((model) => [cell(model, 40), cell(model, 40, { measure: "official" })]))
    const after = tablesOf(
      ...models.flatMap((model, index) => [cell(model, 40 + index / 10), cell(model, 90, { measure: "official" })]),
    )
    const lines = compareResults(before, after)?.split("\n") ?? []
    // The first does not change; the 40 that change most are the last, and the rest is 19 of them and the official ones.
    assert.deepStrictEqual(lines.slice(1, 41).map((line) => line.split(" ")[0]), models.slice(20))
    assert.deepStrictEqual(lines.slice(41), [
      "F1 in percent with its 95% interval",
      "… and 79 more scores, changed by 50.0 or less",
    ])
    const gone = compareResults(tablesOf(...models.map((model) => cell(model, 40))), noTables)
    assert.match(gone ?? "", /\n… and 20 more scores$/u)
  })
})
