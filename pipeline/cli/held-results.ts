import { Effect } from "effect"
import type { BlobRef } from "../base/blob-ref.ts"
import { InputError, StoreError } from "../base/errors.ts"
import { counted, number } from "../base/text.ts"
import { commitOf } from "../execute/environment.ts"
import * as LocalExecutor from "../execute/local.ts"
import { makeThreads } from "../execute/threads.ts"
import { type Graph, isPartial, type Node, sources } from "../graph/node.ts"
import { select } from "../graph/select.ts"
import { curvesOfNode, makesCurves } from "../report/curves.ts"
import type { Provenance, ResultsView, Tables } from "../report/results.ts"
import { gather, type Gathering, gatheringOf, hasOtherParams } from "../run/gather.ts"
import { absences } from "../status/absent.ts"
import { lineages } from "../status/lineage.ts"
import { acceptedIn, countsOf, recordsOf, type Snapshot, snapshotOf } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import { newRunId } from "../store/run-log.ts"
import { Store } from "../store/store.ts"
import { viewText } from "./filters.ts"
import { limitsOf } from "./limits.ts"
import { Project, withoutStore } from "./project.ts"
import { type Readable, readable, readTables } from "./tables.ts"

/** Results as they are now, and what is known of them. */
export interface Held {
  readonly view: ResultsView
  readonly objects: ReadonlyArray<BlobRef & { readonly name: string }>
  readonly outputs: ReadonlyArray<Pick<Readable, "name" | "row">>
  readonly tables: Tables
  readonly provenance: Provenance
  readonly accepted: ReturnType<typeof acceptedIn>
  /** Why these are the results as they were last computed, where they could not be computed now. */
  readonly notComputed: string | undefined
}

/** The node that holds the results of a graph, and how they are shown. */
export const resultsNode = Effect.fnUntraced(function*(graph: Graph) {
  const { experiment: { results: view } } = yield* Project
  if (view === undefined) {
    return yield* new InputError({
      file: "dag.config.ts",
      message: "declares no results",
      help: "name the node that holds them as `results`",
    })
  }
  const node = graph.nodes.get(view.node)
  if (node === undefined) {
    return yield* new InputError({
      message: `profile "${graph.profile}" has no node ${view.node}, which would hold the results`,
      help: "name another profile with --profile",
    })
  }
  return { view, node }
})

/**
 * The results of a graph: of what there is now, where they gather what there is; otherwise as they were last computed.
 *
 * `whole` is for a report, which may speak of every node. Where there is nothing to gather yet, the tables are empty, and
 * what is absent says why. Fails where results do not gather what there is, and nothing computed them.
 */
export const heldResults = Effect.fnUntraced(function*(graph: Graph, whole: boolean) {
  const { experiment: { series = {} } } = yield* Project
  const { view, node } = yield* resultsNode(graph)
  const found = yield* snapshotOf(whole ? graph : select(graph, [node.name]))
  const { record, absent, changed, older, upToDate, notComputed } = yield* computed(found, node)
  const snapshot: Snapshot = {
    ...found,
    nodes: new Map([...found.nodes].map(([name, each]) => [name, name === node.name ? { ...each, record } : each])),
  }
  const accepted = acceptedBelow(snapshot, node)
  const outputs = record === undefined ? [] : yield* readable(node, record)
  const lineageOf = yield* lineages(snapshot)
  const run = Effect.runPromiseWith(yield* Effect.context<Store>())
  const provenance: Provenance = {
    profile: graph.profile,
    upToDate,
    older: [...older].map((name) => ({ node: name, params: found.nodes.get(name)?.record?.preImage.params ?? {} })),
    absent: yield* absences(snapshot, new Set([...absent, ...changed]), changed),
    accepted: accepted.map(({ node, accepted: { reason } }) => ({ node, reason })),
    records: recordsOf(snapshot),
    lineage: (name) => run(lineageOf(name)),
    curves: new Map(
      [...snapshot.nodes.values()].flatMap((found) =>
        makesCurves(series, found.node.stage.outputs)
          ? [[found.node.name, () => run(curvesOfNode(series, found))] as const]
          : []
      ),
    ),
  }
  return {
    view,
    objects: outputs.map(({ name, digest }) => ({ name, digest, size: record?.outputs[name]?.size ?? 0 })),
    outputs: Object.entries(node.stage.outputs).map(([name, row]) => ({ name, row })),
    tables: record === undefined
      ? Object.fromEntries(Object.keys(node.stage.outputs).map((name) => [name, []]))
      : yield* readTables(outputs),
    provenance,
    accepted,
    notComputed,
  } satisfies Held
})

/**
 * The action that made the results, undefined where there is nothing to make them of; what is not in them, and what of
 * them is older than what it depends on.
 */
interface Computed extends Pick<Gathering, "absent" | "changed" | "older"> {
  readonly record: ActionRecord | undefined
  readonly upToDate: boolean
  readonly notComputed: string | undefined
}

const computed = Effect.fnUntraced(function*(snapshot: Snapshot, node: Node) {
  const { status, record } = snapshot.nodes.get(node.name) ?? {}
  const not = (is: (name: string) => boolean) => new Set(sources(node).filter((name) => !is(name)))
  const isFresh = (name: string) => snapshot.nodes.get(name)?.status._tag === "Fresh"
  if (status?._tag === "Fresh") {
    const { record } = status
    const rest = { absent: not(isFresh), changed: new Set<string>(), older: new Set<string>(), notComputed: undefined }
    return { record, upToDate: true, ...rest } satisfies Computed
  }
  const gathering = isPartial(node) ? yield* gatheringOf(snapshot, node) : undefined
  const isMade = (name: string) => snapshot.nodes.get(name)?.record !== undefined
  const asLast = (notComputed: string | undefined): Computed | undefined =>
    record === undefined ? undefined : {
      record,
      upToDate: false,
      absent: not(isMade),
      changed: new Set(),
      older: not((name) => isFresh(name) || !isMade(name)),
      notComputed,
    }
  if (gathering === undefined) {
    const last = asLast(undefined)
    if (last !== undefined) return last
    if (!isPartial(node)) return yield* noResults(snapshot, node, yield* withoutStore)
    const changed = new Set(
      sources(node).filter((name) => {
        const source = snapshot.nodes.get(name)
        return source !== undefined && hasOtherParams(source)
      }),
    )
    const rest = { changed, older: new Set<string>(), notComputed: undefined }
    return { record: undefined, upToDate: true, absent: not(() => false), ...rest } satisfies Computed
  }
  return yield* executed(gathering, node).pipe(
    Effect.map((record): Computed => ({
      ...gathering,
      record,
      upToDate: gathering.older.size === 0,
      notComputed: undefined,
    })),
    // As where the store is another's, or on a full disk: what was computed before can be read all the same.
    Effect.catchIf(
      (error) => error instanceof StoreError,
      (error) =>
        Effect.suspend(() => {
          const last = asLast(`${error.path}: ${error.message}`)
          return last === undefined ? Effect.fail(error) : Effect.succeed(last)
        }),
    ),
  )
})

const executed = Effect.fnUntraced(function*(gathering: Gathering, node: Node) {
  const project = yield* Project
  const limits = yield* limitsOf()
  const isFound = gathering.planned.nodes.get(node.name)?.status._tag === "Fresh"
  const options = {
    run: newRunId(new Date()),
    selectors: [node.name],
    limits,
    keepGoing: false,
    commit: isFound ? { commit: null, dirty: false } : commitOf(project.root),
  }
  const threads = { most: 1, soon: !isFound && node.stage.isolation === "inline" }
  const worker = { program: project.program, arguments: ["worker"] }
  return yield* gather(gathering, node, options).pipe(
    Effect.provide(LocalExecutor.layer(makeThreads(project, threads), worker)),
  )
}, Effect.scoped)

/** What a node and all that it depends on has of accepted changes. */
const acceptedBelow = (snapshot: Snapshot, { name }: Node): ReturnType<typeof acceptedIn> => {
  const below = select(snapshot.graph, [name]).nodes
  return acceptedIn(snapshot).filter(({ node }) => below.has(node))
}

const noResults = ({ graph, nodes }: Snapshot, node: Node, note: string): InputError => {
  const below = [...select(graph, [node.name]).nodes.keys()].filter((name) => name !== node.name)
  const { Fresh: ready, Missing: lacking } = countsOf(below.flatMap((name) => nodes.get(name) ?? []))
  const run = `dag run ${node.name} ${viewText(graph)}`
  return new InputError({
    message: `profile "${graph.profile}" has no results yet${note}: ${number(ready)} of the ${
      counted(below.length, "node")
    } that they depend on ${ready === 1 ? "is" : "are"} up to date`,
    help: lacking === 0
      ? `compute them: ${run}`
      : `${counted(lacking, "node")} of them lack files, which "dag plan" names; then compute them: ${run}`,
  })
}
