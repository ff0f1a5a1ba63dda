import { Cause, Effect, Exit } from "effect"
import type { Digest } from "../../base/digest.ts"
import { type JobPlace, outputOf } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import type { Details } from "./answers.ts"
import { type Ending, endingOf } from "./endings.ts"
import { placeOf } from "./stand.ts"
import { slurmIdOf, type Task, type Waiter } from "./task.ts"
import { verdictOn } from "./verdict.ts"

/** The most that is read of what a task printed, in bytes. */
const MOST = 1 << 22

/**
 * What becomes of the actions of a task that is over without a word of them: those whose records stand are done, those
 * that failed are told so, and those that are to be handed over again are given.
 *
 * What a worker says is written a moment after the record is, and a process that it started may record after it died.
 */
export const settleLost = Effect.fnUntraced(function*(task: Task, details: Details | undefined) {
  const store = yield* Store
  const disk = yield* Disk
  const { over, batch, index, running } = task
  if (over === undefined || task.waiters.size === 0) return []
  // Listed first: a file that is asked for by its name may be remembered as absent.
  yield* Effect.ignore(disk.list(store.layout.records.folder))
  const open: Array<readonly [Digest, Waiter]> = []
  const place = placeOf(task)
  for (const each of task.waiters) if (!(yield* isDone(each[1], place))) open.push(each)
  task.waiters.clear()
  const log = outputOf(store.layout.logs.folder, batch.id, index)
  const ending = over._tag === "Gone"
    ? endingOf(details, (yield* Effect.orElseSucceed(disk.read(log, MOST), () => undefined)) ?? "")
    : over._tag === "Stopped"
    ? stopped[over.why]
    : undefined
  const hasLog = task.hasBegun || (yield* Effect.orElseSucceed(disk.size(log), () => 0)) !== undefined
  const hasRun = open.some(([key]) => running.has(key))
  // What ends before its worker begins does so whatever it is to execute.
  const isMeantForAll = open.length === 1 || (ending?._tag === "Exited" && !task.hasBegun)
  // What came after others had only what they left of the time: it is handed over again, alone.
  const hadLess = (batch.tasks[index]?.jobs.length ?? 0) > batch.together
  const again: Array<Waiter> = []
  for (const [key, waiter] of open) {
    if (waiter.isLeft) continue
    const newest = yield* Effect.orElseSucceed(store.unfinished(key).newest, () => undefined)
    const isFurther = newest !== undefined && newest !== waiter.saved
    if (isFurther) waiter.losses = 0
    waiter.saved = newest
    // How a task ended is for those to bear that ran then, or it is all that there was.
    const isConcerned = ending !== undefined && (hasRun ? running.has(key) : isMeantForAll)
    // What has saved a step goes on from there: that its time was up is no failure.
    const goesOn = ending?._tag === "OutOfTime" && (isFurther || hadLess)
    const verdict = isConcerned && !goesOn
      ? verdictOn(ending, {
        job: slurmIdOf(task) ?? batch.id,
        memory: batch.memory,
        seconds: batch.seconds ?? undefined,
        log: hasLog ? log : undefined,
        unfinished: newest !== undefined,
        takenAway: waiter.losses,
      })
      : undefined
    if (verdict?._tag === "Failed") {
      waiter.ended(Exit.failCause(Cause.fail(verdict.error)))
      continue
    }
    // Where none is known to have brought the task down, its actions are tried in ever smaller parts.
    if (isConcerned) waiter.losses++
    else if (!hasRun && over._tag === "Gone") waiter.halvings++
    again.push(waiter)
  }
  return again
})

/** Ends an action whose record stands; whether it does. A record that was there before and did not do says nothing. */
const isDone = Effect.fnUntraced(function*(waiter: Waiter, place: JobPlace) {
  const { job: { job, again }, begun, ended } = waiter
  if (again) return false
  const store = yield* Store
  const hit = yield* Effect.orElseSucceed(store.hit(job.key), () => undefined)
  if (hit?._tag !== "Hit" || hit.accepted !== undefined) return false
  if (!waiter.hasBegun) yield* begun(place)
  ended(Exit.succeed(hit.record))
  return true
})

const stopped: Readonly<Record<"time" | "cancelled", Ending>> = {
  time: { _tag: "OutOfTime" },
  cancelled: { _tag: "Cancelled" },
}
