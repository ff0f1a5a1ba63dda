import { counted, number, some } from "../../base/text.ts"
import type { InQueueNow } from "../../execute/executor.ts"
import { paint } from "../../report/terminal.ts"
import type { JobPlace, JobWait } from "../../store/batch.ts"

/** The word that begins the line of an action that waits for its job. */
export const waitWords: Readonly<Record<JobWait["state"], string>> = {
  collected: "queued",
  queued: "queued",
  held: "held",
  turn: "waits",
  again: "waits",
}

/** The same, in its colour and with the space after it that lines of nodes have. */
export const waitWord = ({ state }: Pick<JobWait, "state">): string => {
  const word = waitWords[state]
  return `${(state === "held" ? paint.red : paint.yellow)(word)}${" ".repeat(9 - word.length)}`
}

/** "Slurm job 1234_5"; by its name where it has no id yet. */
export const jobText = ({ id, name }: JobPlace): string => `Slurm job ${id ?? name}`

/** "waiting in the queue (Slurm job 1234_5: Resources)". `jobs` are named in the place of its own job. */
export const waitText = ({ state, reason, job }: JobWait, jobs = job === undefined ? "" : jobText(job)): string => {
  const named = [jobs, reason ?? ""].filter((part) => part !== "").join(": ")
  const behind = named === "" ? "" : ` (${named})`
  switch (state) {
    case "collected":
      return "waits to be submitted to Slurm"
    case "queued":
      return `waiting in the queue${behind}`
    case "held":
      return `held: ${reason ?? "by somebody"}${jobs === "" ? "" : ` (${jobs})`}`
    case "turn":
      return job?.host === undefined
        ? `waits for ${jobs} to begin its work`
        : `waits for its turn in ${jobs} on ${job.host}`
    case "again":
      return `waits to begin again${behind}`
  }
}

/** What nodes that wait alike wait for: their lines, the ones that need a person first. */
export const waitingLines = (
  waiting: ReadonlyMap<string, JobWait>,
  /** The name of a node where so many characters are left for it. */
  name: (node: string, room: number) => string,
  width: number | undefined,
): ReadonlyArray<string> => {
  const groups = Map.groupBy(waiting, ([, { state, reason = "" }]) => `${order.indexOf(state)} ${reason}`)
  return [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, own]) => {
    const [[node, wait] = ["", undefined]] = own
    if (wait === undefined) return ""
    const isOne = own.length === 1
    const words = isOne ? waitText(wait) : waitText(withoutHost(wait), jobsText(own.map(([, { job }]) => job)))
    const room = (width ?? Infinity) - 9 - 2 - words.length - 1
    return `${waitWord(wait)}${isOne ? name(node, room) : counted(own.length, "node")}  ${words}`
  })
}

const order: ReadonlyArray<JobWait["state"]> = ["held", "again", "queued", "collected", "turn"]

/** Jobs of many nodes run on many machines. */
const withoutHost = ({ state, reason }: JobWait): JobWait => ({ state, ...(reason === undefined ? {} : { reason }) })

/** "Slurm jobs 12, 13 and 3 more": arrays stand for all of their tasks. */
const jobsText = (jobs: ReadonlyArray<JobPlace | undefined>): string => {
  const ids = [
    ...new Set(jobs.flatMap((job) => (job === undefined ? [] : [(job.id ?? job.name).replace(/_\d+$/u, "")]))),
  ]
  return ids.length === 0 ? "" : `Slurm job${ids.length === 1 ? "" : "s"} ${some(ids, 2)}`
}

/** "running on n2, 3 of 10 steps (Slurm job 1234_5)", or what it waits for. */
export const inQueueText = ({ job, wait, advance }: InQueueNow): string => {
  if (wait !== undefined) return waitText(wait)
  const at = advance === undefined
    ? ""
    : `, ${number(advance.done)} of ${number(advance.total)} ${advance.unit}`
  return `running${job.host === undefined ? "" : ` on ${job.host}`}${at} (${jobText(job)})`
}
