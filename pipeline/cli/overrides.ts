import { Effect } from "effect"
import { InputError } from "../base/errors.ts"
import type { Overrides } from "../status/status.ts"

/** What --replace alone comes to. */
export const replacesNothing = Effect.fail(
  new InputError({
    field: "--replace",
    message: "needs --force",
    help: "name the nodes to execute again: dag run NODE --force --replace",
  }),
)

/** What --force without nodes comes to. */
export const forcesNothing = Effect.fail(
  new InputError({
    field: "--force",
    message: "needs the nodes to execute again",
    help: "name them: dag run NODE --force; * names all",
  }),
)

/** The nodes that are to run, or to stay, whatever changed. */
export const overridesOf = (
  forced: ReadonlySet<string>,
  frozen: ReadonlySet<string>,
): Effect.Effect<Overrides, InputError> => {
  const both = [...forced].find((name) => frozen.has(name))
  return both === undefined ? Effect.succeed({ forced, frozen }) : Effect.fail(
    new InputError({
      field: both,
      message: "is to be executed by --force and to stay as it is by --freeze",
      help: "name it in one of them",
    }),
  )
}
