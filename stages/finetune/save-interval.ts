import { Effect } from "effect"
import { InputError } from "redag"
import { noNumber, noNumberHelp } from "./messages.ts"

/** How often an unfinished training is saved: whichever comes first. */
export interface SaveInterval {
  readonly seconds: number
  readonly steps: number
}

/** Five minutes of training are the most that a kill costs, where saving takes less than a twentieth of that. */
const SECONDS = 300

/**
 * The interval that the environment asks for: `DAG_SAVE_SECONDS`, 300 where it is not set, and `DAG_SAVE_STEPS`. It is no
 * param, for it changes nothing of what a training makes.
 */
export const saveIntervalOf = Effect.fnUntraced(function*(
  environment: Readonly<Record<string, string | undefined>>,
): Effect.fn.Return<SaveInterval, InputError> {
  return {
    seconds: yield* numberOf("DAG_SAVE_SECONDS", environment["DAG_SAVE_SECONDS"] ?? "", SECONDS, 0),
    steps: yield* numberOf("DAG_SAVE_STEPS", environment["DAG_SAVE_STEPS"] ?? "", Infinity, 1),
  }
})

/** The interval that this process's environment asks for. */
export const saveInterval: Effect.Effect<SaveInterval, InputError> = Effect.suspend(() => saveIntervalOf(process.env))

const numberOf = (
  field: string,
  text: string,
  otherwise: number,
  least: number,
): Effect.Effect<number, InputError> => {
  const value = text === "" ? otherwise : Number(text)
  return value >= least
    ? Effect.succeed(value)
    : Effect.fail(new InputError({ field, message: noNumber(text), help: noNumberHelp(least) }))
}
