import { Effect, Exit } from "effect"
import type { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { detailsOf } from "./answers.ts"
import { cancelling } from "./by-name.ts"
import { Slurm } from "./client.ts"
import { over } from "./hear.ts"
import { isAnotherRun } from "./others.ts"
import { hasEnded } from "./queue.ts"
import { isAllOurs, slurmIdOf, type Task, type Waiter } from "./task.ts"

/** What is cancelled within so many milliseconds is cancelled by one command. */
const TOGETHER = 50

/** The pause between two looks at what was cancelled, and for how long it is looked at, in milliseconds. */
const LOOK = 1000
const LONGEST = 180_000

/** For how long a controller is asked that does not answer, in milliseconds. */
const SILENT = 30_000

/** Cancels what nobody waits for any more. */
export const makeCancel = Effect.fnUntraced(function*(
  tasks: ReadonlySet<Task>,
  isSubmitting: (waiter: Waiter) => boolean,
  fork: (effect: Effect.Effect<void, never, Store | Disk | Slurm>) => Effect.Effect<void>,
  note: (text: string) => Effect.Effect<void>,
) {
  const { owner } = yield* Store
  const slurm = yield* Slurm
  const asked = new Set<Task>()

  /** Cancels tasks, and sees to it that they end: workers save what they have done. */
  const cancelTasks = Effect.gen(function*() {
    yield* Effect.sleep(TOGETHER)
    const began = performance.now()
    const isOver = ({ over }: Task) => over !== undefined
    /** When the controller last answered, or was first asked. */
    let answered = began
    let isSaid = false
    const hear = Effect.fnUntraced(function*(hasAnswered: boolean) {
      if (hasAnswered) answered = performance.now()
      else if (!isSaid) {
        isSaid = true
        yield* note(`Slurm does not answer; asked for ${SILENT / 1000} s to cancel jobs`)
      }
    })
    const isPatient = () => performance.now() - began < LONGEST && performance.now() - answered < SILENT
    for (let told = new Set<Task>(); asked.size > 0 && isPatient();) {
      // What is being submitted has its id in a moment.
      const known = [...asked].filter((task) => task.array !== undefined && !told.has(task))
      const exit = yield* Effect.exit(Effect.timeout(slurm.cancel(idsOf(known)), SILENT))
      if (known.length > 0) yield* hear(Exit.isSuccess(exit))
      if (Exit.isSuccess(exit)) { for (const task of known) told.add(task) }
      for (
        const array of new Set(
          [...told].flatMap((task) => (asked.has(task) && task.array !== undefined ? [task.array] : [])),
        )
      ) {
        const details = yield* slurm.details(array).pipe(
          Effect.timeout(SILENT),
          Effect.orElseSucceed(() => undefined),
        )
        yield* hear(details !== undefined)
        if (details === undefined) continue
        for (const task of told) {
          if (task.array !== array || !asked.has(task)) continue
          const found = detailsOf(details, task.index)
          if (found !== undefined && !hasEnded(found)) continue
          asked.delete(task)
          over(task, { _tag: "Stopped", why: "cancelled" })
          for (const then of task.whenGone) then()
        }
      }
      // One that was never submitted is over too.
      for (const task of asked) {
        if (task.array !== undefined || tasks.has(task) || !isOver(task)) continue
        asked.delete(task)
        for (const then of task.whenGone) then()
      }
      if (asked.size > 0) yield* Effect.sleep(LOOK)
    }
    if (asked.size > 0) {
      yield* note(
        `jobs may be left in Slurm's queue; to end them: ${cancelling([...asked].map(({ jobName }) => jobName))}`,
      )
    }
    for (const task of asked) for (const then of task.whenGone) then()
    asked.clear()
  })

  return {
    /** Leaves an action; where nobody waits for anything of its task, that is cancelled, and has ended then. */
    cancel: (waiter: Waiter): Effect.Effect<void, never, Store | Disk> =>
      Effect.gen(function*() {
        waiter.isLeft = true
        while (isSubmitting(waiter)) yield* Effect.sleep(TOGETHER)
        const { job: { key } } = waiter.job
        const task = [...tasks].find((each) => each.waiters.get(key) === waiter)
        if (task === undefined || task.over !== undefined) return
        if ([...task.waiters.values()].some(({ isLeft }) => !isLeft)) return
        // What a dead engine left, another run may wait for too.
        if (!isAllOurs(task, owner) && (yield* isAnotherRun)) return
        const gone = Effect.callback<void>((resume) => {
          task.whenGone.push(() => resume(Effect.void))
        })
        const isFirst = asked.size === 0
        task.isCancelled = true
        asked.add(task)
        if (isFirst) yield* fork(cancelTasks)
        yield* gone
      }),
  }
})

/** The ids of tasks: that of the array where all of it is meant. */
const idsOf = (meant: ReadonlyArray<Task>): ReadonlyArray<string> =>
  [...Map.groupBy(meant, ({ array }) => array ?? "")].flatMap(([array, some]) =>
    some.length === some[0]?.batch.tasks.length ? [array] : some.flatMap((task) => slurmIdOf(task) ?? [])
  )
