import { Cause, Effect, Exit, Fiber, type Scope } from "effect"
import type { Digest } from "../base/digest.ts"
import { type DagError, InputError, StageError, StoreError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import type { Advance, Resources } from "../graph/stage.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import type { Carried } from "./carried.ts"
import type { Pool } from "./pool.ts"

/** An execution, the node that it began for, and what it holds of the machine. */
export interface Held {
  readonly node: string
  readonly key: Digest
  readonly resources: Resources
}

/** An execution of this process. */
interface Own extends Held {
  /** When it began, in milliseconds of a clock that only goes forward. */
  readonly since: number
  /** Gives nothing where it was given back before it began. */
  readonly fiber: Fiber.Fiber<ActionRecord | undefined, DagError>
  /** What the run that waits for it says of it: how far it is, and that it has run for a while. */
  advanced: (advance: Advance) => Effect.Effect<void>
  begun: Effect.Effect<void>
  /** Whether it is worth to go on once its run has ended: what is executed in turn is, once it has run for a while. */
  isLong: boolean
  /** Whether a run waits for it now. */
  isTaken: boolean
  /** Whether it was told to stop; it may take a while to save what it has done. */
  isStopping: boolean
}

/** What of the work of earlier runs is still wanted. */
export interface StillWanted {
  /** Keys that the run which begins now is to execute. */
  readonly keys: ReadonlySet<Digest>
  /** Nodes of which it is not known yet which key they will have. */
  readonly undecided: ReadonlySet<string>
}

/** The runs of one process that come one after another, and executions that go on from one to the next. */
export interface Outliving {
  /** What the runs execute with. */
  readonly executor: Executor["Service"]
  /** What a run carries on. */
  readonly carried: Carried
  /** Interrupts a run, and lets what it executes go on. */
  readonly handOver: (run: Fiber.Fiber<unknown, unknown>) => Effect.Effect<void>
  /** Stops what is carried and not wanted any more. */
  readonly keepOnly: (wanted: StillWanted) => void
  /** Stops what is carried for a node that a run has settled otherwise. */
  readonly settled: (node: string) => void
  /** What is carried now by this process. */
  readonly list: () => ReadonlyArray<Held>
  /** Stops an execution that is carried. */
  readonly stop: (key: Digest) => void
  /** Executions of another process, whose work this one takes over, hold of the same machine. */
  readonly holdElsewhere: (held: ReadonlyArray<Held>) => void
  /** One of those has ended. */
  readonly endedElsewhere: (key: Digest) => void
}

/** What whoever owns these runs wants to hear of. */
export interface Listener {
  /** An execution that no run waits for has ended. */
  readonly ended: (held: Held) => void
  /** An execution is stopped since nothing wants it any more. */
  readonly stopping: (held: Held) => void
  /** An execution of the other process is to be stopped. */
  readonly stopElsewhere: (key: Digest) => void
}

/**
 * Lets executions outlive the run that began them, as long as a later run of this scope wants the same key. Short ones,
 * which share a place in the pool, end with their run: what is wanted of them is executed again.
 *
 * What failed for good is not executed again under the same key: a later run hears of the same failure.
 */
export const makeOutliving = Effect.fnUntraced(function*(
  listener: Listener,
): Effect.fn.Return<Outliving, never, Executor | Scope.Scope> {
  const inner = yield* Executor
  const scope = yield* Effect.scope
  const own = new Map<Digest, Own>()
  const elsewhere = new Map<Digest, Held>()
  const failed = new Map<Digest, Cause.Cause<DagError>>()
  let wanted: ReadonlySet<Digest> = new Set()
  let isHandingOver = false
  let pool: Pool | undefined
  let room = () => {}

  const carriedOwn = () => [...own.values()].filter(({ isTaken }) => !isTaken)

  const ended = (entry: Own, exit: Exit.Exit<ActionRecord | undefined, DagError>): void => {
    own.delete(entry.key)
    if (Exit.isFailure(exit) && isForGood(exit.cause)) failed.set(entry.key, exit.cause)
    if (entry.isTaken) return
    pool?.letGo(entry.resources)
    room()
    listener.ended(entry)
  }

  const stop = (entry: Own): void => {
    if (entry.isStopping) return
    entry.isStopping = true
    listener.stopping(entry)
    entry.fiber.interruptUnsafe()
  }

  const toldElsewhere = new Set<Digest>()
  const stopElsewhere = (held: Held): void => {
    if (toldElsewhere.has(held.key)) return
    toldElsewhere.add(held.key)
    listener.stopping(held)
    listener.stopElsewhere(held.key)
  }

  const begin = Effect.fnUntraced(function*(
    { node, key, resources }: Job,
    isLong: boolean,
    execution: Effect.Effect<ActionRecord | undefined, DagError>,
  ) {
    const fiber = yield* Effect.forkIn(execution, scope)
    const entry: Own = {
      node,
      key,
      resources,
      since: performance.now(),
      fiber,
      advanced: () => Effect.void,
      begun: Effect.void,
      isLong,
      isTaken: true,
      isStopping: false,
    }
    own.set(key, entry)
    const release = pool?.keep(resources)
    fiber.addObserver((exit) => {
      release?.()
      ended(entry, exit)
    })
    return entry
  })

  const advancedOf = (key: Digest) => (advance: Advance) => own.get(key)?.advanced(advance) ?? Effect.void
  const begunOf = (key: Digest) =>
    Effect.suspend(() => {
      const entry = own.get(key)
      if (entry === undefined) return Effect.void
      entry.isLong = true
      return entry.begun
    })

  /** What the execution of a key gives that runs, or else begins now. */
  const join = (
    job: Job,
    advanced: Own["advanced"],
    begun: Own["begun"],
    isLong: boolean,
    execution: Effect.Effect<ActionRecord | undefined, DagError>,
  ) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const before = failed.get(job.key)
        if (before !== undefined) return yield* Effect.failCause(before)
        const running = own.get(job.key)
        // One that was told to stop has nothing to give; the next goes on from what it saves.
        if (running?.isStopping === true) yield* restore(Fiber.await(running.fiber))
        const found = own.get(job.key)
        const entry = found ?? (yield* begin(job, isLong, execution))
        entry.isTaken = true
        entry.advanced = advanced
        entry.begun = begun
        return yield* restore(Fiber.join(entry.fiber)).pipe(
          Effect.onInterrupt(() => {
            if (!isHandingOver || !entry.isLong) return Fiber.interrupt(entry.fiber)
            entry.isTaken = false
            entry.advanced = () => Effect.void
            entry.begun = Effect.void
            return Effect.void
          }),
        )
      })
    )

  const execute: Executor["Service"]["execute"] = (job, isolation, advanced) => {
    const execution = inner.execute(job, isolation, advancedOf(job.key))
    return Effect.flatMap(
      join(job, advanced, Effect.void, true, execution),
      // What was taken over began in a turn that never came.
      (record) => (record === undefined ? execute(job, isolation, advanced) : Effect.succeed(record)),
    )
  }
  const { inTurn } = inner
  const executor = Executor.of({
    execute,
    ...(inTurn === undefined ? {} : {
      inTurn: (job, advanced, lane, begun) =>
        join(job, advanced, begun, false, inTurn(job, advancedOf(job.key), lane, begunOf(job.key))),
    }),
  })

  const carried: Carried = {
    enter: (entered, hasRoom) => {
      pool = entered
      room = hasRoom
      for (const { resources } of [...carriedOwn(), ...elsewhere.values()]) entered.hold(resources)
    },
    takeOver: (node, key) => {
      const isStale = (held: Held) => held.node === node && held.key !== key && !wanted.has(held.key)
      for (const entry of carriedOwn()) if (isStale(entry)) stop(entry)
      for (const held of elsewhere.values()) if (isStale(held)) stopElsewhere(held)
      const entry = own.get(key)
      if (entry !== undefined && !entry.isTaken && !entry.isStopping) {
        entry.isTaken = true
        pool?.letGo(entry.resources)
        pool?.lend(entry.resources)
        return entry.resources
      }
      const held = elsewhere.get(key)
      // The run gives it back as soon as it finds that another executes it, and that one holds it still.
      if (held !== undefined) pool?.lend(held.resources)
      return held?.resources
    },
    ran: (key) => {
      const entry = own.get(key)
      return entry === undefined || entry.isStopping ? 0 : performance.now() - entry.since
    },
    makeRoom: () => {
      for (const entry of carriedOwn()) stop(entry)
      for (const held of elsewhere.values()) stopElsewhere(held)
    },
    isAny: () => elsewhere.size > 0 || carriedOwn().length > 0,
  }

  return {
    executor,
    carried,
    handOver: Effect.fnUntraced(function*(run) {
      isHandingOver = true
      yield* Effect.ensuring(Fiber.interrupt(run), Effect.sync(() => isHandingOver = false))
    }),
    keepOnly: ({ keys, undecided }) => {
      wanted = keys
      const isStale = ({ node, key }: Held) => !keys.has(key) && !undecided.has(node)
      for (const entry of carriedOwn()) if (isStale(entry)) stop(entry)
      for (const held of elsewhere.values()) if (isStale(held)) stopElsewhere(held)
    },
    settled: (node) => {
      const isOf = (held: Held) => held.node === node && !wanted.has(held.key)
      for (const entry of carriedOwn()) if (isOf(entry)) stop(entry)
      for (const held of elsewhere.values()) if (isOf(held)) stopElsewhere(held)
    },
    list: () => carriedOwn().filter(({ isStopping }) => !isStopping),
    stop: (key) => {
      const entry = own.get(key)
      if (entry !== undefined && !entry.isTaken) stop(entry)
    },
    holdElsewhere: (held) => {
      for (const each of held) elsewhere.set(each.key, each)
    },
    endedElsewhere: (key) => {
      const held = elsewhere.get(key)
      if (held === undefined) return
      elsewhere.delete(key)
      toldElsewhere.delete(key)
      pool?.letGo(held.resources)
      room()
    },
  }
})

/**
 * Whether an execution of the same key would fail in the same way: input that is refused, a stage that fails or has a bug.
 *
 * What the store or the system refuses now it may take a moment later, a damaged input is made again, and another attempt
 * may get more of what ran out.
 */
const isForGood = (cause: Cause.Cause<DagError>): boolean => {
  if (Cause.hasInterrupts(cause)) return false
  const error = Cause.squash(cause)
  if (error instanceof StoreError) return false
  if (error instanceof InputError) return error.raced !== true
  return !(error instanceof StageError && (error.transient || error.ranOut !== undefined))
}
