import { indent } from "../../base/text.ts"
import type { LastLines } from "../../report/printed.ts"
import { paint } from "../../report/terminal.ts"
import type { LastStop } from "../../status/failures.ts"
import type { JobPlace } from "../../store/batch.ts"
import { jobText, waitText } from "./queue.ts"

/** "Slurm job 1234_5 (redag-…) on n2". */
export const wholeJobText = (job: JobPlace): string =>
  `${jobText(job)}${job.id === undefined ? "" : ` (${job.name})`}${job.host === undefined ? "" : ` on ${job.host}`}`

/** Where it can be read what a job printed beside its actions, and its last lines. */
export const printedText = ({ path, isThere, lines }: LastLines): string =>
  !isThere
    ? `of what the job printed nothing is there: it never began, or ${path} was removed`
    : lines.length === 0
    ? `the job printed nothing else: ${path}`
    : [`what the job printed is in ${path}; it ends so:`, ...lines.map((line) => indent(paint.dim(`| ${line}`), 2))]
      .join("\n")

/** That an execution did not come to its end, in which run, where, and what becomes of its job. */
export const stoppedText = (
  node: string,
  { run, isInterrupted, wait, job }: LastStop,
  isInQueue: boolean,
): string => {
  const who = isInterrupted ? `run ${run} was interrupted` : `run ${run} ended before it did`
  const where = wait !== undefined
    ? `; until then: ${waitText(wait)}`
    : job === undefined
    ? ""
    : ` while this ran in ${wholeJobText(job)}`
  const then = job === undefined
    ? ""
    : isInQueue
    ? "; its job is in the queue still: run again to wait for it"
    : isInterrupted
    ? "; the job was cancelled"
    : ""
  return `${node} did not come to its end: ${who}${where}${then}`
}
