import { Deferred, Effect, Exit, FiberSet, Queue } from "effect"
import type { Digest } from "../base/digest.ts"
import type { InputError, StoreError } from "../base/errors.ts"
import type { Executor } from "../execute/executor.ts"
import { neededFor } from "../graph/needed.ts"
import { dispensable, type Graph, indispensable, isPartial, type Node, sources } from "../graph/node.ts"
import type { CodeBase } from "../identity/code.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { type Event, Events } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { nothingCarried } from "./carried.ts"
import { restoreCode } from "./code.ts"
import type { Completion } from "./completion.ts"
import { makeElsewhere, recordLeft } from "./elsewhere.ts"
import { makeEvaluate } from "./evaluate.ts"
import { failureOf } from "./failure.ts"
import { damagedIn, made, makeHeal } from "./heal.ts"
import type { RunOptions } from "./options.ts"
import { dependentsOf, eventOf, settle } from "./settle.ts"
import { makeStart } from "./start.ts"
import { type Summary, summaryOf } from "./summary.ts"
import { type Outcome, type State, States } from "./transition.ts"

/**
 * Runs what must run of a graph and settles every node; `planned` is the snapshot that was taken just before.
 *
 * Nodes start as soon as their sources are settled and the pool has room, in the order that the options give. Two nodes with
 * one key are executed once, also where they are of two runs at the same time. After a failure nothing new starts unless
 * `keepGoing`; what runs is let finish, and what other runs execute is not waited for. Then the nodes run that gather
 * what there is: they do without what failed or did not start. Where an execution finds an object damaged, what made it
 * runs again, and then the execution.
 *
 * In the part of a graph what an object was made of is not there, where it is damaged: nothing new starts, what runs is let finish,
 * and the summary names the object. The whole graph is to be planned then.
 */
export const runGraph = Effect.fnUntraced(function*(
  graph: Graph,
  planned: Snapshot,
  options: RunOptions,
): Effect.fn.Return<Summary, StoreError | InputError, Store | CodeBase | Executor | Events> {
  const events = yield* Events
  const states = new States(graph, neededFor(graph, options.asked, planned.overrides.leftOut), options.order)
  const heads = yield* makeHeads(graph, states)
  const started = Date.now()
  const finished = (outcome: Extract<Event, { readonly _tag: "RunFinished" }>["outcome"]) =>
    Effect.suspend(() =>
      events.emit({
        _tag: "RunFinished",
        run: options.run,
        outcome,
        ...summaryOf(graph, states),
        milliseconds: Date.now() - started,
      })
    )
  const { run, selectors } = options
  const { profile, rest } = graph
  yield* events.emit({ _tag: "RunStarted", run, profile, nodes: graph.nodes.size + (rest?.size ?? 0), selectors })
  if (rest !== undefined && rest.size > 0) yield* events.emit({ _tag: "NodesCached", ...rest.all() })
  const damaged = yield* settleAll(graph, planned, options, states, heads).pipe(
    Effect.onInterrupt(() =>
      Effect.ignore(settleRecorded(graph, planned, states)).pipe(
        Effect.andThen(Effect.ignore(heads.publish)),
        Effect.andThen(finished("interrupted")),
      )
    ),
  )
  yield* heads.publish
  yield* restoreCode(graph, states)
  const summary = summaryOf(graph, states)
  if (damaged !== undefined) {
    yield* finished("damaged")
    return { ...summary, damaged }
  }
  yield* finished(summary.failed + summary.missing + summary.blocked > 0 ? "failed" : "succeeded")
  return summary
})

/**
 * Starts what can start, and settles what has ended, until nothing is left to wait for. Gives the object that was found
 * damaged in the part of a graph, where that ended it.
 */
const settleAll = Effect.fnUntraced(function*(
  graph: Graph,
  planned: Snapshot,
  options: RunOptions,
  states: States,
  heads: Heads,
) {
  const store = yield* Store
  const events = yield* Events
  const dependents = dependentsOf(graph)
  const heal = yield* makeHeal(graph, states, dependents)
  let isEnding = false
  /** The first object that was found damaged in the part of a graph. */
  let lost: Digest | undefined
  const evaluate = makeEvaluate(states, dependents, heal, planned, () => isEnding)
  const fibers = yield* FiberSet.make()
  const completions = yield* Queue.unbounded<Completion>()
  const stopped = yield* Deferred.make<void>()
  const { startReady, waitsForGpus, waitsForOwnRoom } = yield* makeStart(
    graph,
    planned,
    states,
    options,
    fibers,
    completions,
    Deferred.await(stopped),
  )
  const isStopped = () => lost !== undefined || (states.failed && !options.keepGoing)
  const start = Effect.suspend(() =>
    isStopped() ? Effect.asVoid(Deferred.succeed(stopped, undefined)) : startReady(() => true)
  )

  const { carried = nothingCarried } = options
  /** Whether nodes may start once something has ended that an earlier run began, or that holds a GPU in another. */
  const waitsForRoom = () => states.ready.size > 0 && (carried.isAny() || waitsForGpus())
  /** Where only what an earlier run began is in the way of a node, that waits for what it is in the way of. */
  const makeRoom = Effect.sync(() => {
    const isIdle = states.running === 0 && states.elsewhere.size === 0
    if (isIdle && carried.isAny() && waitsForOwnRoom()) carried.makeRoom()
  })

  const elsewhere = yield* makeElsewhere(states, planned, fibers, completions)

  /** The node that a key was executed for, or is, and those that follow it. */
  const nodesOf = (node: Node, key: Digest): readonly [Node, ...ReadonlyArray<Node>] => {
    const [, ...followers] = (states.inWork.get(key) ?? []).flatMap((name) => graph.nodes.get(name) ?? [])
    return [node, ...followers]
  }

  /** Settles a node, and those of the same key that follow it. */
  const settleKey = Effect.fnUntraced(function*(
    node: Node,
    key: Digest,
    outcome: Outcome,
    ofFollowers: Outcome,
  ) {
    const ended = nodesOf(node, key)
    const outdated = heal.outdated(ended)
    const free = outdated.filter(({ name }) => isFree(states.of(name)))
    for (const each of ended) {
      if (outdated.includes(each)) continue
      free.push(...(yield* settle(states, dependents, heal, each, each === node ? outcome : ofFollowers)))
    }
    yield* evaluate(free)
  })

  /** Leaves a node, and those of the same key, to the run that plans the whole graph. */
  const leave = (node: Node, key: Digest): void => {
    for (const { name } of nodesOf(node, key)) states.transition(name, { _tag: "Waiting", on: 1 })
  }

  const foundElsewhere = (node: Node, record: ActionRecord) => {
    const outcome: Outcome = { _tag: "Fresh", by: "other run", key: record.key, record }
    return Effect.andThen(elsewhere.tidy(node, record.key), settleKey(node, record.key, outcome, outcome))
  }

  const ended = Effect.fnUntraced(function*(
    { node, key, exit, again, job }: Extract<Completion, { readonly _tag: "Ended" }>,
  ) {
    const damaged = damagedIn(exit)
    if (damaged !== undefined && graph.rest !== undefined && Exit.isFailure(exit)) {
      // Known here at once: the hint that a worker left is seen a moment later.
      yield* store.suspects.add(damaged)
      const makers = sources(node).filter((name) => made(states.outcomes.get(name), damaged))
      yield* events.emit({ _tag: "ObjectDamaged", node: node.name, object: damaged, makers })
      lost ??= damaged
      return leave(node, key)
    }
    const remade = damaged === undefined ? undefined : yield* heal.make(damaged, nodesOf(node, key))
    if (remade !== undefined) return yield* evaluate(remade)
    const help = heal.whyNot(damaged)
    const outcome = (by: "execution" | "other node"): Outcome =>
      Exit.isSuccess(exit)
        ? { _tag: "Fresh", by, key, record: exit.value, ...(again === undefined ? {} : { again }) }
        : {
          _tag: "Failed",
          key,
          failure: { ...failureOf(exit.cause), ...(help === undefined ? {} : { help }) },
          ...(job === undefined ? {} : { job }),
        }
    yield* settleKey(node, key, outcome("execution"), outcome("other node"))
    // Long work is worth noting at once; the rest, and what cannot be noted now, is noted when the run ends.
    if (node.stage.isolation === "process") yield* Effect.ignore(heads.publish)
  })

  const complete = Effect.fnUntraced(function*(completion: Completion) {
    switch (completion._tag) {
      case "Ended":
        return yield* ended(completion)
      case "Found": {
        // A look may have found it first.
        const { node, record } = completion
        return states.of(node.name)._tag === "Elsewhere" ? yield* foundElsewhere(node, record) : undefined
      }
      case "NotBegun":
        return states.transition(completion.node.name, { _tag: "Ready", action: completion.action })
      case "Retry": {
        const { node, action, exit, job } = completion
        if (lost !== undefined) return leave(node, action.key)
        // Nothing starts any more, so this was its last attempt.
        if (isStopped()) return yield* ended({ _tag: "Ended", node, key: action.key, exit, again: undefined, job })
        return states.transition(node.name, { _tag: "Ready", action })
      }
      case "Room":
        // There is room now for what is ready.
        return
      case "Lost":
        return yield* elsewhere.lose(completion.node, completion.action)
      case "Look":
        for (const { name, record } of yield* elsewhere.look(completion.of)) {
          const node = graph.nodes.get(name)
          if (node !== undefined && states.of(name)._tag === "Elsewhere") yield* foundElsewhere(node, record)
        }
    }
  })

  /** Waits for what there is to take note of. Much of it may come at once, and what that makes ready starts together. */
  const completeAll = Effect.gen(function*() {
    for (const completion of yield* Queue.takeAll(completions)) yield* complete(completion)
  })

  yield* evaluate([...graph.nodes.values()].filter((node) => sources(node).length === 0))
  yield* start
  while (states.running > 0 || ((states.elsewhere.size > 0 || waitsForRoom()) && !isStopped())) {
    yield* elsewhere.watch
    yield* makeRoom
    yield* completeAll
    yield* start
  }
  if (lost !== undefined) return lost
  if (isStopped()) {
    isEnding = true
    // What is made again since it was found damaged belongs to what gathers it.
    const isLast = (node: Node) => isPartial(node) || states.takenBack.has(node.name)
    const isLastName = (name: string) => {
      const node = graph.nodes.get(name)
      return node !== undefined && isLast(node)
    }
    const finish = Effect.gen(function*() {
      yield* startReady(isLast)
      const readyLast = () => waitsForRoom() && [...states.ready].some(isLastName)
      while (states.running > 0 || [...states.elsewhere].some(isLastName) || readyLast()) {
        yield* elsewhere.watch
        yield* completeAll
        yield* startReady(isLast)
      }
    })
    yield* finish
    for (let node = nextPartial(graph, states); node !== undefined; node = nextPartial(graph, states)) {
      yield* evaluate([node])
      yield* finish
    }
  }
  const left = [...graph.nodes.keys()].filter((name) => !states.outcomes.has(name))
  if (!isStopped() && left.length > 0) throw new Error(`never settled: ${left.join(", ")}`)
  return undefined
}, Effect.scoped)

/** Settles nodes of which the record was in the store when the run was interrupted, but this had not been heard. */
const settleRecorded = Effect.fnUntraced(function*(
  graph: Graph,
  { overrides: { forced } }: Snapshot,
  states: States,
) {
  const store = yield* Store
  const events = yield* Events
  for (const node of graph.nodes.values()) {
    const state = states.of(node.name)
    if (state._tag !== "Running") continue
    const record = recordLeft(yield* store.hit(state.action.key), forced.has(node.name))
    if (record === undefined) continue
    const outcome: Outcome = { _tag: "Fresh", by: "execution", key: record.key, record }
    states.transition(node.name, { _tag: "Settled", outcome })
    yield* events.emit(eventOf(node.name, outcome))
  }
})

/** The first node that waits and can do without what it waits for. */
const nextPartial = ({ nodes }: Graph, states: States): Node | undefined => {
  const isMade = (name: string) => states.outcomes.get(name)?._tag === "Fresh"
  return [...nodes.values()].find((node) =>
    isPartial(node) && states.of(node.name)._tag === "Waiting" && indispensable(node).every(isMade)
    && [...dispensable(node).values()].every((names) => names.length === 0 || names.some(isMade))
  )
}

const isFree = (state: State): boolean => state._tag === "Waiting" && state.on === 0

/** Notes in the store which action each node has. */
interface Heads {
  /** Notes the nodes that this run found or brought up to date; the heads of others stay as they are. */
  readonly publish: Effect.Effect<void, StoreError>
}

const makeHeads = Effect.fnUntraced(function*(
  { profile, rest }: Graph,
  { outcomes }: States,
): Effect.fn.Return<Heads, StoreError, Store> {
  const store = yield* Store
  const before = rest?.heads ?? (yield* store.heads(profile))
  return {
    publish: Effect.suspend(() => {
      const heads = new Map<string, Digest>()
      for (const [name, outcome] of outcomes) if (outcome._tag === "Fresh") heads.set(name, outcome.key)
      return [...heads].every(([name, key]) => before.get(name) === key)
        ? Effect.void
        : store.publishHeads(profile, heads)
    }),
  }
})
