import { Effect } from "effect"
import { canonical } from "../base/canonical.ts"
import { type Digest, digestOf } from "../base/digest.ts"
import { type FileSet, findFiles } from "../graph/files.ts"
import { noFilters } from "../graph/filters.ts"
import type { Graph, Outline } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { keyOfSample } from "../identity/fingerprint.ts"
import { Disk } from "../store/disk.ts"
import { type FreshPlan, freshPlanText } from "../store/fresh-plan.ts"
import type { Read } from "../store/json.ts"
import type { Layout } from "../store/layout.ts"
import { areOver, isLocal } from "../store/local-times.ts"
import type { NodeEntry, Piece, Stamp } from "../store/node-memory.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"
import type { Changed } from "./changed.ts"
import {
  bytesDigestAt,
  factsOf,
  filesDigest,
  type FoundFacts,
  freshPlanName,
  headFilesOf,
  isAsItWas,
  isQuiet,
} from "./fresh-plans.ts"
import type { Snapshot } from "./snapshot.ts"
import type { Status } from "./status.ts"

/** No more records are told by their bytes: a run with nothing to do reads them. */
const FEW = 64

/** So many plans are remembered. */
const MOST = 8

/**
 * Remembers that every node of a graph is up to date: as the plan found it, or since it was executed or found elsewhere
 * under one of these keys. Where that would say nothing to the next run, or cannot be written, nothing is remembered.
 *
 * Where the graph is the part that `changed`, what was remembered of the others stays.
 */
export const rememberFresh = Effect.fnUntraced(
  function*(
    { graph, nodes }: Snapshot,
    build: string,
    since: ReadonlyMap<string, Digest>,
    results: FreshPlan["results"],
    changed?: Changed,
  ) {
    const { profile, filters = noFilters } = graph
    const outline = changed?.outline ?? graph.outline
    const store = yield* Store
    const disk = yield* Disk
    const { layout } = store
    if (outline === undefined || since.size > FEW || !isLocal(layout.folder)) return
    const records = new Map<string, ActionRecord>()
    for (const [name, { status }] of nodes) {
      const key = since.get(name)
      const record = key === undefined ? recordOf(status) : yield* store.record(key)
      if (record === undefined) return
      records.set(name, record)
    }
    // The bytes that the facts are of are those that the records are compared with: a user may edit a file at any moment.
    const found = changed ?? (yield* factsOf(outline, (set) => findFiles(set, store.digests)))
    if (found === undefined || !(yield* isQuiet(layout, store.owner))) return
    if (!haveTheirFiles(graph, records, found.files)) return

    const codeBase = yield* CodeBase
    const code: Record<string, string> = {}
    for (const { stage, options } of outline.programs.values()) {
      const { digest } = codeBase.of(stage, options)
      const bytes = bytesDigestAt(disk, layout.code.path(digest))
      if (bytes === undefined) return
      code[digest] = bytes
    }
    const temporary = yield* store.temporary
    const moment = BigInt(Math.floor(yield* disk.now(temporary, "now"))) * 1_000_000n
    yield* disk.remove(temporary)
    const pieces = yield* piecesOf(outline, records, changed, moment)
    if (pieces === undefined) return
    // What is listed first and read then is what was listed, or is found to be otherwise by the next run.
    const heads = yield* headFilesOf(layout, profile)
    const [newest] = heads
    const newestHeads = newest === undefined ? undefined : stampAt(disk, layout.heads.path(newest), moment)
    const areKept = changed !== undefined && heads.join("\n") === changed.plan.heads.join("\n")
      && newest !== undefined && changed.plan.newestHeads !== undefined
      && isAsItWas(disk, layout.heads.path(newest), changed.plan.newestHeads)
    if (!areKept && !namesThese(yield* store.heads(profile), outline, records, changed)) return
    const plan: FreshPlan = {
      sample: keyOfSample(),
      build,
      outline: outline.digest,
      adapting: [...outline.adapting],
      ...found.facts,
      heads,
      ...(newestHeads === undefined ? {} : { newestHeads }),
      code,
      results,
    }
    yield* disk.makeFolder(layout.index.folder)
    yield* removeOldest(layout)
    yield* disk.write(temporary, freshPlanText(plan, pieces, changed?.plan.nodes))
    // Not forced to the disk: after a crash of the machine it may be damaged, which is found.
    yield* disk.rename(temporary, layout.index.path(freshPlanName(profile, filters)))
  },
  (effect) => Effect.ignore(effect),
)

/** The nodes in the order in which they were declared: what was remembered of them, where nothing of them changed. */
const piecesOf = Effect.fnUntraced(function*(
  outline: Outline,
  records: ReadonlyMap<string, ActionRecord>,
  changed: Changed | undefined,
  moment: bigint,
) {
  const { layout, known, files } = yield* Store
  const disk = yield* Disk
  let few = 0
  const entryOf = Effect.fnUntraced(function*(name: string, record: ActionRecord, hash: string) {
    const { key, outputs, blobs } = record
    const path = layout.records.path(key)
    const glance = known.standing(key)
    const bytes = glance === undefined && few++ < FEW ? yield* disk.readBytes(path) : undefined
    const stamp: Stamp | undefined = glance !== undefined
      ? { _tag: "Glance", glance }
      : bytes !== undefined && saysTheSame(files.records.opened(key, bytes), outputs)
      ? { _tag: "Bytes", digest: digestOf(bytes) }
      : undefined
    const objects = [...Object.values(outputs), ...blobs].map(({ digest, size }) => ({ digest, size }))
    return stamp === undefined ? undefined : { name, hash, key, stamp, objects } satisfies NodeEntry
  })
  /** Where it is long enough ago that a record was written, it is enough to see how it stands. */
  const seenAgain = (entry: NodeEntry): NodeEntry => {
    const path = layout.records.path(entry.key)
    const now = stampAt(disk, path, moment)
    return now?._tag === "Glance" && isAsItWas(disk, path, entry.stamp) ? { ...entry, stamp: now } : entry
  }
  const memory = changed?.plan.nodes
  const withBytes = new Set(memory?.withBytes ?? [])
  const pieces: Array<Piece> = []
  const hashes = outline.hashes()
  for (const [at, name] of outline.names.entries()) {
    const place = changed === undefined || changed.affected.has(at) ? undefined : changed.placeOf(at)
    const last = pieces.at(-1)
    if (place !== undefined && memory !== undefined && !withBytes.has(place)) {
      if (last !== undefined && "to" in last && last.to === place) last.to++
      else pieces.push({ from: place, to: place + 1 })
      continue
    }
    const [record, hash] = [records.get(name), hashes[at]]
    const entry = place !== undefined && memory !== undefined
      ? seenAgain(memory.entryAt(place))
      : record !== undefined && hash !== undefined
      ? yield* entryOf(name, record, hash)
      : undefined
    if (entry === undefined) return undefined
    if (last !== undefined && "entries" in last) last.entries.push(entry)
    else pieces.push({ entries: [entry] })
  }
  return pieces
})

/** Whether heads name these records, and what was remembered of the others: another run may have other keys for all of them. */
const namesThese = (
  heads: ReadonlyMap<string, Digest>,
  outline: Outline,
  records: ReadonlyMap<string, ActionRecord>,
  changed: Changed | undefined,
): boolean =>
  outline.names.every((name, at) => {
    const place = changed === undefined || changed.affected.has(at) ? undefined : changed.placeOf(at)
    const key = place === undefined ? records.get(name)?.key : changed?.plan.nodes.keyAt(place)
    return key !== undefined && heads.get(name) === key
  })

/** The record of a node that is up to date by itself: nothing of it was accepted, released or stays as it was. */
const recordOf = (status: Status): ActionRecord | undefined =>
  status._tag === "Fresh" && status.accepted === undefined && status.released === undefined && status.frozen !== true
    ? status.record
    : undefined

const saysTheSame = (found: Read<ActionRecord>, outputs: ActionRecord["outputs"]): boolean =>
  found._tag === "Sound"
  && Object.entries(outputs).every(([name, { digest }]) => found.value.outputs[name]?.digest === digest)

/** Whether the files that nodes read are those that their actions were made of: a run may have taken its time. */
const haveTheirFiles = (
  graph: Graph,
  records: ReadonlyMap<string, ActionRecord>,
  files: FoundFacts["files"],
): boolean => {
  const known = new Map<FileSet, Digest | undefined>()
  const digestOfSet = (set: FileSet): Digest | undefined => {
    const found = files.get(canonical(set))
    return found === undefined ? undefined : filesDigest(found)
  }
  for (const node of graph.nodes.values()) {
    const record = records.get(node.name)
    for (const [role, wire] of node.inputs) {
      if (wire._tag !== "Files") continue
      const now = known.get(wire.set) ?? digestOfSet(wire.set)
      known.set(wire.set, now)
      const taken = record?.files.filter((file) => file.role === role) ?? []
      if (now === undefined || filesDigest(taken) !== now) return false
    }
  }
  return true
}

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
