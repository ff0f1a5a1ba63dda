import { number } from "../../base/text.ts"
import type { InQueueNow } from "../../execute/executor.ts"
import { paint } from "../../report/terminal.ts"
import type { Underway } from "../../report/underway.ts"
import type { LastFailure } from "../../status/failures.ts"
import { atWorkText } from "./holder.ts"
import { inQueueText } from "./queue.ts"

/** How far an action came that is not done, and what becomes of it. */
export const underwayText = (
  { soFar: { reached, saved }, state }: Underway,
  failed: LastFailure | undefined,
  /** How it stands in the queue that it was handed to, if any. */
  queued?: InQueueNow,
): string => {
  const at = reached === undefined ? "" : ` at ${number(reached.done)} of ${number(reached.total)} ${reached.unit}`
  if (state._tag === "Running" && queued?.wait !== undefined) {
    return `${paint.yellow(`not running now${at}`)}: ${inQueueText(queued)}`
  }
  if (state._tag === "Running") return `${paint.cyan(`running${at}`)}: ${atWorkText(state.holder)}`
  const rest = !state.saved || saved === undefined
    ? state.saved ? "the next run goes on from what it saved" : "nothing of it is saved: the next run begins again"
    : saved.done === reached?.done
    ? "the next run goes on from there"
    : `the next run goes on from ${number(saved.done)}`
  return failed === undefined
    ? `${paint.yellow(`stopped${at}`)}: ${rest}`
    : `${paint.red(`failed${at}`)} in run ${failed.run}: ${failed.failure.message.split("\n", 1)[0] ?? ""}; ${rest}`
}
