import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import { type Graph, type Node, sources } from "../graph/node.ts"
import type { Accepted } from "../store/accepted.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { filesOf, makeAtAGlance, noFiles, readsFiles } from "./at-a-glance.ts"
import { makeReader } from "./reader.ts"
import { makeFileFinder, type Overrides, type Status, statusOf } from "./status.ts"

/** One node of a snapshot. */
export interface NodeSnapshot {
  readonly node: Node
  readonly status: Status
  /**
   * The action that the node stands for: the one that makes it up to date, otherwise the one that last did.
   *
   * The two differ after an edit that goes back to an earlier state, until the next run notes it. Undefined where the
   * node never ran, or the record is lost.
   */
  readonly record: ActionRecord | undefined
}

/** The status of every node of a graph at one moment, each node after those that it takes input from. */
export interface Snapshot {
  readonly graph: Graph
  readonly overrides: Overrides
  readonly nodes: ReadonlyMap<string, NodeSnapshot>
}

/** A run that decides by what changed alone. */
const noOverrides: Overrides = { forced: new Set(), frozen: new Set() }

/**
 * Finds out what a run of a graph would do, and why. Nothing is written.
 *
 * `decide` may give a node another status, with which those behind it then count.
 */
export const snapshotOf = Effect.fnUntraced(function*<E = never>(
  graph: Graph,
  overrides: Overrides = noOverrides,
  decide?: (found: NodeSnapshot) => Effect.Effect<Status, E>,
) {
  const found = yield* snapshotWith(graph, overrides, decide)
  const needed = neededIn(found)
  // Those run then, and others behind them may.
  return needed.size === 0 ? found : yield* snapshotWith(graph, { ...overrides, needed }, decide)
})

/** The nodes of which something was released that nodes need which will run, and those that they need in turn. */
const neededIn = ({ nodes }: Snapshot): ReadonlySet<string> => {
  const needed = new Set<string>()
  for (const { node, status } of [...nodes.values()].toReversed()) {
    if (status._tag !== "WillRun" && !needed.has(node.name)) continue
    for (const name of sources(node)) {
      const source = nodes.get(name)?.status
      if (source?._tag === "Fresh" && source.released !== undefined && source.frozen !== true) needed.add(name)
    }
  }
  return needed
}

const snapshotWith = Effect.fnUntraced(function*<E>(
  graph: Graph,
  overrides: Overrides,
  decide: ((found: NodeSnapshot) => Effect.Effect<Status, E>) | undefined,
) {
  const store = yield* Store
  const heads = graph.rest?.heads ?? (yield* store.heads(graph.profile))
  const reader = yield* makeReader
  const last = (name: string): Effect.Effect<ActionRecord | undefined, StoreError> => {
    const head = heads.get(name)
    return head === undefined ? Effect.succeed(undefined) : reader.record(head)
  }
  const statuses = new Map<string, Status>()
  const nodes = new Map<string, NodeSnapshot>()
  const known = { status: statuses, last, find: makeFileFinder(), overrides }
  const atAGlance = yield* makeAtAGlance(known)
  for (const node of graph.nodes.values()) {
    const found = settledOf(node, overrides)
      ?? atAGlance(node, readsFiles(node) ? yield* filesOf(node, known) : noFiles)
      ?? (yield* statusOf(node, known))
    const record = found._tag === "Fresh" ? found.record : yield* last(node.name)
    const status = decide === undefined ? found : yield* decide({ node, status: found, record })
    statuses.set(node.name, status)
    nodes.set(node.name, { node, status, record })
  }
  return { graph, overrides, nodes } satisfies Snapshot
})

const settledOf = ({ name }: Node, { settled }: Overrides): Status | undefined => {
  const record = settled?.get(name)
  return record === undefined ? undefined : { _tag: "Fresh", key: record.key, record }
}

/** The nodes of a snapshot that have one of these statuses, in the order of the graph. */
export const withStatus = <Tag extends Status["_tag"]>(
  { nodes }: Snapshot,
  ...tags: ReadonlyArray<Tag>
): ReadonlyArray<NodeSnapshot & { readonly status: Extract<Status, { readonly _tag: Tag }> }> =>
  [...nodes.values()].filter((each): each is NodeSnapshot & { status: Extract<Status, { _tag: Tag }> } =>
    tags.some((tag) => tag === each.status._tag)
  )

/** These nodes and all that they depend on. */
export const withSources = ({ nodes }: Pick<Snapshot, "nodes">, names: ReadonlySet<string>): ReadonlySet<string> => {
  const found = new Set(names)
  // Nodes stand after their sources.
  for (const { node } of [...nodes.values()].toReversed()) {
    if (found.has(node.name)) { for (const source of sources(node)) found.add(source) }
  }
  return found
}

/** How many nodes have each status. */
export type Counts = Readonly<Record<Status["_tag"], number>>

/** Counts nodes by their status. */
export const countsOf = (nodes: Iterable<NodeSnapshot>): Counts => {
  const counts = { Fresh: 0, WillRun: 0, MayRun: 0, Missing: 0, Blocked: 0, Unneeded: 0 }
  for (const { status } of nodes) counts[status._tag]++
  return counts
}

/** The nodes of a snapshot that stand on a change that a user accepted, with what was accepted. */
export const acceptedIn = (
  { nodes }: Pick<Snapshot, "nodes">,
): ReadonlyArray<{ readonly node: string; readonly accepted: Accepted }> =>
  [...nodes].flatMap(([node, { status }]) =>
    status._tag === "Fresh" && status.accepted !== undefined ? [{ node, accepted: status.accepted }] : []
  )

/** The actions that the nodes of a snapshot stand for, by node. */
export const recordsOf = ({ nodes }: Snapshot): ReadonlyMap<string, ActionRecord> =>
  new Map([...nodes].flatMap(([name, { record }]) => (record === undefined ? [] : [[name, record]])))
