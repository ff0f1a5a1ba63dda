import { Cause, Effect, Exit, Schedule } from "effect"
import { join } from "node:path"
import { StageError } from "../../base/errors.ts"
import { type Batch, jobNameOf, newBatchId, outputOf, taskName } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { cancelling } from "./by-name.ts"
import { Slurm } from "./client.ts"
import { origin } from "./origin.ts"
import { pack, type Packed } from "./packing.ts"
import type { ResourceClass } from "./resource-class.ts"
import { scriptOf, type Start } from "./script.ts"
import { makeTail } from "./task-log.ts"
import { newTask, type Task, type Waiter } from "./task.ts"

/** Where the program is that runs on compute nodes, and for which run. */
export interface Submitter extends Omit<Start, "output"> {
  readonly run: string
}

/** The first pause before a controller that does not answer is asked again, and the longest, in milliseconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [1000, 30_000]

/** So many times it is asked again, which takes half an hour. */
const MOST_TRIES = 60

/** For how long a controller that does not answer is asked where nobody waits any more, in milliseconds. */
const UNWANTED = 30_000

/** It is not known of some batches whether the controller has heard of them. */
const perhapsHeard = new WeakSet<StageError>()

/** Whether what could not be submitted may be in the queue, or come there, all the same. */
export const isPerhapsHeard = (exit: Exit.Exit<string, StageError>): boolean => {
  const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  return error instanceof StageError && perhapsHeard.has(error)
}

/** An array may have this many tasks where the controller does not say: Slurm's own default. */
const ARRAY = 1000

/** Packs what waits into batches that are kept in the store, before anything is submitted of them. */
export const batchesOf = Effect.fnUntraced(function*(waiting: ReadonlyArray<Waiter>, { run }: Submitter) {
  const store = yield* Store
  const disk = yield* Disk
  const slurm = yield* Slurm
  const limits = yield* Effect.orElseSucceed(slurm.limits, () => ({ maxArraySize: ARRAY }))
  const by = yield* origin
  // A task whose output has no folder never begins.
  yield* Effect.forEach([store.layout.logs.folder, store.layout.tasks.folder], disk.makeFolder, { discard: true })
  const classes = new Map(waiting.map((waiter) => [waiter.class.id, waiter.class]))
  const idle = new Map<string, number>()
  for (const [id, { cpus, options: { partition } }] of classes) {
    const cores = yield* Effect.orElseSucceed(slurm.idleCores(partition), () => 0)
    idle.set(id, Math.floor(cores / cpus))
  }
  const packed = pack(
    waiting.map((waiter) => ({
      item: waiter,
      class: waiter.class.id,
      together: waiter.class.together,
      limit: waiter.class.time === undefined ? undefined : waiter.class.time * 1000,
      // What was lost is not to take others with it.
      expected: waiter.losses > 0 ? undefined : expectedOf(waiter),
    })),
    { arraySize: limits.maxArraySize, idle: (id) => idle.get(id) },
  )
  return yield* Effect.forEach(packed, ({ tasks: [first, ...rest] }: Packed<Waiter>) =>
    Effect.gen(function*() {
      const resources = first?.[0]?.class
      if (first === undefined || resources === undefined) throw new Error("an array has a task, and a task an action")
      const all = [first, ...rest]
      const batch: Batch = {
        id: newBatchId(),
        submitter: store.owner,
        run,
        ...by,
        began: new Date().toISOString(),
        class: resources.id,
        memory: resources.memory,
        seconds: resources.time ?? null,
        warning: resources.warning,
        together: resources.together,
        tasks: all.map((waiters) => ({
          jobs: waiters.map(({ job }) => job),
        })),
      }
      yield* store.files.batches.publish(batch.id, batch)
      const tasks = yield* Effect.forEach(all, (waiters, index) =>
        Effect.map(taskOf(batch, index), (task) => {
          for (const waiter of waiters) task.waiters.set(waiter.job.job.key, waiter)
          return task
        }))
      return { batch, resources, tasks }
    }))
})

/** What a light action takes of which nothing is known, in milliseconds. */
const LIGHT = 100

/** What was lost with others counts twice each time, so that it comes to be with fewer. */
const expectedOf = ({ expected, halvings, job: { isolation } }: Waiter): number | undefined => {
  const known = expected ?? (isolation === "inline" ? LIGHT : undefined)
  return known === undefined ? undefined : Math.max(LIGHT, known) * 2 ** halvings
}

/** A task of a batch, with the log that its worker writes. */
export const taskOf = Effect.fnUntraced(function*(
  batch: Batch,
  index: number,
): Effect.fn.Return<Task, never, Store | Disk> {
  const { layout } = yield* Store
  return newTask(batch, index, yield* makeTail(layout.tasks.path(taskName(batch.id, index))))
})

/**
 * Submits a batch, and gives the id of its array. A controller that does not answer is asked again, for half an hour, and
 * each time first whether it has heard: nothing is submitted again before it has said that it has not. What nobody waits for
 * any more is cancelled by its name.
 */
export const submit = Effect.fnUntraced(function*(
  batch: Batch,
  resources: ResourceClass,
  { root, command }: Submitter,
  { isWanted, note }: {
    /** Whether anybody waits for it still. */
    readonly isWanted: () => boolean
    readonly note: (text: string) => Effect.Effect<void>
  },
): Effect.fn.Return<string, StageError, Store | Disk | Slurm> {
  const { layout } = yield* Store
  const slurm = yield* Slurm
  const script = scriptOf(
    { id: batch.id, jobName: jobNameOf(batch.id), class: resources, tasks: batch.tasks.length },
    { root, command, output: outputOf(layout.logs.folder, batch.id, "{task}") },
  )
  let pause = FIRST_PAUSE
  for (let tries = 1;; tries++) {
    const exit = yield* Effect.exit(slurm.submit(script))
    if (Exit.isSuccess(exit)) return exit.value
    const error = Cause.squash(exit.cause)
    if (!(error instanceof StageError)) return yield* exit
    if (!error.transient) return yield* error
    if (tries === 1) yield* note(`${error.message}; asked again until it answers`)
    // It may have been heard all the same.
    for (let hasAnswered = false; !hasAnswered;) {
      if (!isWanted()) {
        yield* cancelUnheard(jobNameOf(batch.id), note)
        perhapsHeard.add(error)
        return yield* error
      }
      if (tries >= MOST_TRIES) {
        perhapsHeard.add(error)
        return yield* error
      }
      yield* sleepWhile(pause, isWanted)
      pause = Math.min(2 * pause, LONGEST_PAUSE)
      const queued = yield* Effect.exit(slurm.queue([jobNameOf(batch.id)]))
      const found = Exit.isSuccess(queued)
        ? queued.value.find(({ name }) => name === jobNameOf(batch.id))
        : undefined
      const array = found?.job ?? (yield* arrayAtWork(batch))
      if (array !== undefined) return array
      // All may have been done meanwhile, and what its workers said is gone with them.
      hasAnswered = Exit.isSuccess(queued) && isWanted()
      if (!hasAnswered) tries++
    }
  }
})

/** The id of a batch's array as one of its workers says it, which may be in the queue no more. */
const arrayAtWork = Effect.fnUntraced(function*({ id }: Batch) {
  const { layout } = yield* Store
  const disk = yield* Disk
  for (const file of yield* disk.list(layout.tasks.folder)) {
    if (!file.startsWith(`${id}.`)) continue
    for (const said of yield* yield* makeTail(join(layout.tasks.folder, file))) {
      const [, array] = said._tag === "Began" ? /^(\d+)_\d+$/u.exec(said.slurmJob) ?? [] : []
      if (array !== undefined) return array
    }
  }
  return undefined
}, (found) => Effect.orElseSucceed(found, () => undefined))

/** Sleeps for so many milliseconds, or until nobody waits any more. */
const sleepWhile = Effect.fnUntraced(function*(milliseconds: number, isWanted: () => boolean) {
  for (let slept = 0; slept < milliseconds && isWanted(); slept += STEP) yield* Effect.sleep(STEP)
})

const STEP = 100

/** Cancels what the controller may have heard of; what cannot be cancelled is named. */
const cancelUnheard = Effect.fnUntraced(function*(name: string, note: (text: string) => Effect.Effect<void>) {
  const slurm = yield* Slurm
  const cancelled = Effect.retry(slurm.cancelNamed([name]), {
    schedule: Schedule.spaced(FIRST_PAUSE),
    while: ({ transient }) => transient,
  })
  yield* cancelled.pipe(
    Effect.timeout(UNWANTED),
    Effect.catch(() => note(`Slurm does not answer; jobs may be in its queue; to end them: ${cancelling([name])}`)),
  )
})
