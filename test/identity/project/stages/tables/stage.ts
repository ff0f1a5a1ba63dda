import { Effect, Schema } from "effect"
import { one, stage } from "redag"
import { Value } from "../../schemas/values.ts"
import { caught, counters, factorial, parts, shadowed } from "./closures.ts"
import { operationOf, settings } from "./operations.ts"

const table = new Map([["first", 1], ["second", 2]])
const [low, high = 9] = [...table.values()]
const { scaled } = settings
const total = [low, high, scaled].map((number) => (number ?? 0) * 2).reduce((one, other) => one + other, 0)

/** Does what tables of functions say. */
export const tables = stage({
  name: "tables",
  params: Schema.Struct({ operation: Schema.optionalKey(Schema.String) }),
  inputs: { values: one(Value) },
  outputs: { values: Value },
  run: Effect.fnUntraced(function*({ params: { operation }, inputs }) {
    const rows = yield* inputs.values.rows
    const operate = operationOf(operation)
    const [first, second, third] = counters(3)
    const counted = [first, second, third, first].map((counter) => counter?.() ?? 0)
    return {
      values: rows.map(({ name, value }, index) => ({
        name: `${name} ${caught(index * 2)} ${parts({ head: counted, tail: { other: index } }).join(",")}`,
        value: operate(value) + shadowed(index * 4) + factorial(index) + total,
      })),
    }
  }),
})
