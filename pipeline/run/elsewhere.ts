import { Clock, Effect, FiberSet, Queue } from "effect"
import type { Digest } from "../base/digest.ts"
import { Executor, type InQueueNow } from "../execute/executor.ts"
import type { Node } from "../graph/node.ts"
import type { Advance } from "../graph/stage.ts"
import type { Snapshot } from "../status/snapshot.ts"
import { Events } from "../store/events.ts"
import type { Hit } from "../store/hit.ts"
import type { Holder } from "../store/leases.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { Completion } from "./completion.ts"
import type { Action, States } from "./transition.ts"

/** What other runs execute that this one waits for. */
export interface Elsewhere {
  /** Sees to it that a look comes, as long as a node is executed elsewhere: soon at first, then every second. */
  readonly watch: Effect.Effect<void>
  /**
   * Gives what other runs recorded meanwhile; what nobody executes any more, or whose holder died, is ready again.
   *
   * A look that fails has seen nothing. Where many fail in a row, the nodes are ready again: taking a lease then says what
   * is wrong.
   */
  readonly look: (
    of: number,
  ) => Effect.Effect<ReadonlyArray<{ readonly name: string; readonly record: ActionRecord }>>
  /** Notes that a node which ran here is another's now. */
  readonly lose: (node: Node, action: Action) => Effect.Effect<void>
  /** Removes what this run saved of a node that it lost, once another has recorded the action. */
  readonly tidy: (node: Node, key: Digest) => Effect.Effect<void>
}

/**
 * The record that another run may have left since this one looked; undefined where the node is still to be executed.
 *
 * What is forced is executed whatever is there. What was released is executed only where it is needed: what is gone of
 * it counts here.
 */
export const recordLeft = (hit: Hit, isForced: boolean): ActionRecord | undefined =>
  hit._tag === "Hit" && hit.released === undefined && !isForced ? hit.record : undefined

/** The times between two looks, in milliseconds: trivial work elsewhere is over in a moment. */
const SHORTEST = 20
const LONGEST = 1000

/** So many looks in a row that fail, which take some seconds, are no accident. */
const MOST_FAILURES = 10

/** A wait is reported when it has lasted for so many milliseconds. */
const REPORTED_AFTER = 1000

/** Watches the nodes of a run that are executed elsewhere; says in `completions` when to look. */
export const makeElsewhere = Effect.fnUntraced(function*(
  states: States,
  { overrides: { forced } }: Snapshot,
  fibers: FiberSet.FiberSet,
  completions: Queue.Enqueue<Completion>,
): Effect.fn.Return<Elsewhere, never, Store | Events | Executor> {
  const store = yield* Store
  const events = yield* Events
  const { lookAtQueued } = yield* Executor
  const waiting = new Map<string, Waiting>()
  const lost = new Set<string>()
  let watches = 0
  let isWatched = false
  let delay = SHORTEST
  let failures = 0

  const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

  const report = Effect.fnUntraced(function*(
    node: string,
    key: Digest,
    lost: boolean,
    queued?: InQueueNow,
    changed?: true,
  ) {
    const holders = yield* Effect.orElseSucceed(store.leases.holders, () => new Map<Digest, Holder>())
    const holder = holders.get(key)
    if (holder === undefined && !lost) return
    yield* events.emit({
      _tag: "NodeElsewhere",
      pid: 0,
      ...holder,
      node,
      key,
      lost,
      ...(queued === undefined ? {} : { job: queued.job }),
      ...(queued?.wait === undefined ? {} : { wait: queued.wait }),
      ...(changed === undefined ? {} : { changed }),
    })
  })

  /** Says how a node is that another run handed to a queue, where that changed. */
  const reportQueued = Effect.fnUntraced(function*(node: string, key: Digest, wait: Waiting, queued: InQueueNow) {
    const { job, wait: waits, advance } = queued
    const stands = JSON.stringify([job, waits])
    if (stands !== wait.stands) {
      wait.stands = stands
      yield* report(node, key, false, queued, true)
    }
    if (advance === undefined || isSame(advance, wait.advance)) return
    wait.advance = advance
    yield* events.emit({ _tag: "NodeProgressed", node, ...advance })
  })

  return {
    watch: Effect.gen(function*() {
      const started = yield* now
      let isNew = false
      for (const name of waiting.keys()) if (!states.elsewhere.has(name)) waiting.delete(name)
      for (const name of states.elsewhere) {
        if (waiting.has(name)) continue
        waiting.set(name, { since: started, reported: undefined, stands: undefined, advance: undefined })
        isNew = true
      }
      if (waiting.size === 0 || (isWatched && !isNew)) return
      if (isNew) delay = SHORTEST
      isWatched = true
      const of = ++watches
      // With some chance in it: two that hindered each other once should not do so again.
      const time = delay * (0.5 + Math.random())
      yield* FiberSet.run(fibers, Effect.andThen(Effect.sleep(time), Queue.offer(completions, { _tag: "Look", of })))
    }),
    look: Effect.fnUntraced(function*(of) {
      // Another watch has begun since, for a node that came later.
      if (of !== watches) return []
      isWatched = false
      delay = Math.min(2 * delay, LONGEST)
      const found: Array<{ readonly name: string; readonly record: ActionRecord }> = []
      const keys = [...states.elsewhere].flatMap((name) => {
        const state = states.of(name)
        return state._tag === "Elsewhere" ? [[name, state.action] as const] : []
      })
      // The leases before the records: one that is let go between the two has left its record.
      const held = yield* Effect.orElseSucceed(
        store.leases.heldElsewhere(keys.map(([, { key }]) => key)),
        () => undefined,
      )
      failures = held === undefined ? failures + 1 : 0
      if (held === undefined && failures < MOST_FAILURES) return found
      const at = yield* now
      const queued = yield* lookAtQueued?.(keys.map(([, { key }]) => key)) ?? noneQueued
      for (const [name, action] of keys) {
        const hit = yield* Effect.orElseSucceed(store.hit(action.key), () => undefined)
        const record = hit === undefined ? undefined : recordLeft(hit, forced.has(name))
        const by = held?.get(action.key)
        if (record !== undefined) found.push({ name, record })
        else if (by === undefined) states.transition(name, { _tag: "Ready", action })
        else {
          const wait = waiting.get(name)
          if (wait === undefined || at - wait.since < REPORTED_AFTER) continue
          const own = queued.get(action.key)
          if (wait.reported !== by) {
            wait.reported = by
            wait.stands = own === undefined ? undefined : JSON.stringify([own.job, own.wait])
            yield* report(name, action.key, false, own)
          }
          if (own !== undefined) yield* reportQueued(name, action.key, wait, own)
        }
      }
      if (found.length > 0) delay = SHORTEST
      return found
    }),
    lose: Effect.fnUntraced(function*({ name }, action) {
      lost.add(name)
      states.transition(name, { _tag: "Elsewhere", action })
      yield* report(name, action.key, true)
    }),
    tidy: Effect.fnUntraced(function*({ name }, key) {
      if (!lost.delete(name)) return
      // It may have been saved after the other was done, and what is saved after a record is not swept away.
      const taking = yield* store.leases.take(key, name)
      if (taking._tag === "Taken") yield* Effect.ensuring(store.unfinished(key).clear, taking.lease.release)
    }, (tidied) => Effect.ignore(tidied)),
  }
})

/** What was said of a node that is executed elsewhere. */
interface Waiting {
  readonly since: number
  /** Whose lease it is, as it was said. */
  reported: string | undefined
  /** How it stands in a queue, and how far it is, as both were said. */
  stands: string | undefined
  advance: Advance | undefined
}

const noneQueued = Effect.succeed(new Map<Digest, InQueueNow>())

const isSame = (one: Advance, other: Advance | undefined): boolean =>
  one.done === other?.done && one.total === other.total && one.unit === other.unit && one.note === other.note
