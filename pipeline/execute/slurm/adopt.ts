import { Effect, Exit } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { type Batch, jobNameOf, taskName } from "../../store/batch.ts"
import type { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import type { Queued } from "./answers.ts"
import { cancelling } from "./by-name.ts"
import { Slurm } from "./client.ts"
import { dropBatch } from "./drop.ts"
import { hear } from "./hear.ts"
import { needlessOf } from "./needless.ts"
import { ofThisQueue } from "./origin.ts"
import { isAnotherRun } from "./others.ts"
import { noteLooked, tell } from "./stand.ts"
import { taskOf } from "./submit.ts"
import { openJobs, type Task, type Waiter } from "./task.ts"

/** The first pause before a queue that could not be seen is looked at again, and the longest, in milliseconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [5000, 30_000]

/** For how long the queue is waited for by a run that ends, in milliseconds. */
const PATIENCE = 20_000

/** What is not in the queue is looked for once more after so long, in milliseconds, before it is taken for gone. */
const TWICE = 2000

/** For how long an answer about the queue does, in milliseconds. */
const FRESH = 30_000

/**
 * Finds, for actions that are to be executed, the tasks of others that are in the queue with them already: those of an
 * engine that died, or of this one.
 */
export const makeAdopt = Effect.fnUntraced(function*(
  tasks: Set<Task>,
  note: (text: string) => Effect.Effect<void>,
  /** Whether this engine saw to its end what has a key. */
  isSettled: (key: Digest) => boolean,
  /** Whether this engine saw the job of another at what has a key. */
  isWatched: (key: Digest) => boolean,
) {
  const store = yield* Store
  const slurm = yield* Slurm
  /** Batches that others submitted; undefined for one that cannot be read. */
  const known = new Map<string, Batch | undefined>()
  /** Tasks that are over, also where the queue had them a moment ago. */
  const forgotten = new Set<string>()
  let answer:
    | { readonly at: number; readonly names: ReadonlySet<string>; readonly queued: ReadonlyArray<Queued> }
    | undefined

  /** The batches of engines that died: what one that lives submitted is its own. */
  const foreign = Effect.gen(function*() {
    const found: Array<Batch> = []
    for (const id of yield* store.files.batches.names) {
      const batch = known.get(id) ?? (yield* Effect.orElseSucceed(store.files.batches.read(id), () => undefined))
      known.set(id, batch)
      if (batch !== undefined && batch.submitter !== store.owner) found.push(batch)
    }
    if (found.length === 0) return found
    const dead = yield* store.processes.deadAmong(found.map(({ submitter }) => submitter))
    return found.filter(({ submitter }) => dead.has(submitter))
  })

  /** What is in the queue of these batches; asked until there is an answer. */
  const queueOf = Effect.fnUntraced(function*(batches: ReadonlyArray<Batch>, isWanted: () => boolean) {
    const names = batches.map(({ id }) => jobNameOf(id))
    const before = answer
    if (
      before !== undefined && performance.now() - before.at < FRESH && names.every((name) => before.names.has(name))
    ) {
      return before.queued
    }
    for (let pause = FIRST_PAUSE;; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const exit = yield* Effect.exit(slurm.queue(names))
      if (Exit.isSuccess(exit)) {
        answer = { at: performance.now(), names: new Set(names), queued: exit.value }
        return exit.value
      }
      if (!isWanted()) return []
      if (pause === FIRST_PAUSE) {
        yield* note("what an earlier run left in Slurm's queue cannot be seen; asked again until it can")
      }
      yield* Effect.sleep(pause)
    }
  })

  /** Cancels what is in the queue of these batches with nothing left to do; gives those that had anything there. */
  const cancelNeedless = Effect.fnUntraced(function*(
    batches: ReadonlyArray<Batch>,
    mayBeAtWork: boolean,
  ) {
    const queued = yield* slurm.queue(batches.map(({ id }) => jobNameOf(id)))
    const idle = queued.filter(({ state }) => state === "PENDING" || (mayBeAtWork && state !== "COMPLETING"))
    yield* slurm.cancel((yield* needlessOf(idle, batches, isSettled)).map(idOf))
    const present = new Set(queued.map(({ name }) => name))
    return batches.filter(({ id }) => present.has(jobNameOf(id)))
  })

  const attach = Effect.fnUntraced(function*(task: Task, waiter: Waiter) {
    const { key } = waiter.job.job
    task.waiters.set(key, waiter)
    if (task.running.has(key)) waiter.hasBegun = true
    yield* tell(task)
    const advance = task.advances.get(key)
    if (advance !== undefined) yield* waiter.advanced(advance)
  })

  return {
    /**
     * Cancels what engines that died left in the queue with nothing left to do, as what Slurm holds since a node could not
     * start it; and removes their batches that are in the queue no more. The last run does so: another may wait for them,
     * also for what is recorded, where it is to be made once more.
     */
    tidy: Effect.gen(function*() {
      const batches = yield* foreign
      if (batches.length === 0 || (yield* isAnotherRun)) return
      yield* cancelNeedless(batches, false)
      // Who has just done the last of it ends by itself. And a controller that has just begun may know of nothing yet.
      yield* Effect.sleep(TWICE)
      if (yield* isAnotherRun) return
      const present = yield* cancelNeedless(batches, true)
      const gone = (yield* ofThisQueue(batches)).filter((each) => !present.includes(each))
      yield* Effect.forEach(gone, dropBatch, { discard: true })
    }).pipe(Effect.timeout(PATIENCE), Effect.ignore),
    /** Cancels what an engine that died left in the queue of these nodes, where no other run may wait for it. */
    cancelLeft: (isMeant: (node: string) => boolean) =>
      Effect.gen(function*() {
        const batches = (yield* foreign).filter((batch) => batch.tasks.some((task) => isMeantIn(task, isMeant)))
        if (batches.length === 0) return
        const named = new Map(batches.map((batch) => [jobNameOf(batch.id), batch]))
        const names = cancelling(named.keys())
        const isThere = yield* Effect.map(slurm.queue([...named.keys()]), (queued) =>
          queued.filter(({ name, task: index = 0 }) => {
            const task = named.get(name)?.tasks[index]
            return task !== undefined && isMeantIn(task, isMeant)
          })).pipe(
            Effect.timeout(PATIENCE),
            Effect.orElseSucceed(() =>
              undefined
            ),
          )
        if (isThere === undefined) {
          return yield* note(`what an earlier run left may be in Slurm's queue; to end it: ${names}`)
        }
        if (isThere.length === 0) return
        if (yield* isAnotherRun) {
          return yield* note(
            `jobs of an earlier run stay in the queue, since another run may wait for them; to end them: ${names}`,
          )
        }
        yield* slurm.cancel(isThere.map(idOf))
      }).pipe(Effect.ignore),
    forget: (batch: string, index: number) => void forgotten.add(taskName(batch, index)),
    /** Gives those that no task of the queue executes; the others hear of the task that does. */
    adopt: Effect.fnUntraced(function*(
      waiting: ReadonlyArray<Waiter>,
    ): Effect.fn.Return<ReadonlyArray<Waiter>, StoreError, Store | Disk> {
      const rest: Array<Waiter> = []
      for (const waiter of waiting) {
        const task = [...tasks].find((each) => mayExecute(each, waiter) && !each.waiters.has(waiter.job.job.key))
        if (task === undefined) rest.push(waiter)
        else yield* attach(task, waiter)
      }
      const wanted = new Map(rest.map((waiter) => [waiter.job.job.key, waiter]))
      const batches = (yield* foreign).filter(({ tasks }) =>
        tasks.some(({ jobs }) => jobs.some(({ job: { key } }) => wanted.has(key)))
      )
      if (batches.length === 0) return rest
      const queued = yield* queueOf(batches, () => waiting.some(({ isLeft }) => !isLeft))
      for (const batch of batches) {
        for (const { name, job, task: index = 0, state, reason } of queued) {
          if (name !== jobNameOf(batch.id) || batch.tasks[index] === undefined) continue
          if (forgotten.has(taskName(batch.id, index))) continue
          // What another of its tasks was adopted for came earlier.
          if ([...tasks].some((each) => each.batch.id === batch.id && each.index === index)) continue
          const task = yield* heardOf(batch, index)
          task.array = job
          const found = [...wanted.values()].filter((waiter) => mayExecute(task, waiter))
          if (task.over !== undefined || found.length === 0) continue
          // Of one that is at work its worker says more than an answer that may be older.
          if (!task.isAtWork) noteLooked(task, { state, reason }, Infinity)
          tasks.add(task)
          for (const waiter of found) {
            wanted.delete(waiter.job.job.key)
            yield* attach(task, waiter)
          }
        }
      }
      // What this run saw at work and the queue has no more may have been cancelled: how it ended is asked as of its own.
      const newest = batches.toSorted((one, other) => (one.began < other.began ? 1 : -1))
      for (const [key, waiter] of wanted) {
        if (!isWatched(key)) continue
        for (const batch of newest) {
          const index = batch.tasks.findIndex(({ jobs }) => jobs.some(({ job }) => job.key === key))
          if (index < 0 || forgotten.has(taskName(batch.id, index))) continue
          const task = [...tasks].find((each) => each.batch.id === batch.id && each.index === index)
            ?? (yield* heardOf(batch, index))
          if (task.array === undefined || !task.running.has(key) || !mayExecute(task, waiter)) continue
          tasks.add(task)
          wanted.delete(key)
          yield* attach(task, waiter)
          break
        }
      }
      return [...wanted.values()]
    }),
  }
})

/** A task with what its worker said. */
const heardOf = Effect.fnUntraced(function*(batch: Batch, index: number) {
  const task = yield* taskOf(batch, index)
  for (const said of yield* Effect.orElseSucceed(task.said, () => [])) yield* hear(task, said, () => Effect.void)
  return task
})

/** As scancel takes it. */
const idOf = ({ job, task }: Queued): string => (task === undefined ? job : `${job}_${task}`)

const isMeantIn = ({ jobs }: Batch["tasks"][number], isMeant: (node: string) => boolean): boolean =>
  jobs.some(({ job }) => isMeant(job.node))

/**
 * Whether a task is to execute an action as it is asked for now. One that was submitted while there was no record leaves out
 * what has one by then, so it does nothing for who wants it made once more.
 */
const mayExecute = (task: Task, { job: { job, timeout, again } }: Waiter): boolean =>
  !task.isCancelled && task.over === undefined
  && openJobs(task).some((each) =>
    each.job.key === job.key && each.job.resources.memory === job.resources.memory && each.timeout === timeout
    && (each.again || !again)
  )
