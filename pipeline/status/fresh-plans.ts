import { Effect, Exit } from "effect"
import { hash } from "node:crypto"
import { canonical } from "../base/canonical.ts"
import { type Digest, digestOf, digestOfValue } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import type { FileSet, findFiles } from "../graph/files.ts"
import type { Filters } from "../graph/filters.ts"
import type { Digests } from "../graph/hashing.ts"
import type { Outline, RunnableStage } from "../graph/node.ts"
import type { SourceFile } from "../graph/stage.ts"
import { CodeBase } from "../identity/code.ts"
import { columnsDigest, keyOfSample } from "../identity/fingerprint.ts"
import { Disk } from "../store/disk.ts"
import { type Facts, type FreshPlan, freshPlanIn, objectsOfResults, type RememberedPlan } from "../store/fresh-plan.ts"
import { profileOfHeads } from "../store/heads.ts"
import type { Layout } from "../store/layout.ts"
import { isLocal } from "../store/local-times.ts"
import type { Stamp } from "../store/node-memory.ts"
import { engineOf, ownerIn } from "../store/owner.ts"
import type { Glance } from "../store/reading.ts"

/**
 * Remembers plans that found every node up to date, one for each profile and what of it is looked at.
 *
 * The next run declares the nodes again, takes the digests of the files that they read, and looks at each record and
 * object as a plan does. Where all of that is as it was, so are the keys of all nodes, and there is nothing to do: nothing
 * is expanded, no key taken and no record read. What is otherwise is for a plan to look at, with all that comes after it.
 */
export const freshPlanName = (profile: string, filters: Filters): string =>
  `fresh-${hash("sha256", canonical([profile, ...[...filters].map(([name, text]) => [name, text])])).slice(0, 16)}`

/** What was remembered of a profile, by an engine that takes keys as this one does. */
export const freshPlanOf = Effect.fnUntraced(function*(layout: Layout, profile: string, filters: Filters) {
  const disk = yield* Disk
  // The system of a network may tell the times of a file from memory, when another machine has replaced it.
  if (!isLocal(layout.folder)) return undefined
  const bytes = yield* Effect.orElseSucceed(
    disk.readBytes(layout.index.path(freshPlanName(profile, filters))),
    () => undefined,
  )
  const plan = freshPlanIn(bytes)
  return plan?.sample === keyOfSample() ? plan : undefined
})

/** Whether a record or another file is as it was. */
export const isAsItWas = (disk: Disk["Service"], path: string, stamp: Stamp): boolean =>
  stamp._tag === "Glance" ? same(stamp.glance, disk.glance(path)) : bytesDigestAt(disk, path) === stamp.digest

/** Whether nothing but files, code and what is declared can have changed: the heads of a profile are as they were, and the store is quiet. */
export const isUndisturbed = Effect.fnUntraced(function*(plan: RememberedPlan, layout: Layout, profile: string) {
  const disk = yield* Disk
  if (!(yield* isQuiet(layout)) || (yield* isSuspected(plan, layout))) return false
  const heads = yield* headFilesOf(layout, profile)
  if (heads.join("\n") !== plan.heads.join("\n")) return false
  const [newest] = heads
  return newest === undefined || plan.newestHeads === undefined
    || isAsItWas(disk, layout.heads.path(newest), plan.newestHeads)
})

/** Whether the record of a node, and each object that it names, is as it was. */
export const nodeChecker = Effect.fnUntraced(function*({ nodes }: RememberedPlan, layout: Layout) {
  const disk = yield* Disk
  const isThere = (digest: Digest, size: number): boolean => disk.glance(layout.object(digest))?.size === size
  return (at: number): boolean =>
    isAsItWas(disk, layout.records.path(nodes.keyAt(at)), nodes.stampAt(at)) && nodes.everyObjectAt(at, isThere)
})

/** Whether the files of these codes are as they were; of codes that are not remembered nothing is known. */
export const isCodeThere = Effect.fnUntraced(function*({ code }: FreshPlan, layout: Layout, digests: Iterable<string>) {
  const disk = yield* Disk
  for (const digest of digests) {
    const bytes = code[digest]
    if (bytes !== undefined && bytesDigestAt(disk, layout.code.path(digest)) !== bytes) return false
  }
  return true
})

/** Whether all is as it was when a plan found that there is nothing to do, of a declaration of the same outline. */
export const isStillFresh = Effect.fnUntraced(function*(plan: RememberedPlan, facts: Facts, layout: Layout) {
  const disk = yield* Disk
  if (!areTheSame(plan, facts)) return false
  const isSound = yield* nodeChecker(plan, layout)
  for (let at = 0; at < plan.nodes.size; at++) if (!isSound(at)) return false
  // Whoever reads results finds a bit that changed in them.
  const areResultsSound = objectsOfResults(plan).every((digest) =>
    bytesDigestAt(disk, layout.object(digest)) === digest
  )
  if (!areResultsSound || !(yield* isCodeThere(plan, layout, Object.keys(plan.code)))) return false
  // As a run says of the code of nodes that are up to date, so that "dag gc" finds it young.
  for (const code of Object.keys(plan.code)) yield* Effect.ignore(disk.touch(layout.code.path(code)))
  return true
})

const areTheSame = (one: Facts, other: Facts): boolean =>
  (["stages", "programs", "sets"] as const).every((name) => canonical(one[name]) === canonical(other[name]))

/** Whether an object of a plan was found damaged; what others were is no concern of it. */
const isSuspected = Effect.fnUntraced(function*(plan: RememberedPlan, { suspects: { folder, nameOf } }: Layout) {
  const disk = yield* Disk
  const found = new Set((yield* disk.list(folder)).flatMap((file) => nameOf(file) ?? []))
  if (found.size === 0) return false
  const isOther = (digest: string): boolean => !found.has(digest)
  for (let at = 0; at < plan.nodes.size; at++) if (!plan.nodes.everyObjectAt(at, isOther)) return true
  return !objectsOfResults(plan).every(isOther)
})

/** Whether a store has nothing that a run removes, reports, or takes for more than what records say. */
export const isQuiet = Effect.fnUntraced(function*(
  { left, leases, processes, unfinished, accepted, released }: Layout,
  own?: string,
) {
  const disk = yield* Disk
  for (const { folder } of [unfinished, accepted, released]) {
    if ((yield* disk.list(folder)).length > 0) return false
  }
  for (const folder of [...left, leases.folder, processes.folder]) {
    for (const name of yield* disk.list(folder)) {
      const owner = ownerIn(name)
      if (owner !== undefined && engineOf(owner) !== own) return false
    }
  }
  return true
})

export const bytesDigestAt = (disk: Disk["Service"], path: string): Digest | undefined => {
  const exit = Effect.runSyncExit(disk.readBytes(path))
  return Exit.isSuccess(exit) && exit.value !== undefined ? digestOf(exit.value) : undefined
}

const same = (one: Glance, other: Glance | undefined): boolean =>
  other !== undefined && one.inode === other.inode && one.size === other.size && one.mtime === other.mtime
  && one.changed === other.changed

/** The files of a profile's heads, the newest first. */
export const headFilesOf = Effect.fnUntraced(function*({ heads: { folder, nameOf } }: Layout, profile: string) {
  const disk = yield* Disk
  const names = (yield* disk.list(folder)).flatMap((file) => nameOf(file) ?? [])
  const versionOf = (name: string): number => Number(name.slice(name.lastIndexOf(".") + 1))
  return names.filter((name) => profileOfHeads(name) === profile)
    .toSorted((one, other) => versionOf(other) - versionOf(one))
})

/** Looks for a set of files. */
export type Find = (set: FileSet) => ReturnType<typeof findFiles>

/** What besides the declaration decides on keys, and the files that were found, by set; undefined where some are not there. */
export interface FoundFacts {
  readonly facts: Facts
  readonly files: ReadonlyMap<string, ReadonlyArray<SourceFile>>
}

/** Finds out what besides the declaration decides on keys. Throws where a stage has no code. */
export const factsOf = Effect.fnUntraced(function*({ stages, programs, sets }: Outline, find: Find) {
  const codeBase = yield* CodeBase
  const files = new Map<string, ReadonlyArray<SourceFile>>()
  for (const [text, { set }] of sets) {
    const found = yield* find(set)
    if (found._tag === "Absent") return undefined
    files.set(text, found.files)
  }
  return {
    facts: {
      stages: Object.fromEntries(
        [...stages].map(([name, stage]) => [name, digestOfValue("fresh/2", stageFacts(stage))]),
      ),
      programs: Object.fromEntries(
        [...programs].map(([id, { stage, options }]) => [id, codeBase.of(stage, options).digest]),
      ),
      sets: Object.fromEntries([...files].map(([text, found]) => [text, filesDigest(found)])),
    },
    files,
  } satisfies FoundFacts
})

/** A digest of what keys hold of files. */
export const filesDigest = (files: ReadonlyArray<Pick<SourceFile, "name" | "digest">>): Digest =>
  digestOfValue("fresh/2", files.map(({ name, digest }) => [name, digest]))

const stageFacts = ({ name, inputs, outputs }: RunnableStage) => ({
  name,
  inputs: Object.entries(inputs).map((
    [role, input],
  ) => [role, input._tag, input._tag === "Files" ? null : columnsDigest(input.row)]),
  outputs: Object.entries(outputs).map(([output, row]) => [output, columnsDigest(row)]),
})

/** Larger files than this are hashed where that can be said, in bytes. */
export const SMALL = 4 << 20

/** Believes what is remembered of files, and hashes only what is small. */
export const onlySmall = (digests: Digests): Digests => ({
  ...digests,
  take: (file, advanced) =>
    file.size <= SMALL
      ? digests.take(file, advanced)
      : Effect.fail(new InputError({ message: `${file.id} is large`, help: "run again" })),
})
