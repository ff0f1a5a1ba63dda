import { Effect, Schema } from "effect"
import { stage } from "redag"
import { Value } from "../../schemas/values.ts"
import { power } from "../shared/index.ts"
import defaults from "./defaults.json" with { type: "json" }
import { sequence, take } from "./random.ts"
import { last, nameOf, reset } from "./state.ts"

/** Makes numbers out of a seed. */
export const numbers = stage({
  name: "numbers",
  params: Schema.Struct({ count: Schema.Natural, seed: Schema.Natural, labels: Schema.Array(Schema.String) }),
  inputs: {},
  outputs: { values: Value },
  resources: () => ({ cpu: 1, memory: 128, gpu: 0 }),
  run: Effect.fnUntraced(function*({ params: { count, seed, labels } }) {
    reset()
    const values = take(sequence(seed + defaults.start), count).map((number, index) => ({
      name: nameOf([...defaults.names, ...labels]),
      value: number + power(defaults.step.by, index),
    }))
    yield* Effect.void
    return { values: [...values, { name: last, value: values.length }] }
  }),
})
