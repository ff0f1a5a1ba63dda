import { Clock, Effect, Exit, identity, Layer } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Digest } from "../../../pipeline/base/digest.ts"
import type { DagError } from "../../../pipeline/base/errors.ts"
import { Executor } from "../../../pipeline/execute/executor.ts"
import { everything } from "../../../pipeline/graph/needed.ts"
import type { Graph } from "../../../pipeline/graph/node.ts"
import { CodeBase } from "../../../pipeline/identity/code.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import type { Summary } from "../../../pipeline/run/summary.ts"
import { type Snapshot, snapshotOf } from "../../../pipeline/status/snapshot.ts"
import { type Calls, calls as systemCalls } from "../../../pipeline/store/calls.ts"
import { Disk } from "../../../pipeline/store/disk.ts"
import { type Event, Events } from "../../../pipeline/store/events.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { executor } from "../../engine/sweep/engine.ts"
import { workIn } from "../../engine/sweep/graph.ts"
import { storeLayer } from "../store/support.ts"

/** How a run of the graph of {@link workIn} differs from the usual one. */
export interface Options {
  readonly forced?: ReadonlyArray<string>
  readonly frozen?: ReadonlyArray<string>
  readonly keepGoing?: boolean
  readonly calls?: Calls
  /** The graph that is run in the place of the usual one. */
  readonly change?: (graph: Graph) => Graph
  /** Takes place between the plan and the run; what it holds, it holds until the run ended. */
  readonly before?: (planned: Snapshot) => Effect.Effect<void, DagError, Store.Store | Disk>
  /** Is told of each event as it happens. */
  readonly seen?: (event: Event) => void
  /** What the run takes the time from. */
  readonly clock?: Clock.Clock
  /** What executes in the place of the usual executor. */
  readonly executing?: (usual: Executor["Service"]) => Executor["Service"]
  /** Interrupts the run. */
  readonly signal?: AbortSignal
}

/** How it ended. */
export interface Ran {
  readonly exit: Exit.Exit<Summary, unknown>
  /** What was executed, in order, by stage and param. */
  readonly executed: ReadonlyArray<string>
  readonly events: ReadonlyArray<Event>
}

/** A folder with a store and the file that the graph reads. */
export interface Place {
  readonly store: string
  readonly run: (options?: Options) => Promise<Ran>
}

/** Runs `use` with a place of its own, which is gone after it. */
export const inPlace = async (use: (place: Place) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-run-"))
  writeFileSync(join(folder, "numbers.txt"), "1 2 3 50")
  try {
    const store = join(folder, "store")
    await use({ store, run: (options = {}) => runIn(folder, store, options) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const runIn = async (folder: string, store: string, options: Options): Promise<Ran> => {
  const { forced = [], frozen = [], keepGoing = false, calls = systemCalls, before, seen } = options
  const { graph: usual, executed, code } = workIn(folder)
  const graph = options.change?.(usual) ?? usual
  const stages = new Map([...graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
  const services = Layer.effect(Executor, Effect.map(Executor, (usual) => options.executing?.(usual) ?? usual)).pipe(
    Layer.provide(executor(stages)),
    Layer.provideMerge(storeLayer(store, calls)),
    Layer.provideMerge(Layer.succeed(CodeBase, code)),
  )
  const events: Array<Event> = []
  const program = Effect.gen(function*() {
    const planned = yield* snapshotOf(graph, { forced: new Set(forced), frozen: new Set(frozen) })
    if (before !== undefined) yield* before(planned)
    return yield* runGraph(graph, planned, {
      run: "run",
      selectors: [],
      asked: everything,
      limits: { jobs: 2, cpu: 2, memory: 4096, gpu: 0 },
      keepGoing,
      commit: { commit: null, dirty: false },
    }).pipe(Effect.provideService(Events, {
      emit: (event) =>
        Effect.sync(() => {
          events.push(event)
          seen?.(event)
        }),
    }))
  })
  const { signal } = options
  const exit = await Effect.runPromiseExit(
    program.pipe(
      Effect.provide(services),
      options.clock === undefined ? identity : Effect.provideService(Clock.Clock, options.clock),
    ),
    signal === undefined ? {} : { signal },
  )
  return { exit, executed, events }
}

/** The key under which a plan executes a node. */
export const keyIn = ({ nodes }: Snapshot, name: string): Digest => {
  const status = nodes.get(name)?.status
  if (status?._tag !== "WillRun" || status.action === undefined) throw new Error(`${name} has no key yet`)
  return status.action.key
}

/** What happened to a node, in order. */
export const eventsOf = ({ events }: Ran, name: string): ReadonlyArray<Event["_tag"]> =>
  events.flatMap((event) => ("node" in event && event.node === name ? [event._tag] : []))
