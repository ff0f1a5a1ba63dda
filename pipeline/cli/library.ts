import { Effect, Layer, Option } from "effect"
import { attempt } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import { commitOf } from "../execute/environment.ts"
import * as LocalExecutor from "../execute/local.ts"
import { makeThreads } from "../execute/threads.ts"
import { expand } from "../graph/expand.ts"
import { CodeBase } from "../identity/code.ts"
import * as Programs from "../identity/programs.ts"
import type { Experiment } from "../report/experiment.ts"
import { type NodeForMachines, nodeForMachines } from "../report/nodes.ts"
import { runGraph } from "../run/scheduler.ts"
import type { Summary } from "../run/summary.ts"
import { plannedRun } from "../status/planned.ts"
import * as Disk from "../store/disk.ts"
import { type Event, Events, type Failure } from "../store/events.ts"
import { removeStaleTemporaries } from "../store/left-over.ts"
import { makeRunLog, newRunId } from "../store/run-log.ts"
import * as Store from "../store/store.ts"
import { limitsOf } from "./limits.ts"
import { synced, takeRemote } from "./remote.ts"
import { selected } from "./selecting.ts"
import { readSettings, remoteAddress, storeFolder } from "./settings.ts"
import { sharedBy } from "./sharing.ts"
import { printNote } from "./text/output.ts"

/** What a build hands to the engine. */
export interface Program {
  readonly load: () => Promise<{ readonly default: Experiment }>
  readonly root: string
  /** The folder of the build. */
  readonly build: string
  /** The file that workers are started from. */
  readonly program: string
}

/** Which nodes of which profile; all of the default one if left out. Selectors are those of the command line. */
export interface Selected {
  readonly profile?: string
  readonly nodes?: ReadonlyArray<string>
  readonly exclude?: ReadonlyArray<string>
}

/** How a run goes about it. */
export interface RunHow extends Selected {
  /** Actions to run at the same time; as many as there are cores if left out. */
  readonly jobs?: number
  /** Whether nodes still run after a failure that do not depend on it. */
  readonly keepGoing?: boolean
  /** Hears of everything that happens. */
  readonly onEvent?: (event: EngineEvent) => void
  /** Stops the run: what runs may save what it has done. */
  readonly signal?: AbortSignal
}

/** Something that happened in a run, as `dag run --json` prints it. */
export type EngineEvent = Event

/** What a run would do with a node, as `dag plan --json` prints it. */
export type Planned = NodeForMachines

/** How a run ended. */
export interface Ran {
  readonly summary: Summary
  readonly failures: ReadonlyArray<{ readonly node: string } & Pick<Failure, "message" | "help">>
}

/**
 * A project whose nodes can be planned, run and read by a program. Nothing is held between two calls, and any number of
 * processes may use the project at once. Promises are rejected with an error that has `message` and `help`.
 */
export interface Engine {
  /** What a run would do with each node; nothing is executed. */
  readonly plan: (which?: Selected) => Promise<ReadonlyArray<Planned>>
  /** Brings nodes up to date. */
  readonly run: (how?: RunHow) => Promise<Ran>
  /** The rows of an output of a node that is up to date; of its only output where none is named. */
  readonly rows: (node: string, output?: string, which?: Pick<Selected, "profile">) => Promise<ReadonlyArray<object>>
}

/** The engine of a project that was built. */
export const engineOf = async ({ load, root, build, program }: Program): Promise<Engine> => {
  const { default: experiment } = await load()
  readSettings(root)
  takeRemote([], root)
  const services = Layer.mergeAll(
    Programs.layer(build),
    Store.layer(storeFolder(root), undefined, remoteAddress()).pipe(Layer.provideMerge(Disk.layer)),
  )
  type Services = Store.Store | Disk.Disk | CodeBase
  const perform = <A, E>(effect: Effect.Effect<A, E, Services>, signal?: AbortSignal): Promise<A> =>
    Effect.runPromise(effect.pipe(Effect.provide(services)), signal === undefined ? {} : { signal })

  const planOf = Effect.fnUntraced(function*({ profile, nodes = [], exclude = [] }: Selected) {
    yield* synced
    const whole = yield* attempt(() => expand(experiment, profile ?? experiment.defaultProfile, root))
    const { part, ...asked } = yield* selected(whole, { include: nodes, exclude })
    const { planned } = yield* plannedRun(part, asked)
    return { asked, planned }
  })

  const execute = Effect.fnUntraced(function*(how: RunHow) {
    const { nodes = [], exclude = [], jobs, keepGoing = false, onEvent } = how
    yield* Effect.flatMap(Store.Store, ({ known }) => known.remember)
    const { asked, planned } = yield* planOf(how)
    const limits = yield* limitsOf(planned.graph, {
      jobs: Option.fromUndefinedOr(jobs),
      memory: Option.none(),
      gpus: Option.none(),
    })
    const { processes, leases } = yield* Store.Store
    const id = newRunId(new Date())
    yield* processes.named(id)
    yield* leases.named(id)
    yield* removeStaleTemporaries
    const log = yield* makeRunLog(id)
    const failures: Array<Ran["failures"][number]> = []
    const shared = yield* sharedBy(true, printNote)
    const isIdle = [...planned.nodes.values()].every(({ status }) => status._tag === "Fresh")
    const summary = yield* runGraph(planned.graph, planned, {
      run: id,
      selectors: [...nodes, ...exclude.flatMap((each) => ["--exclude", each])],
      asked,
      limits,
      keepGoing,
      commit: isIdle ? { commit: null, dirty: false } : commitOf(root),
    }).pipe(
      Effect.provideService(Events, {
        emit: (event) => {
          if (event._tag === "NodeFailed") {
            const { node, failure: { message, help } } = event
            failures.push({ node, message, help })
          }
          return Effect.all([log(event), Effect.sync(() => onEvent?.(event)), shared.heard(event)], { discard: true })
        },
      }),
      Effect.provide(LocalExecutor.layer(
        makeThreads({ build, root }, { most: limits.jobs, soon: !isIdle }),
        { program, arguments: ["worker"] },
      )),
      Effect.tap(() => shared.end),
      Effect.onError(() => shared.stop),
    )
    return { summary, failures } satisfies Ran
  }, Effect.scoped)

  const rowsOf = Effect.fnUntraced(function*(node: string, output: string | undefined, profile: string | undefined) {
    const { planned } = yield* planOf({ nodes: [node], ...(profile === undefined ? {} : { profile }) })
    const found = planned.nodes.get(node)
    if (found === undefined) {
      return yield* new InputError({ field: node, message: "is no node", help: "give the whole name of one node" })
    }
    if (found.status._tag !== "Fresh") {
      return yield* new InputError({ field: node, message: "is not up to date", help: "run it first" })
    }
    const { outputs } = found.node.stage
    const names = Object.keys(outputs)
    const name = output ?? (names.length === 1 ? names[0] : undefined)
    const row = name === undefined ? undefined : outputs[name]
    const digest: Digest | undefined = name === undefined ? undefined : found.status.record.outputs[name]?.digest
    if (row === undefined || digest === undefined) {
      return yield* new InputError({
        field: node,
        message: output === undefined ? "has several outputs" : `has no output "${output}"`,
        help: `name one of ${names.join(", ")}`,
      })
    }
    return yield* (yield* Store.Store).readRows(row, digest)
  })

  return {
    plan: (which = {}) =>
      perform(Effect.map(planOf(which), ({ planned }) => [...planned.nodes.values()].map(nodeForMachines))),
    run: (how = {}) => perform(execute(how), how.signal),
    rows: (node, output, { profile } = {}) => perform(rowsOf(node, output, profile)),
  }
}
