import { Effect, Schema } from "effect"
import { one, stage } from "redag"
import { Value } from "../../schemas/values.ts"
import { parity } from "../shared/index.ts"
import { slowly } from "./walk.ts"

const destructured = async (number: number): Promise<number> => {
  const { late } = await import("./late.ts")
  return late(number)
}

const chained = (number: number): Promise<number> => import("./then.ts").then(({ thenAdd }) => thenAdd(number))

const whole = async (): Promise<number> => {
  const module = await import("./whole.ts")
  module.clear()
  module.step()
  return module.step() + module.count
}

/** Walks over numbers with modules that are loaded late. */
export const walk = stage({
  name: "walk",
  params: Schema.Struct({ turns: Schema.Natural }),
  inputs: { values: one(Value) },
  outputs: { values: Value },
  run: Effect.fnUntraced(function*({ params: { turns }, inputs }) {
    const rows = yield* inputs.values.rows
    const { promised } = yield* Effect.promise(() => import("./promised.ts"))
    let numbers = yield* Effect.promise(() => slowly(rows.map(({ value }) => value)))
    for (let turn = 0; turn < turns; turn++) {
      numbers = yield* Effect.forEach(
        numbers,
        (number) => Effect.promise(async () => promised(await chained(await destructured(number)))),
      )
    }
    const extra = yield* Effect.promise(whole)
    return {
      values: numbers.map((value, index) => ({
        name: `${parity.isEven(value % 50) ? "even" : "odd"} ${index}`,
        value: value + extra,
      })),
    }
  }),
})
