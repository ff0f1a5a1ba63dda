import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"
import { one, stage } from "redag"
import { tiny } from "tiny"
import { Value } from "../../schemas/values.ts"
import { mean, Pile } from "../shared/index.ts"
import { Summing } from "../shared/stack.ts"

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8)

/** Puts numbers on a stack, with a package of its own. */
export const packed = stage({
  name: "packed",
  params: Schema.Struct({ keep: Schema.Natural }),
  inputs: { values: one(Value) },
  outputs: { values: Value },
  run: Effect.fnUntraced(function*({ params: { keep }, inputs }) {
    const rows = yield* inputs.values.rows
    const stack = Pile.of(...rows.map(({ value }) => tiny(value)))
    const summing = new Summing()
    while (stack.size > keep) summing.push(stack.pop() ?? 0)
    stack.top = mean([...stack])
    return {
      values: [
        ...[...stack].map((value) => ({ name: digest(String(value)), value })),
        { name: `${stack.label} ${summing.label} ${Pile.made} ${Pile.isStack(summing)}`, value: summing.sum },
      ],
    }
  }),
})
