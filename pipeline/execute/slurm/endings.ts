import { constants } from "node:os"
import type { Details } from "./answers.ts"
import { warningSignal } from "./script.ts"

/** What became of a task of an array, as far as Slurm and what the task printed say. */
export type Ending =
  /** It outgrew its memory; `used` is how much it had when it was ended, in MiB, where that was said. */
  | { readonly _tag: "OutOfMemory"; readonly used: number | undefined }
  /** Its time was up, or, where it was `warned`, so nearly that its worker stopped it. */
  | { readonly _tag: "OutOfTime"; readonly warned?: true }
  /** The cluster took it away, which says nothing of the work: what is to be done again costs no retry. */
  | { readonly _tag: "TakenAway"; readonly why: "node" | "preempted" | "requeued" | "launch" }
  /** Somebody cancelled it. */
  | { readonly _tag: "Cancelled" }
  /** Its program ended by itself with a code, or was ended by a signal that Slurm did not send; 0 where neither is. */
  | { readonly _tag: "Exited"; readonly code: number; readonly signal: number }
  /** Slurm was told to kill its program, as by `scancel --batch --signal=KILL`: by whom it does not say. */
  | { readonly _tag: "Killed" }
  /** Nobody knows it any more. */
  | { readonly _tag: "Forgotten" }

/** The first line that a task prints each time that it starts: what it printed before that is of an earlier start. */
export const beginsLine = (job: string, restarts: number): string => `redag: job ${job} begins, start ${restarts + 1}`

/**
 * What became of a task that is in the queue no more, by what the controller remembers of it and by what stands in its
 * output. Slurm without accounting forgets a job after minutes, and without cgroups it names what outgrew its memory like
 * any job whose program was killed: what slurmstepd wrote into the output says more, and stays.
 */
export const endingOf = (details: Details | undefined, output: string): Ending => {
  const said = saidBySlurm(sinceItBegan(output))
  switch (details?.state) {
    case "OUT_OF_MEMORY":
      return said?._tag === "OutOfMemory" ? said : { _tag: "OutOfMemory", used: undefined }
    case "TIMEOUT":
    case "DEADLINE":
      return { _tag: "OutOfTime" }
    case "NODE_FAIL":
    case "BOOT_FAIL":
      return { _tag: "TakenAway", why: "node" }
    case "PREEMPTED":
    case "REVOKED":
      return { _tag: "TakenAway", why: "preempted" }
    case "REQUEUED":
    case "SPECIAL_EXIT":
      return { _tag: "TakenAway", why: "requeued" }
    case "CANCELLED":
      // A job that is killed for its memory may be called cancelled too.
      return said?._tag === "OutOfMemory" ? said : { _tag: "Cancelled" }
    case "FAILED":
      // Whoever cancels a job is told of in its state.
      return said?._tag === "Cancelled" && details.signal === constants.signals.SIGKILL
        ? { _tag: "Killed" }
        : said ?? exited(details)
    default:
      return said ?? (details === undefined || details.state === "PENDING" ? { _tag: "Forgotten" } : exited(details))
  }
}

/**
 * A script that never began was not sent by its author: the prolog failed, or the node could not start it. The warning of the
 * time limit ends what does not listen for it yet, as what runs before the program does.
 */
const exited = ({ reason, exitCode, signal, state }: Details): Ending =>
  signal === constants.signals[warningSignal]
    ? { _tag: "OutOfTime", warned: true }
    : state === "FAILED" && reason === "JobLaunchFailure" && exitCode === 0 && signal === 0
    ? { _tag: "TakenAway", why: "launch" }
    : { _tag: "Exited", code: exitCode, signal }

const sinceItBegan = (output: string): string => {
  const at = output.lastIndexOf("redag: job ")
  return at < 0 ? output : output.slice(at)
}

/** What slurmstepd wrote at the end of a task. Where it is killed for one thing, others may be written after that. */
const saidBySlurm = (output: string): Ending | undefined => {
  const [, used] = /exceeded memory limit \((\d+) > \d+\)/u.exec(output) ?? []
  if (used !== undefined) return { _tag: "OutOfMemory", used: Math.ceil(Number(used) / 2 ** 20) }
  if (/slurmstepd\S*: error: .*(?:oom[-_]kill event|out-of-memory handler|Exceeded job memory limit)/iu.test(output)) {
    return { _tag: "OutOfMemory", used: undefined }
  }
  const [, why] = /slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO ([A-Z ]+)/u.exec(output) ?? []
  switch (why?.trim()) {
    case undefined:
      return /slurmstepd\S*: error: \*\*\* JOB .* CANCELLED AT/u.test(output) ? { _tag: "Cancelled" } : undefined
    case "TIME LIMIT":
      return { _tag: "OutOfTime" }
    case "PREEMPTION":
      return { _tag: "TakenAway", why: "preempted" }
    case "JOB REQUEUE":
      return { _tag: "TakenAway", why: "requeued" }
    default:
      return { _tag: "TakenAway", why: "node" }
  }
}
