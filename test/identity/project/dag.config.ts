import { Schema } from "effect"
import { type Builder, experiment } from "redag"
import { results } from "./results.ts"
import { numbers } from "./stages/numbers/stage.ts"
import { packed } from "./stages/packed/stage.ts"
import { shapes } from "./stages/shapes/stage.ts"
import { tables } from "./stages/tables/stage.ts"
import { total } from "./stages/total/stage.ts"
import { walk } from "./stages/walk/stage.ts"
import { words } from "./stages/words/stage.ts"

const Params = Schema.Struct({
  numbers: numbers.params,
  words: Schema.Struct({ limit: Schema.Natural, skip: Schema.Natural }),
  shapes: Schema.Array(shapes.params),
  walk: walk.params,
  packed: packed.params,
})

/** Every stage once, shapes once a kind. */
const main = (dag: Builder) => {
  const params = dag.yaml("params.yaml", Params)
  const { values } = dag.add(numbers, { name: "all", params: params.numbers, inputs: {} })
  dag.add(words, { name: "all", params: params.words, inputs: { values } })
  const made = [
    ...params.shapes.map((shape) => dag.add(shapes, { name: shape.kind, params: shape, inputs: { values } }).values),
    dag.add(walk, { name: "all", params: params.walk, inputs: { values } }).values,
    dag.add(packed, { name: "all", params: params.packed, inputs: { values } }).values,
    dag.add(tables, { name: "plain", params: {}, inputs: { values } }).values,
    dag.add(tables, { name: "squared", params: { operation: "squared" }, inputs: { values } }).values,
  ]
  dag.add(total, { name: "all", params: {}, inputs: { values: made } })
}

export default experiment({
  defaultProfile: "main",
  profiles: {
    main,
    /** What its users get wrong. */
    wrong: (dag) => {
      const { values } = dag.add(numbers, {
        name: "all",
        params: { count: 2, seed: 1, labels: [] },
        inputs: {},
      })
      dag.add(words, { name: "none", params: { limit: 10, skip: 2 }, inputs: { values } })
      dag.add(words, { name: "many", params: { limit: 1, skip: 0 }, inputs: { values } })
    },
  },
  results,
})
