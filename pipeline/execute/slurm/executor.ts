import { type Cause, Effect, Exit, Layer, Queue } from "effect"
import { spawnSync } from "node:child_process"
import type { Digest } from "../../base/digest.ts"
import type { StageFailure } from "../../graph/stage.ts"
import { outputOf, taskName } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import type { ActionRecord, Job } from "../../store/record.ts"
import { Store } from "../../store/store.ts"
import { type ExecuteQueued, Executor, type InQueue, type InQueueNow } from "../executor.ts"
import { makeAdopt } from "./adopt.ts"
import { makeBring } from "./bring.ts"
import { makeCancel } from "./cancel.ts"
import { Slurm } from "./client.ts"
import { dropBatch } from "./drop.ts"
import { ownEnvironment } from "./environment.ts"
import { hear } from "./hear.ts"
import { makeLookAtQueued } from "./look-at-queued.ts"
import { settleLost } from "./lost.ts"
import { makeWriteQueueFiles } from "./queue-file.ts"
import { makeLookAtQueue } from "./queue.ts"
import type { ResourceClass } from "./resource-class.ts"
import { tell } from "./stand.ts"
import { batchesOf, isPerhapsHeard, submit, type Submitter } from "./submit.ts"
import { isAllOurs, openJobs, slurmIdOf, type Task, type Waiter } from "./task.ts"

/** What a run says of how its actions are to be executed. */
export interface SlurmRun extends Submitter {
  /** What an action asks Slurm for. */
  readonly classOf: (job: Job, timeout: number | undefined) => ResourceClass
  /** How long a node takes, in milliseconds, as far as is known. */
  readonly expected: (node: string) => number | undefined
  /** Whether a node is one of this run. */
  readonly isMeant: (node: string) => boolean
  /** Whether jobs stay in the queue though this process ends: not where the user cancels the run. */
  readonly areLeft: () => boolean
  /** Says something to the user. */
  readonly note: (text: string) => Effect.Effect<void>
}

/** What becomes ready is submitted together once nothing more came for this long, or some of it waits for so long, in ms. */
const QUIET = 300
const LONGEST_WAIT = 5000

/**
 * What is light may wait for more as long as others are at work that may lead to it: for this long, in ms, for each time
 * that something was submitted, and at most so long. A run of hours asks no more of the controller than one of minutes.
 */
const FOR_MORE = 2000
const LONGEST_FOR_MORE = 60_000

/**
 * As long as tasks wait in the queue of a partition, more of them would only wait behind them: what is ready for it may wait
 * here for so long, in ms, for each time that something was submitted, and at most so long. Other jobs may give way first.
 */
const FOR_ROOM = 15_000
const LONGEST_FOR_ROOM = 300_000

/** The pauses between two looks at what workers say, in milliseconds. */
const [SHORTEST, LONGEST] = [100, 1000]

/** The time between two looks at what other runs have in the queue, in milliseconds: each reads a file a task. */
const LOOK = 2000

/** How long the last word of a worker is waited for, in milliseconds. */
const LAST_WORD = 10_000

/** Executes actions in jobs of Slurm. */
export const layer = (how: SlurmRun): Layer.Layer<Executor, never, Store | Disk | Slurm> =>
  Layer.effect(
    Executor,
    Effect.gen(function*() {
      const store = yield* Store
      const disk = yield* Disk
      const scope = yield* Effect.scope
      const services = yield* Effect.context<Store | Disk | Slurm>()
      const arrivals = yield* Queue.unbounded<Waiter>()
      /** Tasks that are not over, and those that are over and not settled. */
      const tasks = new Set<Task>()
      const fork = (effect: Effect.Effect<void, never, Store | Disk | Slurm>) =>
        Effect.asVoid(Effect.forkIn(Effect.provideContext(effect, services), scope))
      const writeFiles = Effect.provideContext(yield* makeWriteQueueFiles(tasks), services)
      const bring = yield* makeBring(how.note)
      /** What was executed for this run. */
      const settled = new Set<Digest>()
      /** What was seen in jobs of others. */
      const watched = new Set<Digest>()
      const { adopt, forget, tidy, cancelLeft } = yield* makeAdopt(
        tasks,
        how.note,
        (key) => settled.has(key),
        (key) => watched.has(key),
      )
      /** By stage, how long a light action took, in milliseconds. */
      const times = new Map<string, number>()
      /** What is being adopted or submitted now. */
      let submitting: ReadonlySet<Waiter> = new Set()
      let submissions = 0
      const { cancel } = yield* makeCancel(tasks, (waiter) => submitting.has(waiter), fork, how.note)
      /** Of actions that are not done, whether they had a record before this run: what they have later is their result. */
      const recorded = new Map<Digest, boolean>()
      const hadRecord = Effect.fnUntraced(function*(key: Digest) {
        const had = recorded.get(key) ?? (yield* store.present([key])).has(key)
        recorded.set(key, had)
        return had
      })
      /** All who wait, and what ended the work for them, if anything did. */
      const waiters = new Set<Waiter>()
      let bug: Cause.Cause<never> | undefined

      const logOf = ({ batch, index }: Task) => outputOf(store.layout.logs.folder, batch.id, index)

      /** Takes note of tasks that are over. */
      const settle = Effect.gen(function*() {
        for (const task of tasks) {
          if (task.over === undefined) continue
          tasks.delete(task)
          // What stages print stands elsewhere: where all went well, nobody reads what is left.
          if (task.over._tag === "Ended" && !task.hasFailed && isAllOurs(task, store.owner)) {
            yield* Effect.ignore(disk.remove(logOf(task)))
          }
          for (const waiter of yield* settleLost(task, task.details)) {
            yield* waiter.waits({ state: waiter.hasBegun ? "again" : "collected" })
            yield* Queue.offer(arrivals, waiter)
          }
          forget(task.batch.id, task.index)
          // What a dead engine left, several may wait for.
          if (task.batch.submitter !== store.owner) continue
          if (![...tasks].some(({ batch }) => batch.id === task.batch.id)) yield* dropBatch(task.batch)
        }
      })

      /** Takes note of what workers said since the last time; whether any said anything. */
      const listen = Effect.gen(function*() {
        const names = new Set(yield* Effect.orElseSucceed(disk.list(store.layout.tasks.folder), () => []))
        let isAny = false
        for (const task of tasks) {
          if (!names.has(`${taskName(task.batch.id, task.index)}.ndjson`)) continue
          for (const said of yield* Effect.orElseSucceed(task.said, () => [])) {
            isAny = true
            yield* hear(task, said, fork)
          }
        }
        yield* settle
        return isAny
      })

      /** Hears the last word of workers that have done all, which comes a moment after that of their last action. */
      const hearEnds = Effect.gen(function*() {
        const isDone = (task: Task) => task.over === undefined && openJobs(task).length === 0
        for (let waited = 0; waited < LAST_WORD && tasks.values().some(isDone); waited += SHORTEST) {
          yield* listen
          yield* Effect.sleep(SHORTEST)
        }
        yield* listen
      })

      const submitAll = Effect.fnUntraced(function*(waiting: ReadonlyArray<Waiter>) {
        const wanted = (yield* adopt(waiting)).filter(({ isLeft }) => !isLeft)
        if (wanted.length === 0) return
        const batches = yield* batchesOf(wanted, how)
        for (const { tasks: own } of batches) for (const task of own) tasks.add(task)
        for (const { batch, resources, tasks: own } of batches) {
          submissions++
          const isWanted = () => own.some(({ waiters }) => waiters.values().some(({ isLeft }) => !isLeft))
          const exit = yield* Effect.exit(submit(batch, resources, how, { isWanted, note: how.note }))
          if (Exit.isSuccess(exit)) {
            for (const task of own) {
              task.array = exit.value
              yield* tell(task)
            }
            continue
          }
          for (const task of own) {
            tasks.delete(task)
            for (const waiter of task.waiters.values()) waiter.ended(Exit.failCause(exit.cause))
            for (const then of task.whenGone) then()
          }
          // One that may be in the queue all the same is found by it.
          if (!isPerhapsHeard(exit)) yield* dropBatch(batch)
        }
        yield* writeFiles
      })

      /** Whether what is submitted would wait behind others of this run. */
      const isFull = (waiting: ReadonlyArray<Waiter>): boolean => {
        const partitions = new Set<string | undefined>()
        for (const { hasBegun, over, waiters } of tasks) {
          if (hasBegun || over !== undefined) continue
          for (const waiter of waiters.values()) partitions.add(waiter.class.options.partition)
        }
        return waiting.every((waiter) => partitions.has(waiter.class.options.partition))
      }

      const collect = Effect.gen(function*() {
        const waiting: Array<Waiter> = [yield* Queue.take(arrivals)]
        const began = performance.now()
        const forMore = Math.min(LONGEST_FOR_MORE, submissions * FOR_MORE)
        const forRoom = Math.min(LONGEST_FOR_ROOM, submissions * FOR_ROOM)
        for (let quiet = 0;;) {
          yield* Effect.sleep(QUIET / 3)
          const more = yield* Queue.clear(arrivals)
          waiting.push(...more)
          quiet = more.length > 0 ? 0 : quiet + QUIET / 3
          const isLight = tasks.size > 0 && waiting.every(({ job }) => job.isolation === "inline")
          const waited = performance.now() - began
          if (waited < forRoom && isFull(waiting)) continue
          if (isLight ? waited >= forMore && quiet >= QUIET : quiet >= QUIET || waited >= LONGEST_WAIT) break
        }
        submitting = new Set(waiting)
        yield* submitAll(waiting.filter(({ isLeft }) => !isLeft)).pipe(
          Effect.catch((error) =>
            Effect.sync(() => {
              for (const waiter of waiting) waiter.ended(Exit.fail(error))
            })
          ),
          Effect.ensuring(Effect.sync(() => (submitting = new Set()))),
          // What was submitted is known, so that it can be cancelled.
          Effect.uninterruptible,
        )
      })

      const onBug = (loop: Effect.Effect<never, never, Store | Disk | Slurm>) =>
        // What is a bug here is a bug of whatever waits.
        Effect.onError(loop, (cause) =>
          Effect.sync(() => {
            bug = cause
            for (const waiter of waiters) waiter.ended(Exit.failCause(cause))
          }))
      yield* fork(onBug(Effect.forever(collect)))
      yield* fork(onBug(Effect.gen(function*() {
        for (let pause = SHORTEST;;) {
          yield* Effect.sleep(pause)
          pause = (yield* listen) ? SHORTEST : Math.min(pause * 1.5, LONGEST)
        }
      })))
      const look = yield* makeLookAtQueue(
        tasks,
        Effect.provideContext(Effect.asVoid(listen), services),
        writeFiles,
        how.note,
      )
      yield* fork(onBug(Effect.forever(look)))
      yield* cancelAtExit(tasks, store.owner, how.areLeft)
      yield* Effect.addFinalizer((exit) =>
        Effect.provideContext(
          !Exit.hasInterrupts(exit)
            ? Effect.andThen(hearEnds, tidy)
            : how.areLeft()
            ? Effect.void
            : Effect.andThen(settle, cancelLeft(how.isMeant)),
          services,
        )
      )

      const executeQueued: ExecuteQueued = (job, isolation, advanced, { begun, waits, timeout, reads }) =>
        Effect.flatMap(Effect.andThen(bring(reads), hadRecord(job.key)), (again) =>
          Effect.callback<ActionRecord, StageFailure>((resume) => {
            const waiter: Waiter = {
              job: { job, isolation, timeout: timeout ?? null, again },
              class: how.classOf(job, timeout),
              expected: how.expected(job.node) ?? times.get(job.preImage.stage),
              begun,
              waits,
              advanced,
              ended: (exit) => {
                // Other nodes of a stage may be much larger; those of a light one are all light.
                if (isolation === "inline" && Exit.isSuccess(exit)) {
                  times.set(job.preImage.stage, exit.value.milliseconds)
                }
                if (Exit.isSuccess(exit)) {
                  recorded.delete(job.key)
                  settled.add(job.key)
                }
                waiters.delete(waiter)
                resume(Effect.suspend(() =>
                  exit
                ))
              },
              losses: 0,
              halvings: 0,
              saved: undefined,
              hasBegun: false,
              isLeft: false,
            }
            if (bug !== undefined) return resume(Effect.failCause(bug))
            waiters.add(waiter)
            Queue.offerUnsafe(arrivals, waiter)
            return Effect.provideContext(
              Effect.suspend(() => {
                waiters.delete(waiter)
                return how.areLeft() ? Effect.void : cancel(waiter)
              }),
              services,
            )
          }))
      const lookAtOthers = makeLookAtQueued()
      let looked: { readonly at: number; readonly found: ReadonlyMap<Digest, InQueueNow> } | undefined
      const lookAtQueued = Effect.fnUntraced(function*(keys: Iterable<Digest>) {
        const at = performance.now()
        if (looked === undefined || at - looked.at >= LOOK) looked = { at, found: yield* lookAtOthers(keys) }
        for (const key of looked.found.keys()) watched.add(key)
        return looked.found
      })
      return Executor.of({
        execute: (job, isolation, advanced) => executeQueued(job, isolation, advanced, alone),
        queued: executeQueued,
        lookAtQueued: (keys) => Effect.provideContext(lookAtQueued(keys), services),
      })
    }),
  )

/** For who does not ask where an action is. */
const alone: InQueue = { begun: () => Effect.void, waits: () => Effect.void, timeout: undefined, reads: [] }

/** Has jobs cancelled also where this process is made to exit at once: nobody waits for them any more. */
const cancelAtExit = (tasks: ReadonlySet<Task>, owner: string, areLeft: () => boolean) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const atExit = () => {
        const ids = [...tasks].filter((task) => isAllOurs(task, owner)).flatMap((task) => slurmIdOf(task) ?? [])
        if (ids.length === 0 || areLeft()) return
        spawnSync("scancel", ["--quiet", ...ids], {
          env: ownEnvironment(process.env),
          stdio: "ignore",
          timeout: 10_000,
        })
      }
      process.on("exit", atExit)
      return atExit
    }),
    (atExit) => Effect.sync(() => void process.off("exit", atExit)),
  )
