import { Cause, Effect, Fiber, Queue, type Scope } from "effect"
import type { Digest } from "../base/digest.ts"
import type { InputError, StoreError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import type { Asked } from "../graph/needed.ts"
import type { Graph } from "../graph/node.ts"
import type { CodeBase } from "../identity/code.ts"
import { type Forecast, forecastOf } from "../status/forecast.ts"
import { plannedRun } from "../status/planned.ts"
import { type Snapshot, withStatus } from "../status/snapshot.ts"
import type { Disk } from "../store/disk.ts"
import { type Event, Events, type Failure } from "../store/events.ts"
import type { Lease } from "../store/leases.ts"
import { removeStaleTemporaries } from "../store/left-over.ts"
import type { Environment } from "../store/record.ts"
import { makeRunLog, newRunId } from "../store/run-log.ts"
import { Store } from "../store/store.ts"
import { failureOf } from "./failure.ts"
import { type Held, makeOutliving, type StillWanted } from "./outliving.ts"
import type { Limits } from "./pool.ts"
import { runGraph } from "./scheduler.ts"
import type { Summary } from "./summary.ts"

/** What a session says of how it goes. */
export type Said =
  /** It knows what is to be done, and does it. */
  | { readonly _tag: "Planned"; readonly planned: Snapshot; readonly forecast: Forecast }
  /** The experiment cannot be read as it is now; what runs goes on. */
  | { readonly _tag: "Problem"; readonly failure: Failure }
  /** An execution is stopped, for nothing wants it any more. */
  | { readonly _tag: "Stopping"; readonly held: Held }
  /** An execution that no run here waits for has ended. */
  | { readonly _tag: "Ended"; readonly held: Held }
  /** An execution of the process before this one is to be stopped. */
  | { readonly _tag: "StopElsewhere"; readonly key: Digest }
  | { readonly _tag: "Happened"; readonly event: Event }
  /** All that could be done is done. */
  | { readonly _tag: "Settled"; readonly summary: Summary; readonly milliseconds: number }

/** What is to be kept up to date. */
export interface Watched {
  readonly graph: Graph
  readonly asked: Asked
  readonly limits: Limits
}

/** How a session goes about it. */
export interface SessionOptions<R> {
  /** The part of the experiment that is watched, as its files say now, and what of the machine it may use. */
  readonly watched: Effect.Effect<Watched, StoreError | InputError, R>
  readonly selectors: ReadonlyArray<string>
  readonly commit: Effect.Effect<Pick<Environment, "commit" | "dirty">>
  readonly say: (said: Said) => void
  /** What each plan waits for before anything of it runs; where it fails, what runs goes on as it was planned before. */
  readonly mayBegin: (planned: Snapshot) => Effect.Effect<void, StoreError | InputError, R>
}

/** A session in progress. */
export interface Session {
  /** Files may have changed: it plans again and does what there is to do. */
  readonly changed: () => void
  /** Ends the run, lets what executes go on, and holds its leases; gives what goes on. */
  readonly retire: Effect.Effect<ReadonlyArray<Held>>
  readonly stop: (key: Digest) => void
  readonly holdElsewhere: (held: ReadonlyArray<Held>) => void
  readonly endedElsewhere: (key: Digest) => void
}

/**
 * Keeps a part of an experiment up to date, whatever becomes of its files:
 *
 *                  ┌───────── changed ─────────┐
 *                  ▼                           │
 *     ┌──▶ Planning ── planned ──▶ Running ────┤
 *     │       │                       │        │
 *     │    problem                 settled     │
 *     │       ▼                       ▼        │
 *     │    Problem                  Idle ──────┘
 *     └─ changed ┘
 *
 * A run goes on while the next is planned. It is interrupted then, and what it executes outlives it: the next run takes
 * over each execution whose key it wants, and the others are stopped, which saves what they have done. Changes that come
 * while it plans are one change.
 */
export const makeSession = Effect.fnUntraced(function*<R>(
  options: SessionOptions<R>,
): Effect.fn.Return<Session, StoreError, R | Store | Disk | CodeBase | Executor | Scope.Scope> {
  const { say } = options
  const store = yield* Store
  const scope = yield* Effect.scope
  const changes = yield* Queue.unbounded<void>()
  const leases = new Map<Digest, Lease>()
  const outliving = yield* makeOutliving({
    ended: (held) => {
      const released = leases.get(held.key)?.release ?? Effect.void
      leases.delete(held.key)
      Effect.runFork(Effect.andThen(released, Effect.sync(() => say({ _tag: "Ended", held }))))
    },
    stopping: (held) => say({ _tag: "Stopping", held }),
    stopElsewhere: (key) => say({ _tag: "StopElsewhere", key }),
  })
  let run: Fiber.Fiber<void, unknown> | undefined
  let isCleaned = false

  const began = Effect.fnUntraced(function*(
    planned: Snapshot,
    { order }: Forecast,
    { asked, limits }: Watched,
    commit: SessionOptions<R>["commit"] | undefined,
  ) {
    const id = newRunId(new Date())
    yield* store.processes.named(id)
    if (commit !== undefined) {
      yield* store.processes.begin
      // What earlier processes left; this one leaves nothing.
      if (!isCleaned) yield* removeStaleTemporaries
      isCleaned = true
    }
    const started = Date.now()
    const log = yield* makeRunLog(id)
    const summary = yield* runGraph(planned.graph, planned, {
      run: id,
      selectors: options.selectors,
      asked,
      limits,
      keepGoing: true,
      commit: commit === undefined ? { commit: null, dirty: false } : yield* commit,
      carried: outliving.carried,
      ...(order === undefined ? {} : { order }),
    }).pipe(Effect.provideService(Events, {
      emit: (event) =>
        Effect.andThen(
          log(event),
          Effect.sync(() => {
            say({ _tag: "Happened", event })
            if ("node" in event && settles.has(event._tag)) outliving.settled(event.node)
          }),
        ),
    }))
    // What was undecided until now is wanted by nothing.
    outliving.keepOnly({ keys: new Set(), undecided: new Set() })
    say({ _tag: "Settled", summary, milliseconds: Date.now() - started })
  })

  const planOnce = Effect.gen(function*() {
    const watched = yield* options.watched
    const { planned } = yield* plannedRun(watched.graph, watched.asked)
    const forecast = forecastOf(planned, watched.limits)
    say({ _tag: "Planned", planned, forecast })
    yield* options.mayBegin(planned)
    // It takes as long as all that comes before the first execution.
    const commit = withStatus(planned, "WillRun").length === 0
      ? undefined
      : Fiber.join(yield* Effect.forkIn(options.commit, scope, { startImmediately: true }))
    if (run !== undefined) yield* outliving.handOver(run)
    outliving.keepOnly(stillWanted(planned))
    run = yield* Effect.forkIn(
      began(planned, forecast, watched, commit).pipe(
        Effect.provideService(Executor, outliving.executor),
        Effect.catchCause((cause) => problem(cause)),
      ),
      scope,
    )
  })

  const problem = (cause: Cause.Cause<unknown>) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.interrupt
      : Effect.sync(() => say({ _tag: "Problem", failure: failureOf(cause) }))

  const loop = Effect.gen(function*() {
    yield* Effect.catchCause(planOnce, problem)
    yield* Queue.take(changes)
    // However many there are by now, one look sees them all.
    yield* Queue.clear(changes)
  }).pipe(Effect.forever)
  const planning = yield* Effect.forkIn(loop, scope)

  return {
    changed: () => void Queue.offerUnsafe(changes, undefined),
    retire: Effect.gen(function*() {
      yield* Fiber.interrupt(planning)
      if (run !== undefined) yield* outliving.handOver(run)
      const held = outliving.list()
      // Others are to see that somebody is at work on these.
      for (const { key, node } of held) {
        const taking = yield* Effect.orElseSucceed(store.leases.take(key, node), () => undefined)
        if (taking?._tag === "Taken") leases.set(key, taking.lease)
      }
      return held
    }),
    stop: outliving.stop,
    holdElsewhere: outliving.holdElsewhere,
    endedElsewhere: outliving.endedElsewhere,
  }
})

/** What is said of a node that will not be executed any more in this run. */
const settles: ReadonlySet<Event["_tag"]> = new Set<Event["_tag"]>([
  "NodeCached",
  "NodeFailed",
  "NodeMissing",
  "NodeBlocked",
  "NodeUnneeded",
])

/** The keys that a run will execute, and the nodes whose keys are known only once others have run. */
const stillWanted = (planned: Snapshot): StillWanted => ({
  keys: new Set(withStatus(planned, "WillRun").flatMap(({ status }) => status.action?.key ?? [])),
  undecided: new Set([
    ...withStatus(planned, "MayRun").map(({ node }) => node.name),
    ...withStatus(planned, "WillRun").filter(({ status }) => status.action === undefined).map(({ node }) => node.name),
  ]),
})
