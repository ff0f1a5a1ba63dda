import { duration } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { Event } from "../../store/events.ts"

/** That a node is executed again: with what, which attempt it is, and why. */
export const retriedText = (event: Extract<Event, { readonly _tag: "NodeRetried" }>): string => {
  const { node, attempt, of, wait, memory, timeout, failure } = event
  const how = memory !== undefined
    ? `with ${(memory * 2 ** 20 / 1e9).toFixed(1)} GB`
    : timeout !== undefined
    ? `with ${duration(timeout * 1000)}`
    : `in ${duration(wait)}`
  const [reason = ""] = failure.message.split("\n")
  return `${paint.yellow("again")}    ${node}  ${paint.dim(`${how}, attempt ${attempt} of ${of}: ${reason}`)}`
}
