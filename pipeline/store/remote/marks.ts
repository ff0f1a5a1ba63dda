import { Effect, Exit } from "effect"
import { type Digest, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import type { Layout } from "../layout.ts"

/**
 * What a remote is yet to hear, as empty files of `remotes/`: nothing else says it, so that they are no part of what is
 * only remembered. They are read when they are first asked for.
 */
export interface Marks {
  readonly has: (id: Digest) => boolean
  readonly all: () => ReadonlyArray<Digest>
  /** Fails where a mark cannot be written; this process knows it in any case. */
  readonly add: (ids: ReadonlyArray<Digest>) => Effect.Effect<void, StoreError>
  /** Takes marks away. One that stays is heard once more, which changes nothing. */
  readonly remove: (ids: ReadonlyArray<Digest>) => Effect.Effect<void>
}

/** What marks are about: their names begin with it. */
const withdrawn = "withdrawn-"
const due = "due-"

/** The sha256 of the texts of what was accepted and is withdrawn, by whomever: for all remotes. */
export const makeWithdrawn = (disk: Disk["Service"], layout: Layout): Marks => makeMarks(disk, layout, withdrawn)

/** The keys of records that are due until a pack of a remote has them; `remote` stands for its address. */
export const makeDue = (disk: Disk["Service"], layout: Layout, remote: string): Marks =>
  makeMarks(disk, layout, `${due}${remote}-`)

/** Whether a name is that of a mark. */
export const isMarkName = (name: string): boolean => /^(?:withdrawn|due-[0-9a-f]{16})-[0-9a-f]{64}$/u.test(name)

const makeMarks = (disk: Disk["Service"], { remotes: { folder, path, nameOf } }: Layout, prefix: string): Marks => {
  let known: Set<Digest> | undefined
  const load = (): Set<Digest> => {
    if (known !== undefined) return known
    const listed = Effect.runSyncExit(disk.list(folder))
    const names = Exit.isSuccess(listed) ? listed.value.flatMap((file) => nameOf(file) ?? []) : []
    known = new Set(
      names.flatMap((name) => name.startsWith(prefix) ? [name.slice(prefix.length)] : []).filter(isDigest),
    )
    return known
  }
  return {
    has: (id) => load().has(id),
    all: () => [...load()],
    add: (ids) =>
      Effect.suspend(() => {
        const all = load()
        const added = ids.filter((id) => !all.has(id))
        if (added.length === 0) return Effect.void
        for (const id of added) all.add(id)
        return Effect.andThen(
          disk.makeFolder(folder),
          Effect.forEach(added, (id) => disk.create(path(`${prefix}${id}`), ""), { discard: true }),
        )
      }),
    remove: (ids) =>
      Effect.suspend(() => {
        const all = load()
        return Effect.forEach(
          ids.filter((id) => all.delete(id)),
          (id) => Effect.ignore(disk.remove(path(`${prefix}${id}`))),
          { discard: true },
        )
      }),
  }
}
