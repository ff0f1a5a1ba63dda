import { Effect, Exit, FiberSet, Queue } from "effect"
import type { DagError } from "../base/errors.ts"
import { Executor } from "../execute/executor.ts"
import { withTimeLimit } from "../execute/time-limit.ts"
import type { Graph, Node } from "../graph/node.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { Events } from "../store/events.ts"
import type { ActionRecord, Granted } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { makeAttempts } from "./attempts.ts"
import { nothingCarried } from "./carried.ts"
import { makeSaveCode } from "./code.ts"
import type { Completion } from "./completion.ts"
import { recordLeft } from "./elsewhere.ts"
import { type Again, againOf, makeForced } from "./forced.ts"
import type { RunOptions } from "./options.ts"
import { makePool } from "./pool.ts"
import type { Action, States } from "./transition.ts"

/** How an execution ended, and how long to wait before the run takes note of it, in milliseconds. */
interface Completed {
  readonly completion: Completion
  readonly wait?: number
}

/**
 * Gives the function that starts every ready node that there is room for, in their order: what one training
 * leads to comes before the next training, so that results come one by one.
 *
 * Executions run in `fibers`, and say in `completions` how they ended. A node whose key another run has the lease of is executed
 * elsewhere. Only nodes start that `mayStart`.
 */
export const makeStart = Effect.fnUntraced(function*(
  graph: Graph,
  { overrides: { forced } }: Snapshot,
  states: States,
  { limits, commit, replace = false, carried = nothingCarried }: RunOptions,
  fibers: FiberSet.FiberSet,
  completions: Queue.Enqueue<Completion>,
) {
  const store = yield* Store
  const executor = yield* Executor
  const events = yield* Events
  const pool = makePool(limits)
  carried.enter(pool, () => Queue.offerUnsafe(completions, { _tag: "Room" }))
  const attempts = makeAttempts(limits)
  const saveCode = yield* makeSaveCode
  const forcedAgain = yield* makeForced(replace)

  /** Takes the lease of an action, unless another run executes it or has recorded it since this one looked. */
  const lease = Effect.fnUntraced(function*(node: Node, action: Action) {
    const { key } = action
    const taking = yield* store.leases.take(key, node.name)
    if (taking._tag === "Held") {
      states.transition(node.name, { _tag: "Elsewhere", action })
      return undefined
    }
    const hit = yield* Effect.onError(store.hit(key), () => taking.lease.release)
    const record = recordLeft(hit, forced.has(node.name))
    if (record === undefined) return { lease: taking.lease, before: hit._tag === "Incomplete" ? hit.record : undefined }
    yield* taking.lease.release
    states.transition(node.name, { _tag: "Elsewhere", action })
    yield* Queue.offer(completions, { _tag: "Found", node, record })
    return undefined
  })

  /** How an execution ended: what fails after another took over is that one's to finish. */
  const completionOf = Effect.fnUntraced(function*(
    node: Node,
    action: Action,
    granted: Granted,
    exit: Exit.Exit<ActionRecord, DagError>,
    again: Again | undefined,
  ): Effect.fn.Return<Completed> {
    const isLost = Exit.isFailure(exit) && (yield* Effect.isFailure(store.leases.guard(action.key)))
    if (isLost) return { completion: { _tag: "Lost", node, action } }
    const retried = attempts.next(node, action.key, granted, exit)
    if (retried === undefined) return { completion: { _tag: "Ended", node, key: action.key, exit, again } }
    yield* events.emit(retried)
    return { completion: { _tag: "Retry", node, action, exit }, wait: retried.wait }
  })

  const execute = Effect.fnUntraced(function*(node: Node, { key, preImage, files }: Action) {
    const granted = carried.takeOver(node.name, key) ?? pool.take(attempts.wanted(node, key))
    if (granted === undefined) return
    const { name } = node
    const action = { key, preImage, files }
    const leased = yield* Effect.exit(lease(node, action))
    // What fails beside the work fails one node: others have nothing to do with it.
    if (Exit.isFailure(leased)) {
      pool.give(granted)
      states.transition(name, { _tag: "Running", action })
      yield* Queue.offer(completions, {
        _tag: "Ended",
        node,
        key,
        exit: Exit.failCause(leased.cause),
        again: undefined,
      })
      return
    }
    if (leased.value === undefined) {
      pool.give(granted)
      return
    }
    const { lease: taken, before } = leased.value
    states.transition(name, { _tag: "Running", action })
    yield* events.emit({ _tag: "NodeStarted", node: name, key, resources: granted })
    const saved = yield* Effect.exit(saveCode(node))
    const { share: _, ...resources } = granted
    const job = { key, preImage, node: name, files, resources, environment: commit }
    const advanced = (advance: Parameters<Parameters<typeof executor.execute>[2]>[0]) =>
      events.emit({ _tag: "NodeProgressed", node: name, ...advance })
    const once = Effect.andThen(
      saved,
      withTimeLimit(executor.execute(job, node.stage.isolation, advanced), attempts.wanted(node, key).timeout),
    )
    const executed = forced.has(name)
      ? forcedAgain(key, once)
      : Effect.map(once, (result) => ({ result, again: undefined }))
    const execution = executed.pipe(
      Effect.exit,
      Effect.flatMap((exit) =>
        completionOf(
          node,
          action,
          granted,
          Exit.map(exit, ({ result }) => result),
          Exit.isSuccess(exit) ? exit.value.again ?? againOf(before, exit.value.result) : undefined,
        )
      ),
      Effect.raceFirst(Effect.as(taken.lost, { completion: { _tag: "Lost", node, action } } satisfies Completed)),
    )
    yield* FiberSet.run(
      fibers,
      execution.pipe(
        // By now the record is there, or will not be: whoever waits for either may go on.
        Effect.ensuring(taken.release),
        Effect.tap(({ completion, wait = 0 }: Completed) => {
          pool.give(granted)
          return wait === 0
            ? Queue.offer(completions, completion)
            // Others may have the room meanwhile.
            : Effect.andThen(
              Queue.offer(completions, { _tag: "Room" }),
              Effect.delay(Queue.offer(completions, completion), wait),
            )
        }),
      ),
    )
  })

  return Effect.fnUntraced(function*(mayStart: (node: Node) => boolean) {
    for (const name of states.ready) {
      // What fills it may be what a node is to take over.
      if (pool.isFull() && !carried.isAny()) return
      const node = graph.nodes.get(name)
      const state = states.of(name)
      if (node !== undefined && state._tag === "Ready" && mayStart(node)) yield* execute(node, state.action)
    }
  })
})
