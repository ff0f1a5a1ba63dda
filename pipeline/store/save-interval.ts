import { Effect } from "effect"
import { InputError } from "../base/errors.ts"
import type { SaveInterval } from "../graph/stage.ts"

/** Five minutes of work are the most that a kill costs. */
const SECONDS = 300

/** The interval that an environment asks for: `DAG_SAVE_SECONDS`, 300 where it is not set, and `DAG_SAVE_STEPS`. */
export const saveIntervalOf = Effect.fnUntraced(function*(
  environment: Readonly<Record<string, string | undefined>>,
): Effect.fn.Return<SaveInterval, InputError> {
  return {
    seconds: yield* numberOf("DAG_SAVE_SECONDS", environment["DAG_SAVE_SECONDS"] ?? "", SECONDS, 0),
    steps: yield* numberOf("DAG_SAVE_STEPS", environment["DAG_SAVE_STEPS"] ?? "", Infinity, 1),
  }
})

const numberOf = (
  field: string,
  text: string,
  otherwise: number,
  least: number,
): Effect.Effect<number, InputError> => {
  const value = text === "" ? otherwise : Number(text)
  return value >= least ? Effect.succeed(value) : Effect.fail(
    new InputError({
      field,
      message: `is ${JSON.stringify(text)}`,
      help: `set it to a number, ${least} or more, or not at all`,
    }),
  )
}
