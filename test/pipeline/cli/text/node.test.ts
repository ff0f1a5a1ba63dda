import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import { nodeText } from "../../../../pipeline/cli/text/node.ts"
import { graphOf } from "../../graph/selection/graphs.ts"

describe("a node of a plan", () => {
  const after = Array.from({ length: 90 }, (_, index) => `score/bart-mini/cdr/16/seed${index}`)
  const [node] = graphOf([{ name: "aggregate/table1", from: [] }]).nodes.values()
  const textAt = (width: number | undefined) => {
    if (node === undefined) throw new Error("there is one node")
    const preImage = { format: "test", stage: "aggregate", params: {}, inputs: {}, code: digestOf(""), outputs: {} }
    const status = { _tag: "WillRun", reasons: [{ _tag: "NeverRun" }], after, preImage, action: undefined } as const
    return stripVTControlCharacters(nodeText({ node, status, record: undefined }, undefined, width))
  }

  it.each([60, 80, 100])("has what it waits for below it where %i columns have no room beside it", (width) => {
    const lines = textAt(width).split("\n")
    assert.isAtMost(Math.max(...lines.map(({ length }) => length)), width)
    assert.strictEqual(lines[0], "run      aggregate/table1")
    assert.match(lines.join(" ").replaceAll(/\s+/gu, " "), /after score\/.*seed3 and 86 more has not run$/u)
  })

  it("is one line and its reasons where there is no terminal", () => {
    assert.lengthOf(textAt(undefined).split("\n"), 2)
  })
})
