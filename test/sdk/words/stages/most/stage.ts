import { Effect, Schema } from "effect"
import { many, stage } from "redag"
import { Counts } from "../../schemas/counts.ts"

/** The words that occur most often in all of some counts together. */
export const most = stage({
  name: "most",
  params: Schema.Struct({ words: Schema.Int }),
  inputs: { counts: many(Counts) },
  outputs: { counts: Counts },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const counts = new Map<string, number>()
    for (const table of inputs.counts) {
      for (const { word, count } of yield* table.rows) counts.set(word, (counts.get(word) ?? 0) + count)
    }
    const sorted = [...counts].sort(([one, few], [other, many]) => many - few || (one < other ? -1 : 1))
    return { counts: sorted.slice(0, params.words).map(([word, count]) => ({ word, count })) }
  }),
})
