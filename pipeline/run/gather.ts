import { Effect } from "effect"
import { canonical } from "../base/canonical.ts"
import type { Digest } from "../base/digest.ts"
import { InputError, type StoreError } from "../base/errors.ts"
import type { Executor } from "../execute/executor.ts"
import { dispensable, type Graph, indispensable, type Node, sources } from "../graph/node.ts"
import type { CodeBase } from "../identity/code.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import { type NodeSnapshot, type Snapshot, withSources } from "../status/snapshot.ts"
import { makeFileFinder, type Status, statusOf } from "../status/status.ts"
import { Events, type Failure } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { RunOptions } from "./options.ts"
import { runGraph } from "./scheduler.ts"

/** What a node is to be made of now: what each of its sources last was. */
export interface Gathering {
  /** The node over those of its sources that are there, which are all up to date in it. */
  readonly planned: Snapshot
  /** Sources that never were, or whose outputs are gone or have other columns by now. */
  readonly absent: ReadonlySet<string>
  /** Sources whose own params changed since, and that nothing else in it stands on. */
  readonly changed: ReadonlySet<string>
  /** Other sources that are not up to date. */
  readonly older: ReadonlySet<string>
}

/**
 * Finds out what a node that gathers what there is can be made of, whatever changed since; undefined where there is not
 * enough to make it of.
 */
export const gatheringOf = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  node: Node,
): Effect.fn.Return<Gathering | undefined, StoreError | InputError, Store | CodeBase> {
  const present = new Map<string, NodeSnapshot>()
  const absent = new Set<string>()
  const older = new Set<string>()
  const there = new Map<string, { readonly found: NodeSnapshot; readonly record: ActionRecord }>()
  for (const name of sources(node)) {
    const found = snapshot.nodes.get(name)
    const record = found === undefined ? undefined : yield* usable(found)
    if (found === undefined || record === undefined) absent.add(name)
    else there.set(name, { found, record })
  }
  // What was made by other rules is not set beside the rest, but for what that was made from.
  const other = new Set([...there].filter(([, { found }]) => hasOtherParams(found)).map(([name]) => name))
  const stoodOn = withSources(snapshot, new Set([...there.keys()].filter((name) => !other.has(name))))
  const changed = new Set([...other].filter((name) => !stoodOn.has(name)))
  for (const [name, { found, record }] of there) {
    if (changed.has(name)) continue
    if (found.status._tag !== "Fresh") older.add(name)
    const status: Status = { _tag: "Fresh", key: record.key, record, frozen: true }
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
  return { planned: { graph, overrides, nodes }, absent, changed, older }
})

/** Whether a node is not up to date, and what it last made was made with other params than it has now. */
export const hasOtherParams = ({ node, status, record }: NodeSnapshot): boolean =>
  status._tag !== "Fresh" && record !== undefined && canonical(record.preImage.params) !== canonical(node.params)

/** What a node last was, where its outputs are there and can be read as what it makes now. */
const usable = Effect.fnUntraced(function*({ node, status, record }: NodeSnapshot) {
  if (status._tag === "Fresh") return status.record
  if (record === undefined) return undefined
  const hasColumns = Object.entries(node.stage.outputs).every(([name, row]) =>
    record.preImage.outputs[name] === columnsDigest(row)
  )
  const store = yield* Store
  return hasColumns && (yield* store.hit(record.key))._tag === "Hit" ? record : undefined
})

/** Makes a node of what there is, unless the store has it; fails where its execution does. */
export const gather = Effect.fnUntraced(function*(
  { planned }: Gathering,
  node: Node,
  options: RunOptions,
): Effect.fn.Return<ActionRecord, StoreError | InputError, Store | CodeBase | Executor> {
  const found = planned.nodes.get(node.name)
  if (found?.status._tag === "Fresh") return found.status.record
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
  if (record !== undefined) return record
  if (failed !== undefined && failed.node !== node.name) {
    return yield* new InputError({
      field: failed.node,
      message: "is damaged in the store, or gone",
      help: `make it again: dag run ${failed.node} --profile ${planned.graph.profile}`,
    })
  }
  const { message, help, file } = failed?.failure ?? { message: "was not made", help: "run again" }
  return yield* new InputError({ field: node.name, message, help, ...(file === undefined ? {} : { file }) })
})
