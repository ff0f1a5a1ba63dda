import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { files, InputError, stage } from "redag"
import { Counts } from "../../schemas/counts.ts"

/** Counts the words of texts that have so many letters at least. */
export const count = stage({
  name: "count",
  params: Schema.Struct({ letters: Schema.Int }),
  inputs: { texts: files },
  outputs: { counts: Counts },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const counts = new Map<string, number>()
    for (const { name, path } of inputs.texts) {
      const words = readFileSync(path, "utf8").toLowerCase().match(/\p{L}+/gu)
      if (words === null) return yield* new InputError({ file: name, message: "has no word", help: "write some" })
      for (const word of words) if (word.length >= params.letters) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    return { counts: [...counts].map(([word, count]) => ({ word, count })) }
  }),
})
