import { Effect } from "effect"
import { createInterface } from "node:readline/promises"
import { print } from "./text/output.ts"

/** What came of a question: elsewhere than on a terminal nobody can answer, and the command itself was the answer. */
export type Answer = "yes" | "no" | "not asked"

/** Asks on a terminal whether to go on. */
export const answered = Effect.gen(function*(): Effect.fn.Return<Answer> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return "not asked"
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = yield* Effect.tryPromise(() => prompt.question("Go on? [Y/n] ")).pipe(
    // Ctrl-C and Ctrl-D break the question off, which the terminal hands to it and not to the process.
    Effect.catch(() => Effect.andThen(print("\nNothing was done."), Effect.interrupt)),
    Effect.ensuring(Effect.sync(() => prompt.close())),
  )
  return /^n/iu.test(answer.trim()) ? "no" : "yes"
})

/** Whether to go on. */
export const confirmed = Effect.map(answered, (answer) => answer !== "no")
