import { StageError } from "../../base/errors.ts"
import { duration, number } from "../../base/text.ts"
import type { Ending } from "./endings.ts"

/** A task that ended without a word of an action that it was to execute. */
export interface EndedTask {
  /** As Slurm shows it, such as "12_3". */
  readonly job: string
  /** What its job was given: memory in MiB, the time limit in seconds where it had one. */
  readonly memory: number
  readonly seconds: number | undefined
  /** Where what it printed can be read; undefined where it never began. */
  readonly log: string | undefined
  /** Whether the action left something that the next execution goes on from. */
  readonly unfinished: boolean
  /** How many times the action was taken away by the cluster before, one after the other. */
  readonly takenAway: number
}

/** What is to become of an action whose task ended: it is handed over again as if nothing had been, or it failed. */
export type Verdict =
  | { readonly _tag: "Again"; readonly why: string }
  | { readonly _tag: "Failed"; readonly error: StageError }

/** What is taken away so many times one after the other is likely to be what brings its nodes down. */
const MOST_TAKEN_AWAY = 10

const SIGKILL = 9

const killed = `was killed by signal ${SIGKILL} (by whom Slurm does not say)`

/** What an ending comes to for an action. */
export const verdictOn = (ending: Ending, task: EndedTask): Verdict => {
  const { job, log, seconds, memory } = task
  const failed = (
    problem: string,
    help: string,
    more: Pick<StageError, "transient" | "ranOut" | "had">,
  ): Verdict => ({
    _tag: "Failed",
    error: new StageError({
      message: `its job ${job} ${problem}`,
      help: [
        help,
        ...(task.unfinished ? ["the next run goes on from what it saved"] : []),
        ...(log === undefined ? [] : [`what it printed is in ${log}`]),
      ]
        .join("; "),
      ...more,
    }),
  })
  const again = (why: string): Verdict =>
    task.takenAway < MOST_TAKEN_AWAY
      ? { _tag: "Again", why }
      : failed(`${why}, like ${task.takenAway} before it`, "see why with scontrol show node; then run again", {
        transient: false,
      })
  const giveMore = "give it more memory in slurm.yaml, or lower the batch size"
  const outOfMemory = (how: string, help = giveMore) => failed(how, help, { transient: false, ranOut: "memory" })
  switch (ending._tag) {
    case "OutOfMemory":
      return outOfMemory(
        ending.used === undefined
          ? `outgrew the ${mebibytes(memory)} of memory that it asked for`
          : `used ${mebibytes(ending.used)} of memory, more than the ${mebibytes(memory)} that it asked for`,
      )
    case "OutOfTime":
      return failed(
        ending.warned === true
          ? `was warned of its time limit${
            seconds === undefined ? "" : ` of ${duration(seconds * 1000)}`
          }, and this had saved nothing by then`
          : seconds === undefined
          ? "did not end within the time limit of its partition"
          : `did not end within ${duration(seconds * 1000)}, its time limit`,
        "give it more time in slurm.yaml",
        { transient: false, ranOut: "time", ...(seconds === undefined ? {} : { had: seconds }) },
      )
    case "TakenAway":
      return again(takenAway[ending.why])
    case "Cancelled":
      return failed(log === undefined ? "was cancelled before it began" : "was cancelled", "run again", {
        transient: true,
      })
    case "Killed":
      return failed(killed, "run again", { transient: true })
    case "Exited":
      return ending.signal === SIGKILL || ending.code === 128 + SIGKILL
        ? outOfMemory(killed, `most likely memory ran out: ${giveMore}`)
        : ending.signal !== 0
        ? failed(`was ended by signal ${ending.signal}`, "run again", { transient: true })
        : failed(`ended with code ${ending.code} before this was done`, "see what it printed, then run again", {
          transient: ending.code === 0,
        })
    case "Forgotten":
      return again("is gone, and Slurm does not know what became of it")
  }
}

const takenAway: Readonly<Record<Extract<Ending, { readonly _tag: "TakenAway" }>["why"], string>> = {
  node: "was lost with its node",
  preempted: "gave way to other work",
  requeued: "was queued again",
  launch: "could not be started by its node",
}

/** As slurm.yaml and Slurm write it. */
const mebibytes = (memory: number): string => `${number(memory)} MiB`
