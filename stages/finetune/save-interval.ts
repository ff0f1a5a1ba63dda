import { Effect } from "effect"
import { InputError } from "redag"

/** How often an unfinished training is kept: whichever comes first. */
export interface Pace {
  readonly seconds: number
  readonly steps: number
}

/** Five minutes of training are the most that a kill costs, where saving takes less than a twentieth of that. */
const SECONDS = 300

/**
 * The pace that the environment asks for: `DAG_SAVE_SECONDS`, 300 where it is not set, and `DAG_SAVE_STEPS`. It is no
 * param, for it changes nothing of what a training makes.
 */
export const paceOf = (environment: Readonly<Record<string, string | undefined>>): Effect.Effect<Pace, InputError> =>
  Effect.gen(function*() {
    const number = (name: string, otherwise: number, least: number) => {
      const text = environment[name] ?? ""
      const value = text === "" ? otherwise : Number(text)
      return value >= least ? Effect.succeed(value) : new InputError({
        field: name,
        message: `is ${JSON.stringify(text)}`,
        help: `set it to a number, ${least} or more, or not at all`,
      })
    }
    return {
      seconds: yield* number("DAG_SAVE_SECONDS", SECONDS, 0),
      steps: yield* number("DAG_SAVE_STEPS", Infinity, 1),
    }
  })
