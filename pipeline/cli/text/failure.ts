import { paint } from "../../report/terminal.ts"
import type { Failure } from "../../store/events.ts"

/** A failure: where, what, and what to do. */
export const failureText = ({ file, line, field, message, help }: Failure): string => {
  const at = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}: `
  return `${at}${field === undefined ? "" : `${field}: `}${message}\n${paint.cyan("help:")} ${
    help.replaceAll("\n", "\n      ")
  }`
}
