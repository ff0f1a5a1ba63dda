import { Effect } from "effect"

/** Writes to standard output, waiting until it is taken. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(`${text}\n`, () => resume(Effect.void))
  })

/** Prints a value for machines. */
export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value, null, 2))
