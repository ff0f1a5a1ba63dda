import { Effect, Schema } from "effect"
import { one, stage } from "redag"
import { Value } from "../../schemas/values.ts"
import { kinds, roundings } from "./kinds.ts"

/** Measures shapes of some sizes. */
export const shapes = stage({
  name: "shapes",
  params: Schema.Struct({
    kind: Schema.Literals(["circle", "square", "triangle"]),
    rounding: Schema.Literals(["up", "down"]),
  }),
  inputs: { values: one(Value) },
  outputs: { values: Value },
  uses: ({ kind, rounding }) => ({ kind: [kind], rounding: [rounding] }),
  run: Effect.fnUntraced(function*({ params: { kind, rounding }, inputs }) {
    const rows = yield* inputs.values.rows
    const { area, corners } = yield* kinds.load(kind)
    const { round } = yield* roundings.load(rounding)
    return {
      values: rows.map(({ name, value }) => ({ name: `${kind} ${name} ${corners}`, value: area(round(value)) })),
    }
  }),
})
