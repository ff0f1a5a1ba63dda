import { Effect } from "effect"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { Folder } from "./layout.ts"

/**
 * Objects that were found damaged, as hints in `suspects/`: whoever decides whether an object is there looks at its bytes
 * where there is a hint. Nothing else depends on them, so that a store which is only read needs none.
 */
export interface Suspects {
  readonly has: (digest: Digest) => Effect.Effect<boolean, StoreError>
  /** Leaves a hint, where that can be written. */
  readonly add: (digest: Digest) => Effect.Effect<void>
  /** Takes a hint back, once the bytes are right. */
  readonly remove: (digest: Digest) => Effect.Effect<void>
  readonly all: Effect.Effect<ReadonlyArray<Digest>, StoreError>
}

/** How long a listing is taken for the present, in milliseconds: a plan asks for thousands of objects. */
const RECENT = 500

/** Suspects in a folder. This process knows those that it found itself even where nothing can be written. */
export const makeSuspects = (disk: Disk["Service"], { folder, path, nameOf }: Folder): Suspects => {
  const found = new Set<Digest>()
  let listed: { readonly at: number; readonly digests: ReadonlySet<string> } | undefined
  const all = Effect.map(disk.list(folder), (files) => files.flatMap((file) => nameOf(file) ?? []).filter(isDigest))
  const recent = Effect.suspend(() => {
    if (listed !== undefined && performance.now() - listed.at < RECENT) return Effect.succeed(listed.digests)
    return Effect.map(all, (digests) => {
      listed = { at: performance.now(), digests: new Set(digests) }
      return listed.digests
    })
  })
  return {
    all,
    has: (digest) => Effect.map(recent, (digests) => found.has(digest) || digests.has(digest)),
    add: (digest) =>
      Effect.suspend(() => {
        found.add(digest)
        return Effect.ignore(Effect.andThen(disk.makeFolder(folder), disk.create(path(digest), "")))
      }),
    remove: (digest) =>
      Effect.suspend(() => {
        found.delete(digest)
        listed = undefined
        return Effect.ignore(disk.remove(path(digest)))
      }),
  }
}
