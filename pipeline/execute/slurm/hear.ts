import { Cause, Effect } from "effect"
import { StageError } from "../../base/errors.ts"
import type { StageFailure } from "../../graph/stage.ts"
import { awaitedRecord } from "../../store/awaited.ts"
import type { JobPlace } from "../../store/batch.ts"
import type { Disk } from "../../store/disk.ts"
import type { ActionRecord, Execution } from "../../store/record.ts"
import type { Store } from "../../store/store.ts"
import type { Message } from "../message.ts"
import type { Said } from "./said.ts"
import { placeOf, tell } from "./stand.ts"
import type { Task, Waiter } from "./task.ts"

/**
 * Takes note of what the worker of a task says. What is waited for ends in a fiber of its own by `fork`, since its record
 * may be seen here only later.
 */
export const hear = Effect.fnUntraced(function*(
  task: Task,
  said: Said,
  fork: (ending: Effect.Effect<void, never, Store | Disk>) => Effect.Effect<void>,
) {
  switch (said._tag) {
    case "Began":
      task.hasBegun = true
      task.begins++
      task.beganAt = performance.now()
      task.isAtWork = true
      task.host = said.host
      task.array ??= arrayIn(said.slurmJob)
      task.looked = undefined
      rest(task)
      task.missing = 0
      return yield* tell(task)
    case "Started": {
      task.running.add(said.key)
      task.began.set(said.key, said.at)
      const waiter = task.waiters.get(said.key)
      if (waiter === undefined) return
      waiter.hasBegun = true
      return yield* waiter.begun(placeOf(task))
    }
    case "Message": {
      const { key, message } = said
      const waiter = task.waiters.get(key)
      if (message._tag === "Advanced") {
        const { _tag, ...advance } = message
        task.advances.set(key, advance)
        if (waiter !== undefined) yield* waiter.advanced(advance)
        return
      }
      task.ended.add(key)
      if (message._tag !== "Finished") task.hasFailed = true
      task.running.delete(key)
      task.advances.delete(key)
      task.waiters.delete(key)
      if (waiter !== undefined) yield* fork(end(waiter, message, placeOf(task)))
      return
    }
    case "Stopped":
      // The same task goes on where Slurm starts it once more.
      if (said.queuedAgain === true) {
        rest(task)
        task.isAtWork = false
        task.looked = undefined
        return yield* tell(task)
      }
      // Whether somebody cancelled it or the cluster took it away, to start it again or not, Slurm says later.
      if (said.why === "cancelled" && !task.isCancelled) return
      return over(task, { _tag: "Stopped", why: said.why })
    case "Ended":
      return over(task, { _tag: "Ended" })
  }
})

/** Nothing of a task runs. */
const rest = ({ running, advances }: Task): void => {
  running.clear()
  advances.clear()
}

/** The id of the array of "12_3". */
const arrayIn = (id: string): string | undefined => /^(\d+)_\d+$/u.exec(id)?.[1]

/** Notes how a task ended. */
export const over = (task: Task, how: NonNullable<Task["over"]>): void => {
  task.over ??= how
}

/** Tells who waits for an action how it ended. */
const end = Effect.fnUntraced(function*(
  waiter: Waiter,
  message: Exclude<Message, { readonly _tag: "Advanced" }>,
  job: JobPlace,
) {
  const exit = yield* Effect.exit(resultOf(waiter, message))
  if (!waiter.hasBegun) yield* waiter.begun(job)
  waiter.ended(exit)
})

const resultOf = (
  waiter: Waiter,
  message: Exclude<Message, { readonly _tag: "Advanced" }>,
): Effect.Effect<ActionRecord, StageFailure, Store | Disk> => {
  switch (message._tag) {
    case "Finished":
      return recordOf(waiter, message.execution)
    case "Failed":
      return Effect.fail(message.error)
    case "Crashed":
      return Effect.failCause(Cause.die(message.stack))
  }
}

const recordOf = Effect.fnUntraced(function*({ job: { job } }: Waiter, execution: Execution) {
  const record = yield* awaitedRecord(job.key)
  if (record !== undefined) return { ...record, ...execution }
  return yield* new StageError({
    message: "a compute node said that it had finished, but its record was not seen here within two minutes",
    help: "see that the store is on a folder that all nodes share, then run again",
    transient: true,
  })
})
