import { Effect, Exit, FiberSet, Queue } from "effect"
import { attempt } from "../base/attempt.ts"
import type { BlobRef } from "../base/blob-ref.ts"
import type { DagError, StoreError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import type { GpuHolder } from "../execute/gpu-leases.ts"
import { withTimeLimit } from "../execute/time-limit.ts"
import { type Graph, type Node, sources } from "../graph/node.ts"
import type { Snapshot } from "../status/snapshot.ts"
import type { JobPlace } from "../store/batch.ts"
import { Events } from "../store/events.ts"
import type { Lease, Taking, Wanted } from "../store/leases.ts"
import type { ActionRecord, Granted } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { makeAttempts } from "./attempts.ts"
import { nothingCarried } from "./carried.ts"
import { makeSaveCode } from "./code.ts"
import type { Completion } from "./completion.ts"
import { recordLeft } from "./elsewhere.ts"
import { type Again, againOf, makeForced } from "./forced.ts"
import { makeInQueue } from "./in-queue.ts"
import { makeLanes, type Place, shapeOf } from "./lanes.ts"
import type { RunOptions } from "./options.ts"
import { makePool } from "./pool.ts"
import { makeQueuePool } from "./queue-pool.ts"
import type { Action, States } from "./transition.ts"
import { makeWaitingForGpus } from "./waiting-for-gpus.ts"

/** How an execution ended, and how long to wait before the run takes note of it, in milliseconds. */
interface Completed {
  readonly completion: Completion
  readonly wait?: number
}

/**
 * Gives the function that starts every ready node that there is room for, in their order: what one training
 * leads to comes before the next training, so that results come one by one. And whether some wait for GPUs alone that
 * other runs of the machine hold, and some for anything else.
 *
 * Executions run in `fibers`, and say in `completions` how they ended. A node whose key another run has the lease of is executed
 * elsewhere. Only nodes start that `mayStart`. Once `stopped` ends, none has another attempt, so that none waits for one.
 */
export const makeStart = Effect.fnUntraced(function*(
  graph: Graph,
  { overrides: { forced } }: Snapshot,
  states: States,
  { limits, commit, replace = false, carried = nothingCarried }: RunOptions,
  fibers: FiberSet.FiberSet,
  completions: Queue.Enqueue<Completion>,
  stopped: Effect.Effect<void>,
) {
  const store = yield* Store
  const executor = yield* Executor
  const events = yield* Events
  const pool = executor.queued === undefined ? makePool(limits) : makeQueuePool(limits)
  const lanes = makeLanes(pool)
  const shapes = shapesOf(graph)
  carried.enter(pool, () => Queue.offerUnsafe(completions, { _tag: "Room" }))
  const attempts = makeAttempts(limits)
  const inQueue = makeInQueue(events.emit)
  const saveCode = yield* makeSaveCode
  const forcedAgain = yield* makeForced(replace)
  const leases = new Set<Lease>()
  // The process may live on, as that of `dag watch` does: what it took for an execution that never began is let go.
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      FiberSet.clear(fibers),
      Effect.suspend(() => {
        pool.close()
        return Effect.forEach([...leases], ({ release }) => release, { discard: true })
      }),
    )
  )
  const waiting = yield* makeWaitingForGpus(fibers, completions)

  /** A lease that is let go at the latest when the run ends. */
  const noted = (taking: Taking): Taking => {
    if (taking._tag === "Held") return taking
    const lease: Lease = {
      whenLost: taking.lease.whenLost,
      release: Effect.suspend(() => (leases.delete(lease) ? taking.lease.release : Effect.void)),
    }
    leases.add(lease)
    return { _tag: "Taken", lease }
  }

  /**
   * What came of taking the lease of an action: it is another's to execute where another run executes it, or has recorded
   * it since this one looked.
   */
  const leased = Effect.fnUntraced(function*(node: Node, action: Action, taking: Taking, isThere: boolean) {
    if (taking._tag === "Held") {
      states.transition(node.name, { _tag: "Elsewhere", action })
      return "held"
    }
    if (!isThere) return { lease: taking.lease, before: undefined }
    const hit = yield* Effect.onError(store.hit(action.key), () => taking.lease.release)
    const record = recordLeft(hit, forced.has(node.name))
    if (record === undefined) return { lease: taking.lease, before: hit._tag === "Incomplete" ? hit.record : undefined }
    yield* taking.lease.release
    lanes.took(node, record.milliseconds)
    states.transition(node.name, { _tag: "Elsewhere", action })
    yield* Queue.offer(completions, { _tag: "Found", node, record })
    return "found"
  })

  /** What nodes made that a node takes input from. */
  const readsOf = (node: Node): ReadonlyArray<BlobRef> =>
    sources(node).flatMap((name) => {
      const outcome = states.outcomes.get(name)
      return outcome?._tag === "Fresh" ? [...Object.values(outcome.record.outputs), ...outcome.record.blobs] : []
    })

  /** How an execution ended: what fails after another took over is that one's to finish. */
  const completionOf = Effect.fnUntraced(function*(
    node: Node,
    action: Action,
    granted: Granted,
    exit: Exit.Exit<ActionRecord, DagError>,
    again: Again | undefined,
    job: JobPlace | undefined,
  ): Effect.fn.Return<Completed> {
    const isLost = Exit.isFailure(exit) && (yield* Effect.isFailure(store.leases.guard(action.key)))
    if (isLost) return { completion: { _tag: "Lost", node, action } }
    const retried = attempts.next(node, action.key, granted, exit)
    if (retried === undefined) return { completion: { _tag: "Ended", node, key: action.key, exit, again, job } }
    yield* events.emit(retried)
    return { completion: { _tag: "Retry", node, action, exit, job }, wait: retried.wait }
  })

  /** Starts the execution of a node that has a place; whether another run executes it instead. */
  const execute = Effect.fnUntraced(function*(
    { node, action, place }: Starting,
    taking: Effect.Effect<Taking, StoreError>,
    isThere: boolean,
  ) {
    const { name, stage } = node
    const { key } = action
    const found = yield* Effect.exit(Effect.flatMap(taking, (each) => leased(node, action, each, isThere)))
    // What fails beside the work fails one node: others have nothing to do with it.
    if (Exit.isFailure(found)) {
      place.give()
      states.transition(name, { _tag: "Running", action })
      yield* Queue.offer(completions, {
        _tag: "Ended",
        node,
        key,
        exit: Exit.failCause(found.cause),
        again: undefined,
      })
      return false
    }
    if (found.value === "held" || found.value === "found") {
      place.give()
      return found.value === "held"
    }
    const { lease: taken, before } = found.value
    const { granted, lane, waits } = place
    states.transition(name, { _tag: "Running", action })
    let isSaid = false
    const { queued } = executor
    const own = queued === undefined ? undefined : inQueue(name, key, granted)
    const begun = Effect.suspend(() => {
      if (own !== undefined) return own.hasBegun() ? Effect.void : own.begun()
      if (isSaid) return Effect.void
      isSaid = true
      return events.emit({ _tag: "NodeStarted", node: name, key, resources: granted })
    })
    if (!waits && queued === undefined) yield* begun
    const saved = yield* Effect.exit(saveCode(node))
    const { share: _, ...resources } = granted
    const job = { ...action, node: name, resources, environment: commit }
    const advanced = (advance: Parameters<Parameters<typeof executor.execute>[2]>[0]) =>
      Effect.andThen(begun, events.emit({ _tag: "NodeProgressed", node: name, ...advance }))
    const ended = (exit: Exit.Exit<{ readonly result: ActionRecord; readonly again: Again | undefined }, DagError>) =>
      completionOf(
        node,
        action,
        granted,
        Exit.map(exit, ({ result }) => result),
        Exit.isSuccess(exit) ? exit.value.again ?? againOf(before, exit.value.result) : undefined,
        own?.job(),
      )
    const inTurn = lane === undefined || executor.inTurn === undefined
      ? undefined
      : Effect.andThen(saved, executor.inTurn(job, advanced, lane, begun)).pipe(
        Effect.map((result) => (result === undefined ? undefined : { result, again: undefined })),
        Effect.exit,
        Effect.flatMap((exit): Effect.Effect<Completed> =>
          Exit.isFailure(exit)
            ? ended(Exit.failCause(exit.cause))
            : exit.value === undefined
            ? Effect.succeed({ completion: { _tag: "NotBegun", node, action } })
            : ended(Exit.succeed(exit.value))
        ),
      )
    const once = Effect.andThen(
      saved,
      // One that an earlier run began has used up some of its time.
      Effect.suspend(() => {
        const { timeout } = attempts.wanted(node, key)
        return queued === undefined || own === undefined
          ? withTimeLimit(executor.execute(job, stage.isolation, advanced), timeout, carried.ran(key))
          : Effect.andThen(
            own.waits({ state: "collected" }),
            queued(job, stage.isolation, advanced, {
              begun: own.begun,
              waits: own.waits,
              timeout,
              reads: readsOf(node),
            }),
          )
      }),
    )
    const alone = (forced.has(name)
      ? forcedAgain(key, once)
      : Effect.map(once, (result) => ({ result, again: undefined }))).pipe(
        Effect.exit,
        Effect.flatMap(ended),
      )
    let isLost = false
    const fiber = yield* FiberSet.run(
      fibers,
      (inTurn ?? alone).pipe(
        // By now the record is there, or will not be: whoever waits for either may go on.
        Effect.ensuring(own === undefined ? taken.release : Effect.andThen(own.ended, taken.release)),
        Effect.flatMap(Effect.fnUntraced(function*({ completion, wait = 0 }: Completed) {
          place.give()
          if (completion._tag === "Ended") {
            yield* begun
            if (Exit.isSuccess(completion.exit)) lanes.took(node, completion.exit.value.milliseconds)
          }
          // Others may use the room until then.
          if (wait > 0) yield* Queue.offer(completions, { _tag: "Room" })
          if (wait > 0) yield* Effect.raceFirst(Effect.sleep(wait), stopped)
          yield* Queue.offer(completions, completion)
        })),
        Effect.onInterrupt(() =>
          Effect.suspend(() => {
            if (!isLost) return Effect.void
            place.give()
            return Queue.offer(completions, { _tag: "Lost", node, action })
          })
        ),
      ),
    )
    taken.whenLost(() => {
      isLost = true
      fiber.interruptUnsafe()
    })
    return false
  })

  /** Starts the nodes of a pass: their leases are taken together. Whether another run executes some of them instead. */
  const startAll = Effect.fnUntraced(function*(starting: ReadonlyArray<Starting>) {
    // What takes long is executed once among all that share a remote; what is over in a moment is not worth asking.
    const wanted = starting.map((
      { node: { name, stage }, action },
    ): Wanted => [action.key, name, stage.isolation === "process" ? "everywhere" : "here"])
    // Nothing comes between taking them and noting that they are taken.
    const takings = yield* store.leases.takeAll(wanted).pipe(
      Effect.flatMap((all) => Effect.forEach(all, (each) => Effect.exit(Effect.map(each, noted)))),
      Effect.exit,
      Effect.uninterruptible,
    )
    const present = yield* Effect.exit(store.present(wanted.map(([key]) => key)))
    let isElsewhere = false
    for (const [index, each] of starting.entries()) {
      const taking = Effect.flatMap(takings, (all) => all[index] ?? Effect.die("each lease has an outcome"))
      // What cannot be looked up for all is looked up for each.
      const is = yield* execute(each, taking, Exit.isFailure(present) || present.value.has(each.action.key))
      isElsewhere ||= is
    }
    return isElsewhere
  })

  /** The ready nodes that there is room for, each with its place. */
  const placed = (mayStart: (node: Node) => boolean): ReadonlyArray<Starting> => {
    /** What is forced is looked after by itself. */
    const waysOf = (name: string, mayWait: boolean) =>
      executor.inTurn === undefined || forced.has(name) ? "alone" : mayWait ? "behind others" : "first"
    const starting: Array<Starting> = []
    /** By shape, who was in the way of all nodes of it. */
    const refused = new Map<string, ReadonlyArray<GpuHolder>>()
    let mayWait = true
    waiting.forget()
    for (const name of states.ready) {
      const node = graph.nodes.get(name)
      const state = states.of(name)
      if (node === undefined || state._tag !== "Ready" || !mayStart(node)) continue
      const { key, preImage, files } = state.action
      const held = carried.takeOver(name, key)
      const wanted = attempts.wanted(node, key)
      // Another attempt may want more than others of its shape.
      const shape = wanted === node.resources ? shapes.of(node) : undefined
      const place = held !== undefined
        ? { granted: held, lane: undefined, waits: false, give: () => pool.give(held) }
        : shape !== undefined && refused.has(shape)
        ? undefined
        : lanes.place(node, wanted, waysOf(name, mayWait))
      if (place !== undefined) {
        starting.push({ node, action: { key, preImage, files }, place })
        continue
      }
      const inTheWay = (shape === undefined ? undefined : refused.get(shape)) ?? pool.inTheWay()
      waiting.note(node, inTheWay)
      // Nothing after a node that waits for room takes it.
      mayWait = false
      if (shape !== undefined) refused.set(shape, inTheWay)
      // What fills the pool may be what a node is to take over.
      if (refused.size === shapes.count && !carried.isAny()) break
    }
    return starting
  }

  const startReady = Effect.fnUntraced(function*(mayStart: (node: Node) => boolean) {
    // Where another run is at work on what comes first, there is room still for what comes after that.
    for (;;) {
      const starting = yield* attempt(() => placed(mayStart))
      if (starting.length === 0 || !(yield* startAll(starting))) break
    }
    yield* waiting.lookAgain
  })
  /** Whether one waits for room of this run. */
  const waitsForOwnRoom = () => [...states.ready].some((name) => !waiting.has(name))
  return { startReady, waitsForGpus: waiting.isAny, waitsForOwnRoom }
})

/** A node that is about to start. */
interface Starting {
  readonly node: Node
  readonly action: Action
  readonly place: Place
}

/** The shapes of what the nodes of a graph want, each of which is refused for all nodes of it. */
const shapesOf = ({ nodes }: Graph) => {
  const shapes = new Map<string, string>()
  for (const node of nodes.values()) shapes.set(node.name, `${shapeOf(node.resources)} ${node.stage.name}`)
  return { count: new Set(shapes.values()).size, of: ({ name }: Node) => shapes.get(name) ?? "" }
}
