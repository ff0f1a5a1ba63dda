import { Cause, Effect, Exit, Layer } from "effect"
import { dirname } from "node:path"
import { StoreError } from "../../../pipeline/base/errors.ts"
import { Executor } from "../../../pipeline/execute/executor.ts"
import { executeHere } from "../../../pipeline/execute/here.ts"
import { everything } from "../../../pipeline/graph/needed.ts"
import type { RunnableStage } from "../../../pipeline/graph/node.ts"
import { CodeBase } from "../../../pipeline/identity/code.ts"
import { runGraph } from "../../../pipeline/run/scheduler.ts"
import { snapshotOf } from "../../../pipeline/status/snapshot.ts"
import type { Calls } from "../../../pipeline/store/calls.ts"
import { Disk, diskOver } from "../../../pipeline/store/disk.ts"
import { Events } from "../../../pipeline/store/events.ts"
import { removeStaleTemporaries } from "../../../pipeline/store/left-over.ts"
import type { ActionRecord } from "../../../pipeline/store/record.ts"
import { makeRunLog } from "../../../pipeline/store/run-log.ts"
import * as Store from "../../../pipeline/store/store.ts"
import { workIn } from "./graph.ts"

/** How a run ended. */
export interface Ran {
  /** Whether all nodes are up to date now. */
  readonly isDone: boolean
  /** What was executed, in order. */
  readonly executed: ReadonlyArray<string>
  /** The nodes that were up to date before. */
  readonly cached: ReadonlyArray<string>
  /** By node and output, the digest of what it has now. */
  readonly digests: Readonly<Record<string, string>>
  /** Why nodes failed that the store or a stage failed, or why the run did. */
  readonly failures: ReadonlyArray<string>
  /** What was told as a mistake of a program. */
  readonly bugs: ReadonlyArray<string>
}

/** Executes jobs where it is called, those of stages with a process of their own by way of the store. */
export const executor = (stages: ReadonlyMap<string, RunnableStage>) =>
  Layer.effect(
    Executor,
    Effect.gen(function*() {
      const services = yield* Effect.context<Store.Store | Disk>()
      const store = yield* Store.Store
      const execute = executeHere(
        ({ stage }) => Effect.orDie(Effect.fromNullishOr(stages.get(stage))),
        Effect.succeed({ peakMemory: null, log: null }),
      )
      return Executor.of({
        execute: (job, isolation, advanced) => {
          const executed = isolation === "inline" ? execute(job, advanced) : Effect.gen(function*() {
            const name = yield* store.publishJob(job)
            const found = yield* store.job(name)
            if (found === undefined) throw new Error("the job is gone")
            return yield* Effect.ensuring(execute(found, advanced), Effect.ignore(store.dropJob(name)))
          })
          return Effect.provideContext(executed, services)
        },
      })
    }),
  )

/** Runs all of the graph on a store, as a process of its own does; `folder` has the file that it reads. */
export const runOn = async (store: string, folder: string, calls: Calls, name: string): Promise<Ran> => {
  const { graph, executed, code } = workIn(folder)
  const stages = new Map<string, RunnableStage>([...graph.nodes.values()].map(({ stage }) => [stage.name, stage]))
  const cached: Array<string> = []
  const failures: Array<string> = []
  const bugs: Array<string> = []
  const records = new Map<string, ActionRecord>()
  const services = executor(stages).pipe(
    Layer.provideMerge(Store.layer(store).pipe(Layer.provideMerge(Layer.succeed(Disk, diskOver(calls))))),
    Layer.provideMerge(Layer.succeed(CodeBase, code)),
  )
  const program = Effect.gen(function*() {
    const planned = yield* snapshotOf(graph)
    yield* removeStaleTemporaries
    const log = yield* makeRunLog(name)
    const summary = yield* runGraph(graph, planned, {
      run: name,
      selectors: [],
      asked: everything,
      limits: { jobs: 2, cpu: 2, memory: 4096, gpu: 0 },
      keepGoing: false,
      commit: { commit: null, dirty: false },
    }).pipe(Effect.provideService(Events, {
      emit: (event) => {
        if (event._tag === "NodeCached") cached.push(event.node)
        if (event._tag === "NodeFailed") {
          const { error, message } = event.failure
          ;(error === "Bug" ? bugs : failures).push(`${event.node}: ${message}`)
        }
        return log(event)
      },
    }))
    const after = yield* snapshotOf(graph)
    for (const [node, { status }] of after.nodes) if (status._tag === "Fresh") records.set(node, status.record)
    return summary
  })
  const exit = await Effect.runPromiseExit(program.pipe(Effect.provide(services)))
  if (Exit.isFailure(exit)) {
    const error: unknown = Cause.squash(exit.cause)
    if (error instanceof StoreError) failures.push(`${error.path} ${error.message}`)
    else bugs.push(error instanceof Error ? error.stack ?? error.message : String(error))
  }
  const digests = Object.fromEntries(
    [...records].flatMap(([node, { outputs }]) =>
      Object.entries(outputs).map(([output, { digest }]) => [`${node} ${output}`, digest])
    ),
  )
  return {
    isDone: Exit.isSuccess(exit) && records.size === graph.nodes.size,
    executed,
    cached,
    digests,
    failures,
    bugs,
  }
}

/** The folder of the file that runs on a store read. */
export const inputsOf = (store: string): string => dirname(store)
