import { Deferred, Effect, Semaphore } from "effect"
import { isDeepStrictEqual } from "node:util"
import { attempt } from "../../base/attempt.ts"
import type { Digest } from "../../base/digest.ts"
import { everything } from "../../graph/needed.ts"
import type { Graph } from "../../graph/node.ts"
import { failuresUnder, type LastFailure } from "../../status/failures.ts"
import { type Forecast, forecastOf } from "../../status/forecast.ts"
import { plannedRun } from "../../status/planned.ts"
import type { NodeSnapshot, Snapshot } from "../../status/snapshot.ts"
import { executingNow } from "../executing.ts"
import { limitsOf } from "../limits.ts"
import { graphOf } from "../project.ts"
import type { NodeState } from "./messages.ts"

/** How a profile stands at one moment, with what a page may ask of it. */
export interface View {
  /** Another one means that something is otherwise than before. */
  readonly version: number
  readonly graph: Graph
  readonly snapshot: Snapshot
  readonly forecast: Forecast
  readonly states: ReadonlyArray<NodeState>
  /** Where each node stands in the graph. */
  readonly places: ReadonlyMap<string, number>
  readonly failures: ReadonlyMap<string, LastFailure>
  /** The outputs that there are, by digest: several nodes may have made the same bytes. */
  readonly tables: ReadonlyMap<string, ReadonlyArray<TableOf>>
}

/** An output that a page may read. */
export interface TableOf {
  readonly found: NodeSnapshot
  readonly output: string
  readonly digest: Digest
  readonly rows: number
}

/** The profile as it was last looked at. */
export interface Views<E, R> {
  /** The last look, or the first one where nobody has looked yet. */
  readonly current: Effect.Effect<View, E, R>
  /** Looks again. The version is the same where nothing changed. */
  readonly again: Effect.Effect<View, E, R>
  /** Looks again after a file of the profile changed: the version is another one. */
  readonly renewed: Effect.Effect<View, E, R>
}

/** Looks at a profile; one look serves all that ask meanwhile. */
export const makeViews = Effect.fnUntraced(function*(profile: string) {
  const one = yield* Semaphore.make(1)
  let last: View | undefined
  const look = Effect.fnUntraced(function*(isRenewed: boolean) {
    const seen = yield* lookAt(profile, (last?.version ?? 0) + 1)
    last = !isRenewed && last !== undefined && isSame(last, seen) ? { ...seen, version: last.version } : seen
    return last
  })
  type Next = Deferred.Deferred<View, Effect.Error<ReturnType<typeof look>>>
  let next: Next | undefined
  return {
    current: Effect.suspend(() =>
      last === undefined
        ? one.withPermits(1)(Effect.suspend(() => (last === undefined ? look(false) : Effect.succeed(last))))
        : Effect.succeed(last)
    ),
    again: Effect.suspend(() => {
      // A look that did not begin yet sees what all see that ask for one now.
      if (next !== undefined) return Deferred.await(next)
      const own: Next = Deferred.makeUnsafe()
      next = own
      const begun = (): void => {
        if (next === own) next = undefined
      }
      return one.withPermits(1)(Effect.suspend(() => {
        begun()
        return look(false)
      })).pipe(Effect.onExit((exit) => {
        begun()
        return Deferred.done(own, exit)
      }))
    }),
    renewed: one.withPermits(1)(look(true)),
  } satisfies Views<unknown, unknown>
})

const lookAt = Effect.fnUntraced(function*(profile: string, version: number) {
  const graph = yield* graphOf(profile)
  const { planned: snapshot } = yield* plannedRun(graph, everything)
  const limits = yield* limitsOf(graph)
  const forecast = yield* attempt(() => forecastOf(snapshot, limits))
  const nodes = [...snapshot.nodes.values()]
  const keys = new Map(nodes.flatMap(({ node, status }) => {
    const key = status._tag === "WillRun" ? status.action?.key : undefined
    return key === undefined ? [] : [[node.name, key] as const]
  }))
  const executing = yield* executingNow(nodes)
  const held = new Set(executing.map(({ key }) => key))
  // What waits in a queue stands as what it is: to be run.
  const running = new Set(executing.flatMap(({ key, queued }) => queued?.wait === undefined ? [key] : []))
  const failures = yield* failuresUnder(graph.profile, new Map([...keys].filter(([, key]) => !held.has(key))))
  return {
    version,
    graph,
    snapshot,
    forecast,
    states: nodes.map((each) => stateOf(each, running.has(keys.get(each.node.name) ?? ""), failures)),
    places: new Map(nodes.map(({ node }, place) => [node.name, place])),
    failures,
    tables: Map.groupBy(
      nodes.flatMap((found) =>
        Object.entries(found.record?.outputs ?? {}).map(([output, { digest, rows }]): TableOf => ({
          found,
          output,
          digest,
          rows,
        }))
      ),
      ({ digest }) => digest,
    ),
  } satisfies View
})

const tags = {
  Fresh: "fresh",
  WillRun: "will-run",
  MayRun: "may-run",
  Missing: "missing",
  Blocked: "blocked",
  Unneeded: "unneeded",
} as const

const stateOf = (
  { node, status }: NodeSnapshot,
  isRunning: boolean,
  failures: ReadonlyMap<string, unknown>,
): NodeState => (isRunning ? "running" : failures.has(node.name) ? "failed" : tags[status._tag])

const isSame = (one: View, other: View): boolean =>
  one.states.length === other.states.length
  && one.states.every((state, place) => state === other.states[place])
  && [...one.snapshot.nodes.values()].every(({ node, record, status }) => {
    const now = other.snapshot.nodes.get(node.name)
    return now !== undefined && now.record?.key === record?.key && isDeepStrictEqual(now.status, status)
      && isDeepStrictEqual(now.node.params, node.params)
  })
