import { Schema } from "effect"
import { CliError } from "effect/cli"
import { InputError } from "../base/errors.ts"

/** How a command ends; a signal ends it with 128 and its number, as shells count. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  found: 3,
  foreign: 4,
  stale: 5,
  missing: 6,
} as const

/** What each exit code means, in the order of `dag help` and docs/commands.md. */
export const exitCodeMeanings: ReadonlyArray<readonly [code: number, meaning: string]> = [
  [exitCodes.done, "done"],
  [exitCodes.failed, "a node failed, or something that the command needs is wrong"],
  [exitCodes.usage, "the command line is wrong: an unknown command or flag, a value that a flag does not take"],
  [exitCodes.found, "something was found: damaged files, or other bytes than the store has"],
  [exitCodes.foreign, "dag verify: sound, with files that do not belong to a store"],
  [exitCodes.stale, "dag plan --exit-code: a run would execute nodes"],
  [exitCodes.missing, "files are missing that what was asked for needs"],
  [129, "ended because its terminal was closed (SIGHUP)"],
  [130, "ended by Ctrl-C (SIGINT)"],
  [143, "ended by SIGTERM"],
]

/** The exit code of a command that an error ended. */
export const exitCodeOf = (error: unknown): number => {
  if (CliError.isCliError(error)) return exitCodes.usage
  if (!Schema.is(InputError)(error)) return exitCodes.failed
  if (error.lacksFiles === true) return exitCodes.missing
  return error.field?.startsWith("--") === true ? exitCodes.usage : exitCodes.failed
}
