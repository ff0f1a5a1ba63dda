import type { InQueueNow } from "../../execute/executor.ts"
import type { GpuHolder } from "../../execute/gpu-leases.ts"
import { paint } from "../../report/terminal.ts"
import type { JobPlace, JobWait } from "../../store/batch.ts"
import type { Holder } from "../../store/leases.ts"
import type { Executing, Left } from "../executing.ts"
import { inQueueText, jobText, waitText, waitWord } from "./queue.ts"

/** A line of a node that is executed now, or waits for its job in a queue. */
export const executingText = ({ queued, ...executing }: Executing): string => {
  if (queued === undefined) return `${paint.cyan("running")}  ${executing.node}  ${paint.dim(atWorkText(executing))}`
  return queuedLine(executing.node, queued)
}

/** A line of a node that a run left in a queue which ended. */
export const leftText = ({ node, queued }: Left): string =>
  `${queuedLine(node, queued)}${paint.dim(", which ended: run again to wait for it")}`

const queuedLine = (node: string, queued: InQueueNow): string => {
  const { job, run, wait, since } = queued
  const word = wait === undefined ? `${paint.cyan("running")}  ` : waitWord(wait)
  const from = since === undefined ? "" : `, since ${clockTime(since)}`
  // "running" stands before the node.
  const how = inQueueText(queued).replace(/^running /u, "")
  return `${word}${node}  ${how}${paint.dim(`${from}, in ${job.name} of run ${run}`)}`
}

/** Which job another run has that executes something, and how that stands. */
export const jobElsewhereText = ({ run, since, job, wait }: Omit<Holder, "node"> & {
  readonly job: JobPlace
  readonly wait?: JobWait
}): string => {
  const of = run === undefined ? "of a run that ended" : `of run ${run}`
  return wait === undefined
    ? `${jobText(job)} ${of} executes it${job.host === undefined ? "" : ` on ${job.host}`}${
      since === undefined ? "" : `, since ${clockTime(since)}`
    }`
    : `${waitText(wait)}, ${of}`
}

/** "run 20261128-… (process 123 on host) executes it, since 12:01:07". */
export const atWorkText = ({ pid, host, run, since, heard, stopped }: Omit<Holder, "node">): string => {
  const who = `${run === undefined ? "another process" : `run ${run}`} (process ${pid}${
    host === undefined ? "" : ` on ${host}`
  })`
  const from = since === undefined ? "" : `, since ${clockTime(since)}`
  const halted = stopped === true ? ", but is stopped now: let it go on with kill -CONT, or end it" : ""
  return `${who} executes it${from}${halted}${heard === undefined ? "" : `, last heard of at ${clockTime(heard)}`}`
}

/** "GPU 0 is held by process 123 in /home/…; it starts when there is a free one". */
export const gpusHeldText = (holders: ReadonlyArray<GpuHolder>): string =>
  `${
    holders.map(({ gpu, pid, folder }) => `GPU ${gpu} is held by process ${pid} in ${folder}`).join(", ")
  }; it starts when there is a free one`

/** The time of day here, with the day where it is another one. */
const clockTime = (iso: string): string => {
  const at = new Date(iso)
  const time = at.toTimeString().slice(0, 8)
  return at.toDateString() === new Date().toDateString() ? time : `${at.toDateString().slice(4, 10)} ${time}`
}
