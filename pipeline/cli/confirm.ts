import { Effect } from "effect"
import { createInterface } from "node:readline/promises"
import { print } from "./text/output.ts"

/** Asks on a terminal; elsewhere nobody can answer, and the command itself was the answer. */
export const confirmed = Effect.gen(function*() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = yield* Effect.tryPromise(() => prompt.question("Go on? [Y/n] ")).pipe(
    // Ctrl-C and Ctrl-D break the question off, which the terminal hands to it and not to the process.
    Effect.catch(() => Effect.andThen(print("\nNothing was run."), Effect.interrupt)),
    Effect.ensuring(Effect.sync(() => prompt.close())),
  )
  return !/^n/iu.test(answer.trim())
})
