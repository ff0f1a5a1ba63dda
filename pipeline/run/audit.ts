import { Cause, Effect, type Exit, Layer, Option } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { attemptPromise } from "../base/attempt.ts"
import type { Digest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import { pathError } from "../base/system.ts"
import { executeAgain, type Programs } from "../execute/again.ts"
import { type Cause as KnownCause, causesOf } from "../execute/causes.ts"
import { compareOutputs, type OutputComparison } from "../execute/compare.ts"
import type { Execute } from "../execute/executor.ts"
import { type Graph, sources } from "../graph/node.ts"
import { recordsOf, type Snapshot } from "../status/snapshot.ts"
import { Disk } from "../store/disk.ts"
import type { Failure } from "../store/events.ts"
import type { ActionRecord } from "../store/record.ts"
import * as Stores from "../store/store.ts"
import { failureOf } from "./failure.ts"
import type { Finished } from "./sample.ts"

/** What executing an action again came to. */
export type Verdict =
  /** Every output is the same; `bytes` names those of which only the rows are. */
  | { readonly _tag: "Same"; readonly bytes: ReadonlyArray<string> }
  | {
    readonly _tag: "Differs"
    readonly outputs: ReadonlyMap<string, OutputComparison>
    readonly causes: ReadonlyArray<KnownCause>
    /** Whether the store itself has a record of other outputs of the same action. */
    readonly isConflict: boolean
    /** The nodes that were made, directly or not, from what differs. */
    readonly downstream: ReadonlyArray<string>
  }
  /** An object that it needs, or that it made, is damaged or gone, so nothing can be said of the action. */
  | { readonly _tag: "Damaged"; readonly object: Digest; readonly madeBy: ReadonlyArray<string>; readonly why: Failure }
  /** An object that it needs was removed on purpose, such as the weights of a training. */
  | { readonly _tag: "Released"; readonly object: Digest; readonly madeBy: ReadonlyArray<string> }
  /** It could not be executed to its end. */
  | { readonly _tag: "Failed"; readonly why: Failure }

/** An action of an audit. */
export interface Audited {
  readonly node: string
  /** Other nodes of the same work. */
  readonly twins: ReadonlyArray<string>
  readonly recorded: ActionRecord
  /** How long it took this time, in milliseconds. */
  readonly milliseconds: number
  readonly verdict: Verdict
}

/** Executes a finished action again, apart from the store, and compares what it makes column by column. */
export const audit = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  { record, nodes }: Finished,
  programs: Programs,
  advanced: Parameters<Execute>[1],
) {
  const started = Date.now()
  const verdict = yield* Effect.scoped(Effect.gen(function*() {
    const scratch = yield* scratchFolder
    return yield* Effect.flatMap(
      Effect.exit(comparison(snapshot.graph, record, nodes, programs, scratch, advanced)),
      (exit) => verdictOf(snapshot, exit),
    )
  }))
  const [node = record.node, ...twins] = nodes
  return { node, twins, recorded: record, milliseconds: Date.now() - started, verdict } satisfies Audited
})

const comparison = Effect.fnUntraced(function*(
  graph: Graph,
  record: ActionRecord,
  nodes: ReadonlyArray<string>,
  programs: Programs,
  scratch: string,
  advanced: Parameters<Execute>[1],
) {
  const store = yield* Stores.Store
  const disk = yield* Disk
  const stage = graph.nodes.get(nodes[0] ?? "")?.stage
  if (stage === undefined) throw new Error(`${graph.profile} has no node ${nodes[0]}`)
  yield* verifyMade(record)
  const apart = { scratch, behind: store.layout.folder }
  const made = yield* executeAgain(record, stage.isolation, programs, apart, advanced)
  const outputs = yield* Effect.flatMap(
    Stores.Store,
    ({ readRows }) => compareOutputs(stage, { record, readRows: store.readRows }, { record: made, readRows }),
  ).pipe(
    Effect.provide(Stores.layer(scratch).pipe(Layer.provide(Layer.succeed(Disk, disk)))),
  )
  if ([...outputs.values()].every(({ _tag }) => _tag !== "Differs")) {
    const bytes = [...outputs].flatMap(([name, { _tag }]) => _tag === "SameRows" ? [name] : [])
    return { _tag: "Same", bytes } satisfies Verdict
  }
  const isConflict = (yield* store.conflicts).some(({ name }) => name.startsWith(record.key))
  return {
    _tag: "Differs",
    outputs,
    causes: causesOf(record, made, outputs.values()),
    isConflict,
    downstream: downstreamOf(graph, nodes),
  } satisfies Verdict
})

/** Reads what an action made, but for what was released: what is damaged in the store is the same as nothing. */
const verifyMade = Effect.fnUntraced(function*(record: ActionRecord) {
  const store = yield* Stores.Store
  const hit = yield* store.hit(record.key)
  const released = new Set(hit._tag === "Hit" ? hit.released : [])
  for (const object of [...Object.values(record.outputs), ...record.blobs]) {
    if (!released.has(object.digest)) yield* store.blobPath(object)
  }
})

/** A failure of what is executed is a verdict; that somebody stopped it is not. */
const verdictOf = Effect.fnUntraced(function*(
  snapshot: Snapshot,
  exit: Exit.Exit<Verdict, unknown>,
): Effect.fn.Return<Verdict, StoreError, Stores.Store> {
  if (exit._tag === "Success") return exit.value
  if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
  const why = failureOf(exit.cause)
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (!(error instanceof StoreError) || error.damaged === undefined) return { _tag: "Failed", why }
  const object = error.damaged
  const makers = makersOf(snapshot, object)
  const madeBy = makers.map(({ name }) => name)
  const { files } = yield* Stores.Store
  for (const { key } of makers) {
    const found = yield* files.released.look(key)
    if (found._tag === "Sound" && found.value.objects.some(({ digest }) => digest === object)) {
      return { _tag: "Released", object, madeBy }
    }
  }
  return { _tag: "Damaged", object, madeBy, why }
})

/** The nodes of a snapshot whose action made an object. */
const makersOf = (
  snapshot: Snapshot,
  object: Digest,
): ReadonlyArray<{ readonly name: string; readonly key: Digest }> =>
  [...recordsOf(snapshot)].flatMap(([name, { key, outputs, blobs }]) =>
    [...Object.values(outputs), ...blobs].some(({ digest }) => digest === object) ? [{ name, key }] : []
  )

/** The nodes that take input from these, and those that take input from them, in the order of the graph. */
export const downstreamOf = ({ nodes }: Graph, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const reached = new Set(names)
  // Nodes stand after their sources.
  for (const [name, node] of nodes) if (sources(node).some((source) => reached.has(source))) reached.add(name)
  return [...reached].filter((name) => !names.includes(name))
}

const scratchFolder = Effect.acquireRelease(
  attemptPromise(
    () => mkdtemp(join(tmpdir(), "redag-audit-")),
    (thrown) => pathError(thrown, tmpdir(), "written", "make it writable, or name another folder with TMPDIR"),
  ),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true, maxRetries: 3 })),
)
