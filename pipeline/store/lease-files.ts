import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"

/** The files of a process's leases. */
export interface LeaseFiles {
  /** Makes the file of a lease, for work on a node. */
  readonly put: (path: string, node: string) => Effect.Effect<void, StoreError>
  /** Takes the file of a lease away. */
  readonly drop: (path: string) => Effect.Effect<void, StoreError>
}

/**
 * Files of leases that are used again: what is dropped moves to a temporary name, and comes back as the file of the next
 * lease.
 *
 * Before ext4 gives a new file an inode, it passes all those around that were freed in the last minutes: where a file is
 * made and removed for each node, making any file soon takes many times as long.
 */
export const makeLeaseFiles = (
  disk: Pick<Disk["Service"], "create" | "overwrite" | "rename" | "remove">,
  /** A path of this process alone, which goes with it. */
  temporary: Effect.Effect<string, StoreError>,
): LeaseFiles => {
  const spare: Array<string> = []
  const reuse = (path: string, node: string) => {
    const file = spare.pop()
    return file === undefined
      ? Effect.succeed(false)
      : Effect.andThen(disk.overwrite(file, node), disk.rename(file, path))
  }
  const keep = (path: string) =>
    Effect.flatMap(temporary, (file) =>
      Effect.map(disk.rename(path, file), (isThere) => {
        if (isThere) spare.push(file)
        return isThere
      }))
  /** Whoever took this process for dead may have removed its temporary files. */
  const orElse = (way: Effect.Effect<boolean, StoreError>, other: Effect.Effect<unknown, StoreError>) =>
    Effect.flatMap(
      Effect.orElseSucceed(way, () => false),
      (isDone) => isDone ? Effect.void : Effect.asVoid(other),
    )
  return {
    put: (path, node) => orElse(Effect.suspend(() => reuse(path, node)), disk.create(path, node)),
    drop: (path) => orElse(keep(path), disk.remove(path)),
  }
}
