import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import type { Executor } from "../execute/executor.ts"
import { dispensable, type Graph, indispensable, type Node, sources } from "../graph/node.ts"
import type { CodeBase } from "../identity/code.ts"
import type { NodeSnapshot, Snapshot } from "../status/snapshot.ts"
import { makeFileFinder, type Status, statusOf } from "../status/status.ts"
import { Events, type Failure } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { RunOptions } from "./options.ts"
import { runGraph } from "./scheduler.ts"

/** What a node is to be made of now: of those of its sources that are up to date. */
export interface Gathering {
  /** The node over those sources. */
  readonly planned: Snapshot
  /** The other sources. */
  readonly absent: ReadonlySet<string>
}

/**
 * Finds out what a node that gathers what there is can be made of; undefined where there is not enough to make it of.
 *
 * What is not up to date is left out: numbers that were made by other rules are not set beside the rest. So are sources
 * that were found `damaged`.
 */
export const gatheringOf = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  node: Node,
  damaged: ReadonlySet<string> = new Set(),
): Effect.fn.Return<Gathering | undefined, StoreError | InputError, Store | CodeBase> {
  const present = new Map<string, NodeSnapshot>()
  const absent = new Set<string>()
  for (const name of sources(node)) {
    const found = snapshot.nodes.get(name)
    if (found?.status._tag !== "Fresh" || damaged.has(name)) {
      absent.add(name)
      continue
    }
    const { key, record } = found.status
    const status: Status = { _tag: "Fresh", key, record, frozen: true }
    present.set(name, { node: { ...found.node, inputs: new Map() }, status, record })
  }
  const isEnough = indispensable(node).every((name) => present.has(name))
    && [...dispensable(node).values()].every((names) => names.length === 0 || names.some((name) => present.has(name)))
  if (!isEnough) return undefined
  const over: Node = {
    ...node,
    inputs: new Map([...node.inputs].map(([role, wire]) => [
      role,
      wire._tag === "Files" ? wire : { ...wire, refs: wire.refs.filter((ref) => present.has(ref.node)) },
    ])),
  }
  // A source that turns out to be damaged is not made again here: its own inputs are not looked at.
  const overrides = { forced: new Set<string>(), frozen: new Set(present.keys()) }
  const record = snapshot.nodes.get(node.name)?.record
  const status = yield* statusOf(over, {
    status: new Map([...present].map(([name, each]) => [name, each.status])),
    last: () => Effect.succeed(record),
    find: makeFileFinder(),
    overrides,
  })
  const nodes = new Map([...present, [node.name, { node: over, status, record }]])
  const graph: Graph = {
    profile: snapshot.graph.profile,
    nodes: new Map([...nodes].map(([name, each]) => [name, each.node])),
  }
  return { planned: { graph, overrides, nodes }, absent }
})

/** What came of an attempt to make a node of what there is: a source of it may turn out to be damaged, or gone. */
export type Gathered =
  | { readonly _tag: "Made"; readonly record: ActionRecord }
  | { readonly _tag: "Damaged"; readonly source: string }

/** Makes a node of what there is, unless the store has it; fails where its execution does. */
export const gather = Effect.fnUntraced(function*(
  { planned }: Gathering,
  node: Node,
  options: RunOptions,
): Effect.fn.Return<Gathered, StoreError | InputError, Store | CodeBase | Executor> {
  const found = planned.nodes.get(node.name)
  if (found?.status._tag === "Fresh") return { _tag: "Made", record: found.status.record }
  const store = yield* Store
  yield* store.processes.begin
  let failed: { readonly node: string; readonly failure: Failure } | undefined
  let key: Digest | undefined
  yield* runGraph(planned.graph, planned, options).pipe(
    Effect.provideService(Events, {
      emit: (event) =>
        Effect.sync(() => {
          if (event._tag === "NodeFailed") failed ??= event
          const isMade = event._tag === "NodeSucceeded" || event._tag === "NodeCached"
          if (isMade && event.node === node.name) key = event.key
        }),
    }),
  )
  const record = failed === undefined && key !== undefined ? yield* store.record(key) : undefined
  if (record !== undefined) return { _tag: "Made", record }
  if (failed !== undefined && failed.node !== node.name) return { _tag: "Damaged", source: failed.node }
  const { message, help, file } = failed?.failure ?? { message: "was not made", help: "run again" }
  return yield* new InputError({ field: node.name, message, help, ...(file === undefined ? {} : { file }) })
})
