import { Cause } from "effect"
import { InputError, StageError, StoreError } from "../base/errors.ts"
import type { Failure } from "../store/events.ts"

/** Why an action failed, for the user. An error that nobody foresaw is a bug and has its stack. */
export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const error: unknown = Cause.squash(cause)
  if (error instanceof InputError) {
    const { message, help, file, line, field } = error
    return {
      error: error._tag,
      message,
      help,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      ...(field === undefined ? {} : { field }),
    }
  }
  if (error instanceof StoreError) {
    return { error: error._tag, message: error.message, help: error.help, file: error.path }
  }
  if (error instanceof StageError) return { error: error._tag, message: error.message, help: error.help }
  return {
    error: "Bug",
    message: error instanceof Error ? error.stack ?? error.message : String(error),
    help: "this is a defect of redag or of the stage, not of your data",
  }
}
