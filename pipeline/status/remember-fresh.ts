import { Effect } from "effect"
import { join } from "node:path"
import { canonical } from "../base/canonical.ts"
import { type Digest, digestOf } from "../base/digest.ts"
import { type FileSet, findFiles, type Found } from "../graph/files.ts"
import { noFilters } from "../graph/filters.ts"
import type { Digests } from "../graph/hashing.ts"
import type { Graph } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { Disk } from "../store/disk.ts"
import { type FreshPlan, freshPlanText, type Stamp } from "../store/fresh-plan.ts"
import type { Read } from "../store/json.ts"
import type { Layout } from "../store/layout.ts"
import { areOver, isLocal } from "../store/local-times.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import { bytesDigestAt, factsOf, type Find, freshPlanName, headFilesOf, isQuiet } from "./fresh-plans.ts"
import type { Snapshot } from "./snapshot.ts"
import type { Status } from "./status.ts"

/** No more records are told by their bytes: a run with nothing to do reads them. */
const FEW = 64

/** So many plans are remembered. */
const MOST = 8

/**
 * Remembers that every node of a graph is up to date: as the plan found it, or since it was executed or found elsewhere
 * under one of these keys. Where that would say nothing to the next run, or cannot be written, nothing is remembered.
 */
export const rememberFresh = Effect.fnUntraced(
  function*(
    { graph, nodes }: Snapshot,
    { root, build }: { readonly root: string; readonly build: string },
    since: ReadonlyMap<string, Digest>,
    results: FreshPlan["results"],
  ) {
    const { outline, profile, filters = noFilters } = graph
    const store = yield* Store
    const disk = yield* Disk
    const { layout, known } = store
    if (outline === undefined || since.size > FEW || !isLocal(layout.folder)) return
    const records = new Map<string, ActionRecord>()
    for (const [name, { status }] of nodes) {
      const key = since.get(name)
      const record = key === undefined ? recordOf(status) : yield* store.record(key)
      if (record === undefined) return
      records.set(name, record)
    }
    // The bytes that the facts are of are those that the records are compared with: a user may edit a file at any moment.
    const find = findingOnce(store.digests)
    if (!(yield* isQuiet(layout, store.owner)) || !(yield* haveTheirFiles(graph, records, find))) return
    const facts = yield* factsOf(outline, find)
    if (facts === undefined) return

    const stamps = new Map<Digest, Stamp>()
    const objects = new Map<Digest, number>()
    let few = 0
    for (const { key, outputs, blobs } of records.values()) {
      if (stamps.has(key)) continue
      const glance = known.standing(key)
      const bytes = glance === undefined && few++ < FEW ? yield* disk.readBytes(layout.records.path(key)) : undefined
      const stamp: Stamp | undefined = glance !== undefined
        ? { _tag: "Glance", glance }
        : bytes !== undefined && saysTheSame(store.files.records.opened(key, bytes), outputs)
        ? { _tag: "Bytes", digest: digestOf(bytes) }
        : undefined
      if (stamp === undefined) return
      stamps.set(key, stamp)
      for (const { digest, size } of [...Object.values(outputs), ...blobs]) objects.set(digest, size)
    }

    const codeBase = yield* CodeBase
    const code: Record<string, string> = {}
    for (const { stage, options } of outline.programs) {
      const { digest } = codeBase.of(stage, options)
      const bytes = bytesDigestAt(disk, layout.code.path(digest))
      if (bytes === undefined) return
      code[digest] = bytes
    }
    const temporary = yield* store.temporary
    const moment = BigInt(Math.floor(yield* disk.now(temporary, "now"))) * 1_000_000n
    yield* disk.remove(temporary)
    const heads = yield* headFilesOf(layout, profile)
    const [newest] = heads
    const plan: FreshPlan = {
      build,
      nodes: nodes.size,
      outline: outline.digest,
      adapting: [...outline.adapting],
      read: Object.fromEntries((graph.read ?? []).map((file) => [file, bytesDigestAt(disk, join(root, file)) ?? ""])),
      facts,
      heads,
      newestHeads: newest === undefined ? undefined : stampAt(disk, layout.heads.path(newest), moment),
      code,
      records: stamps,
      objects,
      results,
    }
    yield* disk.makeFolder(layout.index.folder)
    yield* removeOldest(layout)
    yield* disk.write(temporary, freshPlanText(plan))
    // Not forced to the disk: after a crash of the machine it may be damaged, which is found.
    yield* disk.rename(temporary, layout.index.path(freshPlanName(profile, filters)))
  },
  (effect) => Effect.ignore(effect),
)

/** The record of a node that is up to date by itself: nothing of it was accepted, released or stays as it was. */
const recordOf = (status: Status): ActionRecord | undefined =>
  status._tag === "Fresh" && status.accepted === undefined && status.released === undefined && status.frozen !== true
    ? status.record
    : undefined

const saysTheSame = (found: Read<ActionRecord>, outputs: ActionRecord["outputs"]): boolean =>
  found._tag === "Sound"
  && Object.entries(outputs).every(([name, { digest }]) => found.value.outputs[name]?.digest === digest)

/** Looks for each set of files once: a set that is written the same is the same one. */
const findingOnce = (digests: Digests): Find => {
  const known = new Map<string, Found>()
  return Effect.fnUntraced(function*(set) {
    const text = canonical(set)
    const found = known.get(text) ?? (yield* findFiles(set, digests))
    known.set(text, found)
    return found
  })
}

/** Whether the files that nodes read are those that their actions were made of: a run may have taken its time. */
const haveTheirFiles = Effect.fnUntraced(function*(
  graph: Graph,
  records: ReadonlyMap<string, ActionRecord>,
  find: Find,
) {
  const known = new Map<FileSet, string>()
  for (const node of graph.nodes.values()) {
    for (const [role, wire] of node.inputs) {
      if (wire._tag !== "Files") continue
      let now = known.get(wire.set)
      if (now === undefined) {
        const found = yield* find(wire.set)
        if (found._tag === "Absent") return false
        known.set(wire.set, now = filesText(found.files))
      }
      const taken = records.get(node.name)?.files.filter((file) => file.role === role) ?? []
      if (filesText(taken) !== now) return false
    }
  }
  return true
})

const filesText = (files: ReadonlyArray<{ readonly name: string; readonly digest: Digest }>): string =>
  canonical(files.map(({ name, digest }) => [name, digest]))

const stampAt = (disk: Disk["Service"], path: string, moment: bigint): Stamp | undefined => {
  const glance = disk.glance(path)
  if (glance !== undefined && areOver(nanoseconds(glance.mtime), nanoseconds(glance.changed), moment)) {
    return { _tag: "Glance", glance }
  }
  const digest = bytesDigestAt(disk, path)
  return digest === undefined ? undefined : { _tag: "Bytes", digest }
}

const nanoseconds = (milliseconds: number): bigint => BigInt(Math.round(milliseconds * 1e6))

/** Makes room for one more: what was looked at long ago is forgotten. */
const removeOldest = Effect.fnUntraced(function*({ index: { folder, path, nameOf } }: Layout) {
  const disk = yield* Disk
  const names = (yield* disk.list(folder)).flatMap((file) => nameOf(file) ?? []).filter((name) => isFresh.test(name))
  const files = names.map((name) => ({ path: path(name), mtime: disk.glance(path(name))?.mtime ?? 0 }))
  for (const { path } of files.toSorted((one, other) => other.mtime - one.mtime).slice(MOST - 1)) {
    yield* disk.remove(path)
  }
})

const isFresh = /^fresh-[0-9a-f]{16}$/u
