import { paint } from "../../report/terminal.ts"
import type { LastFailure } from "../../status/failures.ts"
import type { Failure } from "../../store/events.ts"

/** A failure: where, what, and what to do. */
export const failureText = ({ file, line, field, message, help }: Failure): string => {
  const at = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `
  return `${at}${field === undefined ? "" : `${field}: `}${message}\n${paint.cyan("help:")} ${
    help.replaceAll("\n", "\n      ")
  }`
}

/** That a node failed as it is now; one line. */
export const failedText = ({ run, failure: { message } }: LastFailure): string =>
  `${paint.red("failed")} as it is now, in run ${run}: ${message.split("\n", 1)[0] ?? ""}`
