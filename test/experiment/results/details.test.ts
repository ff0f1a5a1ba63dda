import { assert, describe, it } from "@effect/vitest"
import { cellOf } from "../../../experiment/results/cell.ts"
import { detailsOf, renderDetails } from "../../../experiment/results/details.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import type { Detail } from "../../../schemas/details.ts"
import { assertInputError } from "../../stages/support.ts"
import { noTables, resultRow } from "./fixture.ts"

const counts = { correct: 3, predicted: 5, found: 3, gold: 6, precision: 60, recall: 50, f1: 54.5, runs: 2 }
const nothing = { correct: 0, predicted: 0, found: 0, gold: 0, precision: 0, recall: 0, f1: 0, runs: 0 }
const detail: Detail = {
  model: "T5-Small",
  corpus: "dce",
  setting: "16",
  protocol: "paper",
  runs: 2,
  learned: 16,
  slices: [
    { slice: "all arguments seen", ...counts },
    { slice: "some arguments seen", ...counts, correct: 0, found: 0, precision: 0, recall: 0, f1: 0 },
    { slice: "no argument seen", ...nothing },
    { slice: "seen together", ...counts, correct: 2.5, runs: 1 },
    { slice: "not seen together", ...counts, predicted: 0, precision: 0, f1: 0 },
  ],
  absent: { count: 1.5, of: 40 },
  absentGold: { count: 0, of: 50 },
  malformed: { count: 2, of: 20 },
  malformedDocuments: { count: 1, of: 150 },
}
const cell = { model: "T5-Small", corpus: "dce", setting: "16", runs: 2 }
const tables: ResultTables = {
  ...noTables,
  results: [
    resultRow({ ...cell, f1: 40 }),
    resultRow({ ...cell, f1: 20, label: "macro" }),
    resultRow({ ...cell, f1: 40, label: "POS" }),
    resultRow({ ...cell, f1: 0, label: "COMB", gold: 0, found: 0, correct: 0, predicted: 3 }),
    resultRow({ ...cell, f1: 70, protocol: "official", measure: "exact, any" }),
    resultRow({ ...cell, setting: "64", f1: 50 }),
  ],
  details: [detail, { ...detail, setting: "64" }],
}

describe("the details of results", () => {
  it("are a line for each cell", () => {
    const [head, first, second] = renderDetails(tables, undefined).split("\n")
    assert.strictEqual(
      head,
      "cell               F1  macro  all seen  some seen  none seen    together  not together  not in text  no clause",
    )
    assert.strictEqual(
      first,
      "T5-Small/dce/16  40.0   20.0      54.5        0.0          –  54.5 (1/2)           0.0         3.8%      10.0%",
    )
    assert.match(second ?? "", /^T5-Small\/dce\/64 {2}50\.0 +–/u)
  })

  it("of one cell are its labels, its slices, its names and its clauses", () => {
    const [block = "", more] = renderDetails(tables, "t5-small/DCE/16").split("\n\n")
    assert.strictEqual(
      block.split("\n").map((line) => line.trimEnd()).join("\n"),
      `T5-Small on DCE, 16-shot: protocol paper, 2 runs, learned from 16 documents; means over runs
                     precision  recall    F1  right  of predicted  found  of gold  runs
all relations             40.0    40.0  40.0     10            20     10       20     2
macro                     20.0    20.0  20.0     10            20     10       20     2
POS                       40.0    40.0  40.0     10            20     10       20     2
COMB                       0.0       –   0.0      0             3      0        0     2
all arguments seen        60.0    50.0  54.5      3             5      3        6     2
some arguments seen        0.0     0.0   0.0      0             5      0        6     2
no argument seen             –       –     –      0             0      0        0     0
seen together             60.0    50.0  54.5    2.5             5      3        6     1
not seen together            –    50.0   0.0      3             0      3        6     2
not in text: 1.5 of 40 (3.8%) predicted names; 0 of 50 (0.0%) gold names
no clause: 2 of 20 (10.0%) pieces of the output, in 1 of 150 (0.7%) documents`,
    )
    assert.match(more ?? "", /^F1 in percent\. Macro:/u)
  })

  it("say that it is unknown what somebody's predictions were learned from", () => {
    const [block = ""] = renderDetails(
      { ...tables, details: [{ ...detail, learned: 0, slices: [] }] },
      "t5-small/dce/16",
    )
      .split("\n")
    assert.include(block, "2 runs, learned from unknown documents; means over runs")
  })

  it("are of the cells that a name begins or a pattern matches", () => {
    for (const name of ["T5-Small", "t5-*/dce", "*/*/*"]) assert.lengthOf(detailsOf(tables, name).details, 2, name)
    const { results, details } = detailsOf(tables, "*/dce/64")
    assert.deepStrictEqual(details.map(({ setting }) => setting), ["64"])
    assert.deepStrictEqual(results.map(({ f1 }) => f1), [50])
  })

  it("say which cells there are where a name is of none, and that there are none", () => {
    assertInputError(() => detailsOf(tables, "T5-Small/cdr"), {
      field: "T5-Small/cdr",
      message: /names no cell of the results/u,
    })
    assert.match(renderDetails(noTables, undefined), /no run has been scored/u)
  })
})

describe("the cell that is proved", () => {
  it("is one of the table, by its nodes and by its strict score over all labels", () => {
    const { nodes, numbers, inTable } = cellOf(tables, "t5-small/dce/16")
    assert.strictEqual(nodes, "score/T5-Small/dce/16")
    const where = {
      model: "T5-Small",
      corpus: "dce",
      setting: "16",
      protocol: "paper",
      measure: "strict",
      label: "micro",
    }
    assert.deepStrictEqual([numbers.output, numbers.where], ["scores", where])
    assert.deepStrictEqual([inTable.output, inTable.where], ["results", where])
    assert.include(inTable.columns, "f1")
  })

  it("has to be one: several and none are refused with the names of all", () => {
    assertInputError(() => cellOf(tables, "T5-Small/dce"), { field: "T5-Small/dce", message: /names 2 cells/u })
    assertInputError(() => cellOf(tables, "T5-Small/cdr/16"), {
      field: "T5-Small/cdr/16",
      message: /names no cell of the results/u,
    })
  })
})
