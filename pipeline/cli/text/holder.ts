import type { Executing } from "../../report/executing.ts"
import { paint } from "../../report/terminal.ts"
import type { Holder } from "../../store/leases.ts"

/** A line of a node that is executed now. */
export const executingText = (executing: Executing): string =>
  `${paint.cyan("running")}  ${executing.node}  ${paint.dim(atWorkText(executing))}`

/** "run 20261128-… (process 123 on host) executes it, since 12:01:07". */
export const atWorkText = ({ pid, host, run, since, heard, stopped }: Omit<Holder, "node">): string => {
  const who = `${run === undefined ? "another process" : `run ${run}`} (process ${pid}${
    host === undefined ? "" : ` on ${host}`
  })`
  const from = since === undefined ? "" : `, since ${clockTime(since)}`
  const halted = stopped === true ? ", but is stopped now: let it go on with kill -CONT, or end it" : ""
  return `${who} executes it${from}${halted}${heard === undefined ? "" : `, last heard of at ${clockTime(heard)}`}`
}

/** The time of day here, with the day where it is another one. */
const clockTime = (iso: string): string => {
  const at = new Date(iso)
  const time = at.toTimeString().slice(0, 8)
  return at.toDateString() === new Date().toDateString() ? time : `${at.toDateString().slice(4, 10)} ${time}`
}
