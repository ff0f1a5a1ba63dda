import { assert, describe, it } from "vitest"
import { dot, type Drawing, mermaid } from "../../../pipeline/report/drawing.ts"

const drawing: Drawing = {
  boxes: [
    { name: "act/a&quot;b", stage: "act", nodes: 1 },
    { name: "act/<b>\"#1\"</b>", stage: "act", nodes: 1 },
    { name: "act/c\\n", stage: "act", nodes: 3 },
  ],
  arrows: [{ from: "act/a&quot;b", to: "act/c\\n", wires: 2 }],
}

describe("a drawing of a graph", () => {
  it("shows names as they are, whatever Mermaid reads in them", () => {
    assert.deepStrictEqual(mermaid(drawing).split("\n"), [
      "flowchart LR",
      "  n0[\"act/a#38;quot;b\"]",
      "  n1[\"act/#60;b#62;#34;#35;1#34;#60;/b#62;\"]",
      "  n2[\"act/c\\n x 3\"]",
      "  n0 -->|2| n2",
    ])
  })

  it("shows names as they are, whatever Graphviz reads in them", () => {
    assert.deepStrictEqual(dot(drawing).split("\n"), [
      "digraph dag {",
      "  rankdir=LR",
      "  node [shape=box]",
      "  \"act/a&quot;b\" [label=\"act/a&amp;quot;b\"]",
      "  \"act/<b>\\\"#1\\\"</b>\" [label=\"act/<b>\\\"#1\\\"</b>\"]",
      "  \"act/c\\\\n\" [label=\"act/c\\\\n x 3\"]",
      "  \"act/a&quot;b\" -> \"act/c\\\\n\" [label=\"2\"]",
      "}",
    ])
  })
})
