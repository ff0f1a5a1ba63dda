import { Effect } from "effect"
import { InputError } from "../../base/errors.ts"

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** An age as a user writes it, such as 30d, 12h, 90m or 0s, in milliseconds. */
export const ageOf = (flag: string, text: string): Effect.Effect<number, InputError> => {
  const [, count = "", unit = ""] = /^(\d{1,9})([smhd])$/u.exec(text) ?? []
  const seconds = units[unit]
  return seconds === undefined
    ? Effect.fail(
      new InputError({
        field: flag,
        message: `"${text}" is no age`,
        help: "give a whole number with its unit: 30d, 12h, 90m or 0s",
      }),
    )
    : Effect.succeed(Number(count) * seconds * 1000)
}
