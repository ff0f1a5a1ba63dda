import { Effect, Exit } from "effect"
import { hostname } from "node:os"
import type { Digest } from "../../base/digest.ts"
import { StageError, type StoreError } from "../../base/errors.ts"
import type { StageFailure } from "../../graph/stage.ts"
import { type Batch, type BatchJob, outputOf, taskName, workersKey } from "../../store/batch.ts"
import type { Disk } from "../../store/disk.ts"
import type { Lease } from "../../store/leases.ts"
import { type ActionRecord, executionOf } from "../../store/record.ts"
import { Store } from "../../store/store.ts"
import { Executor } from "../executor.ts"
import { failedMessage } from "../here.ts"
import * as LocalExecutor from "../local.ts"
import type { Message } from "../message.ts"
import type { ProgramFolders } from "../program.ts"
import { makeThreads } from "../threads.ts"
import { withTimeLimit } from "../time-limit.ts"
import { beginsLine } from "./endings.ts"
import type { Said } from "./said.ts"
import { makeSay, makeTail } from "./task-log.ts"
import { type AtWork, timeIsUp } from "./time-is-up.ts"
import type { Warning } from "./warning.ts"

/** The programs of a build, and the file that workers are started from. */
export interface WorkerPrograms extends ProgramFolders {
  readonly program: string
}

/** How often it is said at most how far an action is, in milliseconds. */
const BETWEEN = 2000

/** So many short actions are asked for ahead: what they made is forced to the disk together. */
const AHEAD = 64

/** How long what runs may take at least to save what it has done, in milliseconds. */
const LEAST_TO_STOP = 10_000

/** The pause between two looks at what another worker is at, in milliseconds. */
const LOOK = 1000

/**
 * Executes a task of a batch on a compute node: its actions one after the other, or as many at a time as the batch says,
 * with what executes them on any machine. What it does is told in the log of the task.
 *
 * It is alive by its own heartbeat, whatever becomes of who submitted it. A task that is started again leaves out what its
 * log says is done.
 */
export const workOnTask = Effect.fnUntraced(function*(
  id: string,
  task: number,
  programs: WorkerPrograms,
  warning: Warning,
) {
  const store = yield* Store
  const batch = yield* store.files.batches.read(id)
  const jobs = batch?.tasks[task]?.jobs
  if (batch === undefined || jobs === undefined) {
    return yield* new StageError({
      message: `there is no task ${task} of a batch ${id}`,
      help: "nothing waits for it any more: nothing is to be done",
      transient: false,
    })
  }
  yield* store.processes.begin
  return yield* execute(batch, task, jobs, warning).pipe(
    Effect.provide(LocalExecutor.layer(makeThreads(programs, { most: batch.together, soon: true }), {
      program: programs.program,
      arguments: ["worker"],
      // What saves until Slurm ends it has saved nothing.
      toStop: Math.max(LEAST_TO_STOP, batch.warning * 1000 * 0.75),
      saves: ({ key }) => warning.saves(key),
    })),
  )
}, Effect.scoped)

const execute = Effect.fnUntraced(function*(
  batch: Batch,
  task: number,
  all: ReadonlyArray<BatchJob>,
  warning: Warning,
) {
  const store = yield* Store
  const log = store.layout.tasks.path(taskName(batch.id, task))
  const done = new Set<Digest>()
  for (const said of yield* yield* makeTail(log)) {
    if (said._tag === "Message" && said.message._tag !== "Advanced") done.add(said.key)
  }
  const { say, flush } = yield* makeSay(log)
  const { SLURM_ARRAY_JOB_ID: array, SLURM_JOB_ID: job = "", SLURM_RESTART_COUNT: restarts = "0" } = process.env
  const slurmJob = array === undefined ? job : `${array}_${task}`
  process.stdout.write(`${beginsLine(slurmJob, Number(restarts))}\n`)
  yield* say({
    _tag: "Began",
    owner: store.owner,
    host: process.env["SLURMD_NODENAME"] ?? hostname(),
    slurmJob,
    restarts: Number(restarts),
    at: new Date().toISOString(),
  })
  yield* flush
  const jobs = all.filter(({ job: { key } }) => !done.has(key))
    .map((each) => ({ ...each, timeout: ownLimit(each, batch) }))
  const work: Work = { say, running: new Map(), ended: 0, warning }
  const { running } = work
  yield* Effect.gen(function*() {
    const others = yield* executeFree(jobs, batch.together, work)
    for (const each of others) yield* executeLater(each, work)
  }).pipe(Effect.onInterrupt(() => say({ _tag: "Stopped", why: "cancelled", running: [...running.keys()] })))
  if (warning.hasStopped()) {
    const own = {
      job: slurmJob,
      memory: batch.memory,
      seconds: batch.seconds ?? undefined,
      log: outputOf(store.layout.logs.folder, batch.id, task),
      left: jobs.length - work.ended,
    }
    // Slurm ends this process as soon as the task is queued again.
    return yield* Effect.uninterruptible(
      timeIsUp(running, own, (said) => Effect.andThen(say(said), Effect.ignore(flush))),
    )
  }
  yield* say({ _tag: "Ended" })
  yield* flush
})

/** After how many seconds an action is stopped here: at the limit of its job it goes on in another where it can. */
const ownLimit = ({ timeout }: BatchJob, { seconds }: Batch): number | null =>
  timeout !== null && seconds !== null && timeout >= seconds ? null : timeout

/** What a worker is at. */
interface Work {
  readonly say: Say
  /** By key, what runs now. */
  readonly running: Map<Digest, AtWork>
  /** How many actions it told the end of since it began. */
  ended: number
  readonly warning: Warning
}

type Say = (said: Said) => Effect.Effect<void>

/** Executes what no other worker is at; gives what another is at. */
const executeFree = Effect.fnUntraced(function*(
  jobs: ReadonlyArray<BatchJob>,
  together: number,
  work: Work,
) {
  const store = yield* Store
  const takings = yield* store.leases.takeAll(jobs.map(({ job: { key, node } }) => [workersKey(key), node] as const))
  const held: Array<BatchJob> = []
  const free: Array<{ readonly job: BatchJob; readonly lease: Lease }> = []
  for (const [at, job] of jobs.entries()) {
    const taking = yield* takings[at] ?? Effect.die("each lease has an outcome")
    if (taking._tag === "Held") held.push(job)
    else free.push({ job, lease: taking.lease })
  }
  const short = free.filter(({ job }) => job.isolation === "inline" && job.timeout === null)
  const long = free.filter((each) => !short.includes(each))
  const lanes = Array.from({ length: together }, () => ({}))
  const one = (lane: object | undefined) => ({ job, lease }: typeof free[number]) =>
    Effect.suspend(
      () => (work.warning.hasStopped() ? Effect.void : untilStopped(executeOne(job, lane, work), lease, job, work)),
    )
      .pipe(Effect.ensuring(lease.release))
  yield* Effect.forEach(short, (each, index) => one(lanes[index % together])(each), {
    concurrency: AHEAD * together,
    discard: true,
  })
  yield* Effect.forEach(long, one(undefined), { concurrency: together, discard: true })
  return held
})

/** Executes an action until it is done, or is to stop here. */
const untilStopped = <R>(
  executing: Effect.Effect<void, StoreError, R>,
  lease: Lease,
  { job: { key } }: BatchJob,
  { warning }: Work,
) => Effect.raceFirst(Effect.raceFirst(executing, lost(lease)), warning.toStop(key))

/** Ends when this process was taken for dead, and another may be at the same work. */
const lost = ({ whenLost }: Lease): Effect.Effect<void> =>
  Effect.callback((resume) => whenLost(() => resume(Effect.void)))

/** Executes what another worker was at, once that has let go of it, where it is not done then. */
const executeLater = Effect.fnUntraced(function*(each: BatchJob, work: Work) {
  const store = yield* Store
  const { key, node } = each.job
  while (!work.warning.hasStopped()) {
    const taking = yield* store.leases.take(workersKey(key), node)
    if (taking._tag === "Taken") {
      const found = yield* store.hit(key)
      const executing = found._tag === "Hit" && found.accepted === undefined && !each.again
        ? told(key, found.record, work)
        : executeOne(each, undefined, work)
      return yield* Effect.ensuring(untilStopped(executing, taking.lease, each, work), taking.lease.release)
    }
    yield* Effect.sleep(LOOK)
  }
})

const told = (key: Digest, record: ActionRecord, work: Work): Effect.Effect<void> =>
  ended(key, { _tag: "Finished", execution: executionOf(record) }, work)

const ended = (key: Digest, message: Message, work: Work): Effect.Effect<void> =>
  Effect.suspend(() => {
    work.ended++
    work.running.delete(key)
    return work.say({ _tag: "Message", key, message })
  })

/** Executes an action, and says how it went; fails only where the store cannot be used. */
const executeOne = Effect.fnUntraced(function*(
  { job, isolation, timeout, again }: BatchJob,
  lane: object | undefined,
  work: Work,
): Effect.fn.Return<void, StoreError, Store | Executor | Disk> {
  const store = yield* Store
  const executor = yield* Executor
  const { key, node } = job
  const { say, running } = work
  if (!again) {
    const found = yield* store.hit(key)
    if (found._tag === "Hit" && found.accepted === undefined) return yield* told(key, found.record, work)
  }
  const started = Effect.gen(function*() {
    if (running.has(key)) return
    const atWork: AtWork = { savedBefore: undefined, hadAll: work.ended === 0 }
    running.set(key, atWork)
    const savedBefore = yield* Effect.orElseSucceed(store.unfinished(key).newest, () => undefined)
    if (savedBefore !== undefined) running.set(key, { ...atWork, savedBefore })
    yield* say({ _tag: "Started", key, at: new Date().toISOString() })
  })
  let last = -Infinity
  const advanced: Parameters<typeof executor.execute>[2] = (advance) =>
    Effect.suspend(() => {
      const now = performance.now()
      if (now - last < BETWEEN) return Effect.void
      last = now
      return Effect.andThen(started, say({ _tag: "Message", key, message: { _tag: "Advanced", ...advance } }))
    })
  const alone: Effect.Effect<ActionRecord, StageFailure> = Effect.andThen(
    started,
    withTimeLimit(executor.execute(job, isolation, advanced), timeout ?? undefined),
  )
  const inTurn = lane === undefined || executor.inTurn === undefined
    ? undefined
    // One that was not begun since another failed before it is begun now.
    : Effect.flatMap(
      executor.inTurn(job, advanced, lane, started),
      (record) => record === undefined ? alone : Effect.succeed(record),
    )
  const exit = yield* Effect.exit(Effect.scoped(Effect.andThen(store.leases.attend(key, node), inTurn ?? alone)))
  if (Exit.isSuccess(exit)) {
    return yield* told(key, exit.value, work)
  }
  const message = failedMessage(exit.cause, job)
  yield* message === undefined ? Effect.interrupt : ended(key, message, work)
})
