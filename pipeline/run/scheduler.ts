import { Cause, Effect, Exit, FiberSet, Queue } from "effect"
import type { Digest } from "../base/digest.ts"
import { type DagError, InputError, StageError, StoreError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import { type Graph, type Node, sources } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { type Freshness, freshnessOf, makeFileCache } from "../status/freshness.ts"
import { Events, type Failure } from "../store/events.ts"
import type { ActionRecord, Environment } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { type Limits, makePool } from "./pool.ts"

/** How a run goes about it. */
export interface RunOptions {
  /** The run's identifier, the name of its log. */
  readonly run: string
  readonly selectors: ReadonlyArray<string>
  readonly limits: Limits
  /** Whether nodes that do not stand on a failed one still run. */
  readonly keepGoing: boolean
  readonly commit: Pick<Environment, "commit" | "dirty">
}

/** How a run ended. */
export interface Summary {
  readonly executed: number
  readonly cached: number
  readonly failed: number
  readonly missing: number
  readonly blocked: number
  /** Nodes that a failure elsewhere kept from being looked at. */
  readonly notStarted: number
}

/**
 * Where a node is. It goes from waiting to settled: at once, by way of ready and running if it must run, or by way of
 * following if another node of the same key is ready or runs.
 */
type State =
  | { readonly _tag: "Waiting"; readonly on: number }
  | { readonly _tag: "Ready"; readonly stale: Stale }
  | { readonly _tag: "Running"; readonly stale: Stale }
  | { readonly _tag: "Following"; readonly key: Digest }
  | { readonly _tag: "Settled"; readonly outcome: Outcome }

type Stale = Extract<Freshness, { _tag: "Stale" }>

type Outcome =
  | Extract<Freshness, { _tag: "Fresh" | "Missing" | "Blocked" }>
  | { readonly _tag: "Failed"; readonly failure: Failure }

interface Completion {
  readonly node: Node
  readonly key: Digest
  readonly exit: Exit.Exit<ActionRecord, DagError>
}

/**
 * Runs what must run of a graph and settles every node; `planned` is what {@link plan} found just before.
 *
 * Nodes start as soon as their sources are settled and the pool has room, in the graph's order. Two nodes with one key
 * are executed once. After a failure nothing new starts unless `keepGoing`; what is running is let finish.
 */
export const runGraph = Effect.fnUntraced(function*(
  graph: Graph,
  planned: ReadonlyMap<string, Freshness>,
  options: RunOptions,
): Effect.fn.Return<Summary, StoreError | InputError, Store | CodeBase | Executor | Events> {
  const store = yield* Store
  const codeBase = yield* CodeBase
  const executor = yield* Executor
  const events = yield* Events

  const states = new Map<string, State>()
  const outcomes = new Map<string, Outcome>()
  const dependents = new Map<string, Array<Node>>()
  const headsBefore = yield* store.heads(graph.profile)
  /** What this run settled; the heads of other nodes are none of its business. */
  const heads = new Map<string, Digest>()
  const lookUp = makeFileCache()
  const pool = makePool(options.limits)
  const summary = { executed: 0, cached: 0, failed: 0, missing: 0, blocked: 0, notStarted: graph.nodes.size }
  /** Nodes to run, in the order in which they became ready. */
  const ready = new Set<string>()
  /** By the key of each node that is ready or runs, the others of that key: they take what it makes. */
  const followers = new Map<Digest, Array<Node>>()
  const savedCode = new Set<Digest>()
  let stopped = false

  for (const node of graph.nodes.values()) {
    const from = sources(node)
    states.set(node.name, { _tag: "Waiting", on: from.length })
    for (const source of from) {
      const list = dependents.get(source)
      if (list === undefined) dependents.set(source, [node])
      else list.push(node)
    }
  }

  const completions = yield* Queue.unbounded<Completion>()

  const settle = (node: Node, outcome: Outcome) => {
    states.set(node.name, { _tag: "Settled", outcome })
    summary.notStarted--
    outcomes.set(node.name, outcome)
    if (outcome._tag === "Fresh") heads.set(node.name, outcome.key)
    const evaluable: Array<Node> = []
    for (const dependent of dependents.get(node.name) ?? []) {
      const state = states.get(dependent.name)
      if (state?._tag !== "Waiting") continue
      states.set(dependent.name, { _tag: "Waiting", on: state.on - 1 })
      if (state.on === 1) evaluable.push(dependent)
    }
    return evaluable
  }

  /** Finds out how nodes stand whose sources are settled, and what becomes known by that. */
  const evaluate = Effect.fnUntraced(function*(nodes: ReadonlyArray<Node>) {
    const queue = [...nodes]
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      const before = planned.get(node.name)
      // What the plan found up to date stands on nothing that runs, so it still is.
      const freshness = before?._tag === "Fresh" ? before : yield* freshnessOf(
        node,
        outcomes,
        lookUp,
        headsBefore.get(node.name),
      ).pipe(
        Effect.provideService(Store, store),
        Effect.provideService(CodeBase, codeBase),
      )
      switch (freshness._tag) {
        case "Pending":
          throw new Error(`${node.name} was evaluated before its sources were settled`)
        case "Stale": {
          const others = followers.get(freshness.key)
          if (others === undefined) {
            states.set(node.name, { _tag: "Ready", stale: freshness })
            followers.set(freshness.key, [])
            ready.add(node.name)
          } else {
            states.set(node.name, { _tag: "Following", key: freshness.key })
            others.push(node)
          }
          continue
        }
        case "Fresh":
          summary.cached++
          yield* events.emit({ _tag: "NodeCached", node: node.name, key: freshness.key })
          break
        case "Missing": {
          const { set: { title, base }, names } = freshness
          summary.missing++
          yield* events.emit({ _tag: "NodeMissing", node: node.name, title, base, names })
          break
        }
        case "Blocked":
          summary.blocked++
          yield* events.emit({ _tag: "NodeBlocked", node: node.name, by: freshness.by })
          break
      }
      queue.push(...settle(node, freshness))
    }
  })

  /** Starts every ready node that the pool has room for. */
  const admit = Effect.fnUntraced(function*(fibers: FiberSet.FiberSet) {
    if (stopped) return
    for (const name of ready) {
      if (pool.isFull()) return
      const node = graph.nodes.get(name)
      const state = states.get(name)
      if (node === undefined || state?._tag !== "Ready") continue
      const { stale } = state
      const granted = pool.take(node.resources)
      if (granted === undefined) continue
      ready.delete(name)
      states.set(name, { _tag: "Running", stale })
      yield* events.emit({ _tag: "NodeStarted", node: name, key: stale.key, resources: granted })
      if (!savedCode.has(stale.preImage.code)) {
        savedCode.add(stale.preImage.code)
        yield* store.publishCode(stale.preImage.code, codeBase.of(node.stage.name, node.options).code)
      }
      const { key, preImage, files } = stale
      const job = { key, preImage, node: name, files, resources: granted, environment: options.commit }
      yield* FiberSet.run(
        fibers,
        executor.execute(
          job,
          node.stage.isolation,
          (advance) => events.emit({ _tag: "NodeProgressed", node: name, ...advance }),
        ).pipe(
          Effect.exit,
          Effect.tap((exit) =>
            Effect.sync(() => pool.give(granted)).pipe(Effect.andThen(Queue.offer(completions, { node, key, exit })))
          ),
        ),
      )
    }
  })

  const complete = Effect.fnUntraced(function*({ node: leader, key, exit }: Completion) {
    const nodes = [leader, ...(followers.get(key) ?? [])]
    followers.delete(key)
    const evaluable: Array<Node> = []
    for (const node of nodes) {
      if (Exit.isSuccess(exit)) {
        const record = exit.value
        if (node === leader) summary.executed++
        else summary.cached++
        yield* events.emit({
          _tag: "NodeSucceeded",
          node: node.name,
          key,
          milliseconds: record.milliseconds,
          rows: Object.fromEntries(Object.entries(record.outputs).map(([name, { rows }]) => [name, rows])),
          digests: Object.fromEntries(Object.entries(record.outputs).map(([name, { digest }]) => [name, digest])),
          counts: record.counts,
          shared: node !== leader,
        })
        evaluable.push(...settle(node, { _tag: "Fresh", key, record }))
      } else {
        const failure = failureOf(exit.cause)
        summary.failed++
        stopped ||= !options.keepGoing
        yield* events.emit({ _tag: "NodeFailed", node: node.name, key, failure })
        evaluable.push(...settle(node, { _tag: "Failed", failure }))
      }
    }
    // Long work is worth remembering at once; the rest is remembered when the run ends.
    if (leader.stage.isolation === "process") yield* store.publishHeads(graph.profile, heads)
    yield* evaluate(evaluable)
  })

  const loop = Effect.scoped(Effect.gen(function*() {
    const fibers = yield* FiberSet.make()
    yield* evaluate([...graph.nodes.values()].filter((node) => sources(node).length === 0))
    yield* admit(fibers)
    // As long as any runs: every key that is in work has one node that is ready or runs.
    while (followers.size > ready.size) {
      yield* complete(yield* Queue.take(completions))
      yield* admit(fibers)
    }
    if (!stopped && ready.size > 0) throw new Error(`never started: ${[...ready].join(", ")}`)
  }))

  const rememberHeads = Effect.suspend(() =>
    [...heads].every(([name, key]) => headsBefore.get(name) === key)
      ? Effect.void
      : store.publishHeads(graph.profile, heads)
  )

  const started = Date.now()
  const finished = (outcome: "succeeded" | "failed" | "interrupted") =>
    events.emit({
      _tag: "RunFinished",
      run: options.run,
      outcome,
      ...summary,
      milliseconds: Date.now() - started,
    })
  const { run, selectors } = options
  yield* events.emit({ _tag: "RunStarted", run, profile: graph.profile, nodes: graph.nodes.size, selectors })
  yield* loop.pipe(
    Effect.onInterrupt(() => Effect.andThen(Effect.ignore(rememberHeads), finished("interrupted"))),
  )
  yield* rememberHeads
  yield* finished(summary.failed + summary.missing + summary.blocked > 0 ? "failed" : "succeeded")
  return summary
})

/** What a failed action tells the user. An error that nobody foresaw is a bug and keeps its stack. */
export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const error: unknown = Cause.squash(cause)
  if (error instanceof InputError) {
    const { message, help, file, line, field } = error
    return {
      error: error._tag,
      message,
      help,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
      ...(field === undefined ? {} : { field }),
    }
  }
  if (error instanceof StoreError) {
    return { error: error._tag, message: error.message, help: error.help, file: error.path }
  }
  if (error instanceof StageError) return { error: error._tag, message: error.message, help: error.help }
  return {
    error: "Bug",
    message: error instanceof Error ? error.stack ?? error.message : String(error),
    help: "this is a defect of redag or of the stage, not of your data",
  }
}
