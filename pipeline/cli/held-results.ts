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
import { closureOf, leavesOf, rootOf } from "../report/proof/leaves.ts"
import type { Provenance, ResultsView, Tables } from "../report/results.ts"
import { gather, type Gathering, gatheringOf } from "../run/gather.ts"
import { absences } from "../status/absent.ts"
import { lineages } from "../status/lineage.ts"
import { acceptedIn, countsOf, recordsOf, type Snapshot, snapshotOf } from "../status/snapshot.ts"
import type { ActionRecord } from "../store/record.ts"
import { newRunId } from "../store/run-log.ts"
import type { Leaf } from "../store/signatures.ts"
import { Store } from "../store/store.ts"
import { limitsOf } from "./limits.ts"
import { profileNamed, Project, withoutStore } from "./project.ts"
import { type Readable, readable, readTables } from "./tables.ts"
import { viewBeside, viewText } from "./view-text.ts"

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
  /** What the root of the results is over; none where nothing made them. */
  readonly leaves: () => ReadonlyArray<Leaf>
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
  const { record, tables, absent, damaged, upToDate, notComputed } = yield* computed(found, node)
  const snapshot: Snapshot = {
    ...found,
    nodes: new Map([...found.nodes].map(([name, each]) => [name, name === node.name ? { ...each, record } : each])),
  }
  const accepted = acceptedBelow(snapshot, node)
  const outputs = record === undefined ? [] : yield* readable(node, record)
  const lineageOf = yield* lineages(snapshot)
  const run = Effect.runPromiseWith(yield* Effect.context<Store>())
  const records = recordsOf(snapshot)
  const leaves = () => leavesOf(closureOf(graph, records, [node.name]))
  const provenance: Provenance = {
    profile: graph.profile,
    flags: viewBeside(graph, yield* Effect.orElseSucceed(profileNamed(""), () => "")),
    upToDate,
    absent: yield* absences(snapshot, absent, damaged),
    accepted: accepted.map(({ node, accepted: { reason } }) => ({ node, reason })),
    records,
    root: () => record === undefined ? undefined : rootOf(leaves()),
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
    tables,
    provenance,
    accepted,
    notComputed,
    leaves,
  } satisfies Held
})

/** The action that made the results, undefined where there is nothing to make them of, and what is not in them. */
interface Computed {
  readonly record: ActionRecord | undefined
  readonly tables: Tables
  readonly upToDate: boolean
  readonly absent: ReadonlySet<string>
  /** Sources that were found damaged, or gone, as the results were computed. */
  readonly damaged: ReadonlySet<string>
  readonly notComputed: string | undefined
}

const computed = Effect.fnUntraced(function*(snapshot: Snapshot, node: Node) {
  const { status, record: last } = snapshot.nodes.get(node.name) ?? {}
  const damaged = new Set<string>()
  const tablesOf = (record: ActionRecord) => Effect.flatMap(readable(node, record), readTables)
  const asLast = Effect.fnUntraced(function*(record: ActionRecord, notComputed: string | undefined) {
    const absent = notIn(record, snapshot, node)
    return { record, tables: yield* tablesOf(record), upToDate: false, absent, damaged, notComputed } satisfies Computed
  })
  if (!isPartial(node)) {
    if (status?._tag === "Fresh") {
      const { record } = status
      const rest = { absent: new Set<string>(), damaged, notComputed: undefined }
      return { record, tables: yield* tablesOf(record), upToDate: true, ...rest } satisfies Computed
    }
    return last === undefined
      ? yield* noResults(snapshot, node, yield* withoutStore)
      : yield* asLast(last, undefined)
  }
  const now = Effect.fnUntraced(function*() {
    for (;;) {
      const gathering = yield* gatheringOf(snapshot, node, damaged)
      if (gathering === undefined) return undefined
      const gathered = yield* executed(gathering, node)
      if (gathered._tag === "Damaged") {
        damaged.add(gathered.source)
        continue
      }
      const { record } = gathered
      const rest = { absent: gathering.absent, damaged, notComputed: undefined }
      return { record, tables: yield* tablesOf(record), upToDate: true, ...rest } satisfies Computed
    }
  })
  return yield* now().pipe(
    // A table that was computed before is found to be damaged as it is read: it is computed again.
    Effect.catchIf((error) => error instanceof StoreError && error.damaged !== undefined, () => now()),
    // As where the store is another's, or on a full disk: what was computed before can be read all the same.
    Effect.catchIf(
      (error) => error instanceof StoreError,
      (error) => last === undefined ? Effect.fail(notWritten(error)) : asLast(last, `${error.path}: ${error.message}`),
    ),
    Effect.flatMap((found) => {
      if (found !== undefined) return Effect.succeed(found)
      if (last !== undefined) return asLast(last, undefined)
      const tables = Object.fromEntries(Object.keys(node.stage.outputs).map((name) => [name, []]))
      const rest = { absent: new Set(sources(node)), damaged, notComputed: undefined }
      return Effect.succeed<Computed>({ record: undefined, tables, upToDate: true, ...rest })
    }),
  )
})

const notWritten = (error: StoreError): StoreError => {
  const { path, message, help, code } = error
  return new StoreError({
    path,
    message: `${message}; results are computed into the store, and this one has none yet`,
    help,
    ...(code === undefined ? {} : { code }),
  })
}

/** The sources of a node that an action of it was not made of, as they are now. */
const notIn = ({ preImage }: ActionRecord, { nodes }: Snapshot, node: Node): ReadonlySet<string> => {
  const absent = new Set<string>()
  for (const [role, wire] of node.inputs) {
    if (wire._tag === "Files") continue
    const input = preImage.inputs[role]
    // Two sources may have made the same bytes, of which the action took one.
    const taken = new Map<string, number>()
    for (const digest of input?._tag === "Artifacts" ? input.digests : []) {
      taken.set(digest, (taken.get(digest) ?? 0) + 1)
    }
    for (const { node: name, output } of wire.refs) {
      const digest = nodes.get(name)?.record?.outputs[output]?.digest
      const left = digest === undefined ? 0 : taken.get(digest) ?? 0
      if (digest === undefined || left === 0) absent.add(name)
      else taken.set(digest, left - 1)
    }
  }
  return absent
}

const executed = Effect.fnUntraced(function*(gathering: Gathering, node: Node) {
  const project = yield* Project
  const limits = yield* limitsOf(gathering.planned.graph)
  const isFound = gathering.planned.nodes.get(node.name)?.status._tag === "Fresh"
  const options = {
    run: newRunId(new Date()),
    selectors: [node.name],
    asked: { names: new Set([node.name]), excluded: new Set<string>() },
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
