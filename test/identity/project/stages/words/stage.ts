import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { InputError, one, stage } from "redag"
import { Text } from "../../schemas/texts.ts"
import { Value } from "../../schemas/values.ts"
import { noWords, tooMany, tooManyHelp } from "./messages.ts"
import { bracketed, pairOf, tokensOf, weightOf } from "./tokens.ts"

const Limit = Schema.Natural.pipe(Schema.withDecodingDefault(Effect.succeed(100)))

/** Puts words to numbers. */
export const words = stage({
  name: "words",
  params: Schema.Struct({ limit: Limit, skip: Schema.Natural }),
  inputs: { values: one(Value) },
  outputs: { texts: Text },
  run: Effect.fnUntraced(function*({ params: { limit, skip }, inputs }) {
    const rows = yield* inputs.values.rows
    const lines = readFileSync(new URL("./words.txt", import.meta.url), "utf8").trim().split("\n")
    const tokens = lines.slice(skip).flatMap(tokensOf)
    const found = tokens.filter(({ kind }) => kind === "word").map(({ text }) => text)
    if (found.length === 0) {
      const texts = tokens.map(({ text }) => text)
      return yield* new InputError({ message: noWords.message(skip + 1, texts), help: noWords.help })
    }
    if (found.length > limit) {
      return yield* new InputError({ message: tooMany(found.length, limit), help: tooManyHelp })
    }
    const weight = tokens.reduce((sum, { kind }) => sum + weightOf(kind), 0)
    const texts = rows.map(({ name, value }, index) => bracketed`${name} ${found[index % found.length] ?? ""} ${value}`)
    return { texts: [...texts, pairOf(found), `weight ${weight}`].map((text) => ({ text })) }
  }),
})
