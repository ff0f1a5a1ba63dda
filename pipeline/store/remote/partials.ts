import { Effect } from "effect"
import type { BlobRef } from "../../base/blob-ref.ts"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import type { Layout } from "../layout.ts"
import { ownerIn } from "../owner.ts"
import { digestInPartial, partialName } from "../partial-name.ts"
import type { Processes } from "../processes.ts"
import { download } from "./download.ts"
import type { Remote } from "./remote.ts"

/** Where the beginnings of large objects stand while they are brought from a remote. */
export interface Partials {
  /**
   * Brings an object into the store, behind what an earlier attempt left of it, whoever made that.
   *
   * Whoever wants one object twice at a time brings it twice.
   */
  readonly fetch: (
    remote: Remote["Service"],
    ref: BlobRef,
    /** Hears how many bytes are here. */
    progress: (here: number) => void,
  ) => Effect.Effect<void, StoreError>
}

/** The beginnings of objects in a store, of which `dag gc` removes those that nobody goes on with. */
export const makePartials = (
  disk: Disk["Service"],
  { partial, object }: Pick<Layout, "partial" | "object">,
  processes: Pick<Processes, "begin" | "deadAmong">,
  owner: string,
): Partials => {
  let counter = 0

  /** The files of an object that nobody writes to. */
  const free = Effect.fnUntraced(function*(digest: Digest) {
    const found = (yield* disk.list(partial.folder)).filter((name) => digestInPartial(name) === digest)
      .map((name) => ({ path: partial.path(name), owner: ownerIn(name) }))
    const dead = yield* processes.deadAmong(found.flatMap(({ owner }) => owner ?? []))
    return found.filter(({ owner }) => owner === undefined || dead.has(owner))
  })

  /** A file of this process alone, with as much of the object as anybody left. */
  const take = Effect.fnUntraced(function*(digest: Digest) {
    yield* Effect.andThen(processes.begin, disk.makeFolder(partial.folder))
    const own = partial.path(partialName(digest, counter++, owner))
    let most = -1
    for (const { path } of yield* free(digest)) {
      const size = (yield* disk.size(path)) ?? -1
      // Of two who want it, one gets it.
      if (size > most && (yield* disk.rename(path, own))) most = size
      else yield* disk.remove(path)
    }
    return own
  })

  return {
    fetch: (remote, ref, progress) =>
      Effect.flatMap(take(ref.digest), (own) =>
        download(disk, remote, ref, own, progress).pipe(
          Effect.andThen(disk.publish(own, object(ref.digest))),
          // Whoever wants it next goes on with it, also while this process lives.
          Effect.onError(() => Effect.ignore(disk.rename(own, partial.path(ref.digest)))),
        )),
  }
}
