import { Effect, Schema } from "effect"
import { many, stage } from "redag"
import { Value } from "../../schemas/values.ts"
import { add } from "../shared/arithmetic.ts"

/** Adds all values of all tables up. */
export const total = stage({
  name: "total",
  params: Schema.Struct({}),
  inputs: { values: many(Value) },
  outputs: { values: Value },
  run: Effect.fnUntraced(function*({ inputs }) {
    let sum = 0
    for (const table of inputs.values) for (const { value } of yield* table.rows) sum = add(sum, Math.floor(value))
    return { values: [{ name: "total", value: sum }] }
  }),
})
