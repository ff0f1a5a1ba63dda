import { Cause, Effect, Exit, Schema } from "effect"
import { DagError } from "../../base/errors.ts"
import type { LiveMessage } from "./messages.ts"
import type { View, Views } from "./view.ts"

/** While a run is at work, the graph is looked at again after so many milliseconds; when it ends, at once. */
const SOON = 3000

/** When the graph is to be looked at again: "renewed" is at once, after a file of the profile changed. */
export type When = "soon" | "now" | "renewed"

/**
 * Gives a function that has the graph looked at again. Which version it is then, or why it cannot be read any more, is
 * said; `seen` is given what was seen.
 */
export const lookingAgain = Effect.fnUntraced(function*<E, R>(
  { again, renewed }: Pick<Views<E, R>, "again" | "renewed">,
  say: (message: LiveMessage) => void,
  seen: (view: View) => void,
) {
  const run = Effect.runCallbackWith(yield* Effect.context<R>())
  let timer: NodeJS.Timeout | undefined
  let isRenewed = false
  yield* Effect.addFinalizer(() => Effect.sync(() => clearTimeout(timer)))
  return (when: When): void => {
    isRenewed ||= when === "renewed"
    if (timer !== undefined && when === "soon") return
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      const look = isRenewed ? renewed : again
      isRenewed = false
      run(look, {
        onExit: (exit) => {
          if (Exit.isSuccess(exit)) {
            say({ _tag: "Graph", version: exit.value.version })
            return seen(exit.value)
          }
          const error = Cause.squash(exit.cause)
          if (Schema.is(DagError)(error)) say({ _tag: "Problem", message: error.message, help: error.help })
        },
      })
    }, when === "soon" ? SOON : 0)
  }
})
