import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { expand } from "../../../pipeline/graph/expand.ts"
import type { Graph, Ref } from "../../../pipeline/graph/node.ts"
import { rankOf, startOrder } from "../../../pipeline/graph/priority.ts"
import { many, stage } from "../../../pipeline/graph/stage.ts"
import { experiment } from "../../../pipeline/report/experiment.ts"

const Row = Schema.Struct({ n: Schema.Int }).annotate({ identifier: "rows" })
const of = (name: string) =>
  stage({
    name,
    params: Schema.Struct({}),
    inputs: { from: many(Row) },
    outputs: { rows: Row },
    run: () => Effect.succeed({ rows: [] }),
  })
const stages = { data: of("data"), train: of("train"), write: of("write"), score: of("score"), table: of("table") }

/** A training for each of some models on one set of data; each is written with and scored, and a table gathers the scores. */
const trainings = (models: ReadonlyArray<string>): Graph =>
  expand(
    experiment({
      defaultProfile: "all",
      profiles: {
        all: (dag) => {
          const add = (kind: keyof typeof stages, name: string, from: ReadonlyArray<Ref<{ readonly n: number }>>) =>
            dag.add(stages[kind], { name, params: {}, inputs: { from } }).rows
          const data = add("data", "all", [])
          const scores = models.map((model) =>
            add("score", model, [add("write", model, [add("train", model, [data])])])
          )
          add("table", "all", scores)
        },
      },
    }),
    "all",
    ".",
  )

const graph = trainings(["small", "large", "base"])
const seconds: Readonly<Record<string, number>> = {
  "data/all": 5,
  "train/small": 100,
  "train/large": 900,
  "train/base": 300,
}
const timeOf = (name: string): number => seconds[name] ?? 1

describe("the order in which nodes start", () => {
  it("ranks a node by the longest way to the end", () => {
    const ranks = rankOf(graph, timeOf)
    assert.strictEqual(ranks.get("table/all"), 1)
    assert.strictEqual(ranks.get("train/small"), 103)
    assert.strictEqual(ranks.get("data/all"), 5 + 900 + 3)
  })

  it("begins with the longest training, and ends what one leads to before the next begins", () => {
    assert.deepStrictEqual(startOrder(graph, rankOf(graph, timeOf)), [
      "data/all",
      ...["large", "base", "small"].flatMap((model) => [`train/${model}`, `write/${model}`, `score/${model}`]),
      "table/all",
    ])
  })

  it("leaves equal ranks in the order of the graph, and puts what is not to run before all others", () => {
    const toRun = new Set(["train/base", "train/small", "score/base", "write/base"])
    const ranks = rankOf(graph, (name) => (toRun.has(name) ? 0 : undefined))
    const order = startOrder(graph, ranks)
    assert.sameMembers([...order], [...graph.nodes.keys()])
    assert.deepStrictEqual(order.slice(-4), ["train/small", "train/base", "write/base", "score/base"])
  })
})
