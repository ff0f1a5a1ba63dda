import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { Digest } from "../../../../pipeline/base/digest.ts"
import { fitted } from "../../../../pipeline/base/text.ts"
import { makeBoard } from "../../../../pipeline/cli/text/board.ts"
import { rowsText } from "../../../../pipeline/cli/text/rows.ts"
import { definitions } from "../../../../pipeline/cli/text/wrap.ts"
import { columnsLeaving, columnsWithin } from "../../../../pipeline/report/terminal.ts"

const key = Digest.make("0".repeat(64))
const long = "finetune/scifive-large-pubmed-pmc-and-more/chemprot/full/seed0"

describe("the line of a running node", () => {
  const lineAt = (width: number, node: string): string => {
    const board = makeBoard({ ofRun: () => 3_600_000, ofNode: () => 754_000 })
    board.take({ _tag: "NodeStarted", node, key, resources: { cpu: 1, memory: 1, gpu: 0 } })
    for (const done of [1, 500]) {
      const note = "loss 0.25 at a learning rate of 0.0001"
      board.take({ _tag: "NodeProgressed", node, done, total: 12_000, unit: "steps", note })
    }
    return stripVTControlCharacters(board.lines(width)[0] ?? "")
  }

  it.each([40, 60, 80, 100, 140, 200])("has the time left first, and nothing cut in it, at %i columns", (width) => {
    for (const node of ["learn/a", long]) {
      const line = lineAt(width, node)
      assert.isBelow(Array.from(line).length, width)
      assert.include(line, "12 min 34 s left")
      // What is there is whole.
      assert.match(
        line,
        /left( {2}\[[#.]{10}\] 500\/12000 steps(, \d+\.\d s(, loss 0\.25 at a learning rate of 0\.0001)?)?)?$/u,
      )
      if (width >= 140) assert.include(line, node)
    }
  })

  it("has the time of the run below it, or what must run before that is known, in 80 columns", () => {
    for (
      const [ofRun, said] of [
        [61_000, "0 of 244 nodes, about 1 min 1 s left"],
        [["finetune"], "0 of 244 nodes, time unknown until a first finetune has run"],
        [["generate", "extract", "score"], "0 of 244 nodes, time unknown until a first generate and 2 more have run"],
        [[], "0 of 244 nodes"],
      ] as const
    ) {
      const board = makeBoard({ ofRun: () => ofRun, ofNode: () => undefined })
      board.take({ _tag: "RunStarted", run: "r", profile: "demo", nodes: 244, selectors: [] })
      board.take({ _tag: "NodeStarted", node: long, key, resources: { cpu: 1, memory: 1, gpu: 0 } })
      const total = stripVTControlCharacters(board.total() ?? "")
      assert.strictEqual(total, said)
      assert.isBelow(total.length, 80)
    }
  })

  it("keeps both ends of a name that has no room", () => {
    assert.match(lineAt(80, long), /^running {2}finetune\/\S*…\S*\/seed0 {2}/u)
  })
})

describe("a table", () => {
  it("stands in parts below each other where a terminal is too narrow, each with its first column", () => {
    const rows = [["a", "1", "22", "333", "4444"], ["b", "5", "66", "777", "8888"]]
    const headings = ["name", ">one", ">two", ">three", ">four"]
    assert.strictEqual(
      columnsWithin(headings, rows, 16),
      [
        "name  one  two",
        "a       1   22",
        "b       5   66",
        "",
        "name  three",
        "a       333",
        "b       777",
        "",
        "name  four",
        "a     4444",
        "b     8888",
      ].join("\n"),
    )
    assert.strictEqual(columnsWithin(headings, rows, 80).split("\n").length, 3)
    // Groups stay together.
    assert.match(columnsWithin(headings, rows, 22, 1, ["", "x", "y", "y", "y"]), /^name {2}one\n/u)
  })

  it("leaves out columns that it can do without, and says which", () => {
    const leaving = (room: number | undefined) =>
      columnsLeaving(["name", ">size", "digest"], [["a", "1 kB", "0123456789"]], room, ["digest", "size"])
    assert.deepStrictEqual(leaving(80), leaving(undefined))
    assert.deepStrictEqual(leaving(22), { table: "name  size  digest\na     1 kB  0123456789", left: [] })
    assert.deepStrictEqual(leaving(21), { table: "name  size\na     1 kB", left: ["digest"] })
    assert.deepStrictEqual(leaving(5).left, ["digest", "size"])
  })

  it("of rows has short values alone; a row with a list or a long text is a block", () => {
    assert.strictEqual(
      rowsText([{ n: 1.5, text: "a" }, { n: null, text: "b" }], 3, 80),
      "row    n  text\n  3  1.5  a\n  4       b",
    )
    assert.include(rowsText([{ text: "x".repeat(61) }], 0, 80), `row 0`)
    assert.strictEqual(stripVTControlCharacters(rowsText([{ list: [1, 2] }], 0, 80)), "row 0\n  list (2)\n    1\n    2")
  })
})

describe("a text", () => {
  it("breaks at words, and its later lines are set in", () => {
    assert.strictEqual(fitted("  one two three four five six", 22, 2), "  one two three four\n    five six")
    assert.strictEqual(fitted("short", 22), "short")
    assert.strictEqual(fitted("as it is however long", undefined), "as it is however long")
  })

  it("beside a name has its own column", () => {
    assert.deepStrictEqual(definitions([["--a", "first words of it"], [`--${"b".repeat(30)}`, "x"]], 36), [
      "  --a                     first",
      "                          words of",
      "                          it",
      `  --${"b".repeat(30)}`,
      "                          x",
    ])
  })
})
