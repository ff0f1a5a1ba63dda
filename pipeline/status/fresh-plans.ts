import { Effect, Exit } from "effect"
import { hash } from "node:crypto"
import { join } from "node:path"
import { canonical } from "../base/canonical.ts"
import { type Digest, digestOf, digestOfValue, isDigest } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import { type FileSet, findFiles } from "../graph/files.ts"
import type { Filters } from "../graph/filters.ts"
import type { Digests } from "../graph/hashing.ts"
import type { Outline, RunnableStage } from "../graph/node.ts"
import { CodeBase } from "../identity/code.ts"
import { columnsDigest } from "../identity/fingerprint.ts"
import { Disk } from "../store/disk.ts"
import { freshPlanIn, type Stamp, type WrittenPlan } from "../store/fresh-plan.ts"
import { profileOfHeads } from "../store/heads.ts"
import type { Layout } from "../store/layout.ts"
import { isLocal } from "../store/local-times.ts"
import { engineOf, ownerIn } from "../store/owner.ts"
import type { Glance } from "../store/reading.ts"

/**
 * Remembers plans that found every node up to date, one for each profile and what of it is looked at.
 *
 * The next run declares the nodes again, takes the digests of the files that they read, and looks at each record and
 * object as a plan does. Where all of that is as it was, so are the keys of all nodes, and there is nothing to do: nothing
 * is expanded, no key taken and no record read. Whatever is otherwise is for a plan to look at.
 */
export const freshPlanName = (profile: string, filters: Filters): string =>
  `fresh-${hash("sha256", canonical([profile, ...[...filters].map(([name, text]) => [name, text])])).slice(0, 16)}`

/** What was remembered of a profile. */
export const freshPlanOf = Effect.fnUntraced(function*(layout: Layout, profile: string, filters: Filters) {
  const disk = yield* Disk
  // The system of a network may tell the times of a file from memory, when another machine has replaced it.
  if (!isLocal(layout.folder)) return undefined
  const bytes = yield* Effect.orElseSucceed(
    disk.readBytes(layout.index.path(freshPlanName(profile, filters))),
    () => undefined,
  )
  return freshPlanIn(bytes)
})

/** Whether the files that the declaration read are as they were: otherwise it is not worth to declare it again. */
export const readsTheSame = Effect.fnUntraced(function*({ read }: WrittenPlan, root: string) {
  const disk = yield* Disk
  return Object.entries(read).every(([file, digest]) => bytesDigestAt(disk, join(root, file)) === digest)
})

/** Whether all is as it was when a plan found that there is nothing to do; `outline` is that of what is declared now. */
export const isStillFresh = Effect.fnUntraced(function*(
  plan: WrittenPlan,
  outline: Outline,
  layout: Layout,
  profile: string,
  digests: Digests,
) {
  const disk = yield* Disk
  if (plan.outline !== outline.digest || !(yield* isQuiet(layout))) return false
  if (plan.facts !== (yield* factsOf(outline, (set) => findFiles(set, digests)))) return false
  const heads = yield* headFilesOf(layout, profile)
  if (heads.join("\n") !== plan.heads.join("\n")) return false
  const isAsItWas = (path: string, stamp: Stamp): boolean => {
    if (stamp._tag === "Glance") return same(stamp.glance, disk.glance(path))
    return bytesDigestAt(disk, path) === stamp.digest
  }
  const [newest] = heads
  if (newest !== undefined && plan.newestHeads !== undefined) {
    if (!isAsItWas(layout.heads.path(newest), plan.newestHeads)) return false
  }
  const isThere = plan.everyRecord((key, stamp) => isAsItWas(layout.records.path(key), stamp))
    && plan.everyObject((digest, size) => disk.glance(layout.object(digest))?.size === size)
    // Whoever reads results finds a bit that changed in them.
    && (plan.results?.objects ?? []).every((digest) =>
      isDigest(digest) && bytesDigestAt(disk, layout.object(digest)) === digest
    )
    && Object.entries(plan.code).every(([code, bytes]) => bytesDigestAt(disk, layout.code.path(code)) === bytes)
  if (!isThere) return false
  // As a run says of the code of nodes that are up to date, so that "dag gc" finds it young.
  for (const code of Object.keys(plan.code)) yield* Effect.ignore(disk.touch(layout.code.path(code)))
  return true
})

/** Whether a store has nothing that a run removes, reports, or takes for more than what records say. */
export const isQuiet = Effect.fnUntraced(function*(
  { left, leases, processes, unfinished, suspects, accepted, released }: Layout,
  own?: string,
) {
  const disk = yield* Disk
  for (const { folder } of [unfinished, suspects, accepted, released]) {
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

/** What besides the declaration decides on keys: what stages take and make, the code of programs, and files. */
export const factsOf = Effect.fnUntraced(function*({ stages, programs, sets }: Outline, find: Find) {
  const codeBase = yield* CodeBase
  const files: Array<unknown> = []
  for (const set of sets) {
    const found = yield* find(set)
    if (found._tag === "Absent") return undefined
    files.push(found.files.map(({ name, digest }) => [name, digest]))
  }
  return digestOfValue("fresh/1", {
    files,
    stages: [...stages.values()].map(stageFacts),
    code: programs.map(({ stage, options }) => codeBase.of(stage, options).digest),
  })
})

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
