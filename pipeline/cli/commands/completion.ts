import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { scripts } from "../completion/scripts.ts"
import { print } from "../text/output.ts"

/** `dag completion SHELL`: what makes Tab complete in a shell. */
export const completion = Command.make("completion", {
  shell: Argument.Literals("shell", ["bash", "zsh", "fish"]).pipe(
    Argument.withDescription("bash, zsh or fish"),
  ),
}, ({ shell }) => Effect.asVoid(print(scripts[shell].trimEnd()))).pipe(
  Command.withDescription(
    "Print what makes Tab complete commands, flags, profiles and nodes in a shell. Write it to a file that the shell reads when it starts: docs/selectors.md",
  ),
)
