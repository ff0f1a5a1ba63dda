import { Effect } from "effect"
import { basename } from "node:path"
import type { Digest } from "../../base/digest.ts"
import { type JobPlace, type JobWait, outputOf } from "../../store/batch.ts"
import type { Queued } from "./answers.ts"
import { slurmIdOf, type Task } from "./task.ts"

/** What of a look at the queue says how a task stands. */
export type Looked = Pick<Queued, "state" | "reason">

/** A job in these states does not run, and may begin. */
const waiting = new Set(["PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"])

/** Whether a job waits in the queue, where it is listed in this state. */
export const isWaiting = ({ state }: Pick<Looked, "state">): boolean => waiting.has(state)

/** What squeue says where it has no reason. */
const nothing = new Set(["", "None", "(null)"])

/** A job with these reasons waits until a person lets it go. */
const held = /^(?:JobHeld(?:User|Admin)|launch.failed.requeued.held)$/iu

/** The job of a task, with its host while it is at work there. */
export const placeOf = (task: Task): JobPlace => {
  const id = slurmIdOf(task)
  return {
    ...(id === undefined ? {} : { id }),
    name: task.jobName,
    ...(task.isAtWork && task.host !== undefined ? { host: task.host } : {}),
    output: basename(outputOf("", task.batch.id, task.index)),
  }
}

/** What an action of a task waits for; undefined where it runs. `hasBegun` says whether it ran before. */
export const waitOf = (task: Task, key: Digest, hasBegun = task.began.has(key)): JobWait | undefined => {
  const { looked, isAtWork, running } = task
  const job = placeOf(task)
  const reason = looked === undefined || nothing.has(looked.reason) ? {} : { reason: looked.reason }
  if (looked?.state === "SUSPENDED") return { state: "held", reason: "suspended", job }
  if (isAtWork) return running.has(key) ? undefined : { state: "turn", job }
  if (looked !== undefined && held.test(looked.reason)) return { state: "held", ...reason, job }
  // What runs before its worker does, such as modules that are loaded.
  if (looked?.state === "RUNNING") return { state: "turn", job }
  return { state: hasBegun ? "again" : "queued", ...reason, job }
}

/** Tells all who wait for actions of a task how those stand; who was told the same before is not told again. */
export const tell = (task: Task): Effect.Effect<void> =>
  Effect.forEach([...task.waiters], ([key, waiter]) => {
    const wait = waitOf(task, key, waiter.hasBegun || task.began.has(key))
    return wait === undefined ? waiter.begun(placeOf(task)) : waiter.waits(wait)
  }, { discard: true })

/** Takes note of what the queue lists of a task, `asked` some time ago on the monotonic clock, in milliseconds. */
export const noteLooked = (task: Task, { state, reason }: Looked, asked: number): void => {
  // It began since.
  if (task.beganAt > asked) return
  task.looked = { state, reason }
  if (isWaiting({ state })) task.isAtWork = false
}
