import { Effect } from "effect"
import { createInterface } from "node:readline/promises"
import { print } from "./text/output.ts"

/** What came of a question: elsewhere than on a terminal nobody can answer, and the command itself was the answer. */
export type Answer = "yes" | "no" | "not asked"

/** What is typed on a terminal behind a question; undefined where there is none. */
const typed = Effect.fnUntraced(function*(question: string) {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = yield* Effect.tryPromise(() => prompt.question(`${question} `)).pipe(
    // Ctrl-C and Ctrl-D break the question off, which the terminal hands to it and not to the process.
    Effect.catch(() => Effect.andThen(print("\nNothing was done."), Effect.interrupt)),
    Effect.ensuring(Effect.sync(() => prompt.close())),
  )
  return answer.trim()
})

/** Asks on a terminal whether to go on. */
export const answered = Effect.map(
  typed("Go on? [Y/n]"),
  (answer): Answer => answer === undefined ? "not asked" : /^n/iu.test(answer) ? "no" : "yes",
)

/** Asks on a terminal what nobody agrees to by the Return key alone. */
export const agreed = (question: string): Effect.Effect<Answer> =>
  Effect.map(
    typed(`${question} [y/N]`),
    (answer): Answer => answer === undefined ? "not asked" : /^y/iu.test(answer) ? "yes" : "no",
  )

/** Whether to go on. */
export const confirmed = Effect.map(answered, (answer) => answer !== "no")
