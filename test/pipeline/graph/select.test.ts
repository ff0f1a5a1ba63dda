import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { InputError } from "../../../pipeline/base/errors.ts"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Ref } from "../../../pipeline/graph/node.ts"
import { matching, select, selectNodes, selectOne } from "../../../pipeline/graph/select.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const step = <const Name extends string>(name: Name) =>
  stage({
    name,
    params: Schema.Struct({}),
    inputs: { from: many(Row) },
    outputs: { rows: Row },
    run: () => assert.fail("selecting runs nothing"),
  })
const [ingest, train, score] = [step("ingest"), step("train"), step("score")]

const graph = expand(
  experiment({
    defaultProfile: "p",
    profiles: {
      p: (dag) => {
        const scores: Array<Ref<typeof Row.Type>> = []
        for (const corpus of ["cdr", "dce.v2"]) {
          const { rows } = dag.add(ingest, { name: corpus, params: {}, inputs: { from: [] } })
          for (const model of ["t5", "t5-large"]) {
            const name = `${model}/${corpus}`
            const trained = dag.add(train, { name, params: {}, inputs: { from: [rows] } }).rows
            scores.push(dag.add(score, { name, params: {}, inputs: { from: [trained, rows] } }).rows)
          }
        }
      },
    },
  }),
  "p",
  ".",
)

const thrown = (call: () => unknown): InputError => {
  try {
    call()
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  return assert.fail("nothing was thrown")
}

describe("selectors", () => {
  const cases: ReadonlyArray<readonly [selector: string, names: ReadonlyArray<string>]> = [
    ["ingest", ["ingest/cdr", "ingest/dce.v2"]],
    ["train/t5", ["train/t5/cdr", "train/t5/dce.v2"]],
    ["train/t5*/cdr", ["train/t5/cdr", "train/t5-large/cdr"]],
    ["*/t5-large", [
      "train/t5-large/cdr",
      "score/t5-large/cdr",
      "train/t5-large/dce.v2",
      "score/t5-large/dce.v2",
    ]],
    ["score/t5/cdr", ["score/t5/cdr"]],
    // A point is a point, not any character; a part of a segment is not the segment.
    ["ingest/dceXv2", []],
    ["tra", []],
    ["t5", []],
    ["score/t5/cdr/more", []],
    ["", []],
    ["*", [...graph.nodes.keys()]],
  ]
  it.each(cases)("%s", (selector, names) => {
    assert.deepStrictEqual(matching(graph, selector), names)
  })

  it("bring along all that the selected stand on, in order, each once", () => {
    assert.deepStrictEqual([...select(graph, ["score/t5/cdr", "train/t5/cdr"]).nodes.keys()], [
      "ingest/cdr",
      "train/t5/cdr",
      "score/t5/cdr",
    ])
    assert.strictEqual(select(graph, []), graph)
  })

  it("that select nothing are named, with the names there are", () => {
    const error = thrown(() => select(graph, ["ingest", "finetune"]))
    assert.strictEqual(error.field, "finetune")
    assert.include(error.help, "ingest, train, score")
  })

  it("of any length are not repeated whole by what is said of them", () => {
    const long = "x".repeat(100_000)
    for (const selector of [long, `+${long}`, `read,${long}`, `state:${long}`, `${long}=`, `@${long}+`]) {
      let error: unknown
      try {
        selectNodes(graph, { include: [selector], exclude: [] })
      } catch (thrown) {
        error = thrown
      }
      if (!(error instanceof InputError)) throw new Error(`${selector.slice(0, 10)} is no mistake`)
      assert.isBelow(JSON.stringify([error.field, error.message, error.help]).length, 1000, selector.slice(0, 10))
    }
  })

  it("for one node take a whole name, or the only one that matches", () => {
    assert.strictEqual(selectOne(graph, "ingest/cdr").name, "ingest/cdr")
    assert.strictEqual(selectOne(graph, "train/t5-*/cdr").name, "train/t5-large/cdr")
    assert.match(thrown(() => selectOne(graph, "train/t5")).message, /2 nodes/u)
    assert.match(thrown(() => selectOne(graph, "nobody")).message, /selects no node/u)
  })
})
