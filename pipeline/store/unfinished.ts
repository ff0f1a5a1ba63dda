import { Effect } from "effect"
import { join } from "node:path"
import { StoreError } from "../base/errors.ts"
import type { Unfinished } from "../graph/stage.ts"
import type { Content, Disk } from "./disk.ts"
import { saveIntervalOf } from "./save-interval.ts"

/**
 * What executions of one action left that did not finish, in `unfinished/<key>/`: one file a name, each whole in itself.
 *
 * Executions of one action at the same time share the folder. The last to keep a name wins, and since one key is one
 * computation, either's file serves the other; a folder removed under a running execution is made again.
 */
export interface UnfinishedFolder extends Service {
  /** Whether there is anything to go on from. */
  readonly isThere: Effect.Effect<boolean, StoreError>
  /** Removes all of it, once the action is recorded. */
  readonly clear: Effect.Effect<void, StoreError>
}

type Service = Unfinished["Service"]

/** The unfinished state of the action whose folder this is; `publish` writes a file, all or nothing. */
export const unfinishedIn = (
  folder: string,
  disk: Disk["Service"],
  publish: (path: string, content: Content) => Effect.Effect<void, StoreError>,
): UnfinishedFolder => {
  const find = (name: string) => {
    const path = pathOf(folder, name)
    return Effect.map(disk.size(path), (size) => (size === undefined ? undefined : path))
  }
  return {
    find,
    keep: (name, pieces) => {
      const path = pathOf(folder, name)
      // What cannot be written is a temporary file, whose name would tell the user nothing.
      return Effect.mapError(publish(path, pieces), ({ message, help }) => new StoreError({ path, message, help }))
    },
    drop: (name) => disk.remove(pathOf(folder, name)),
    names: disk.list(folder),
    interval: Effect.suspend(() => saveIntervalOf(process.env)),
    isThere: Effect.map(disk.list(folder), (names) => names.length > 0),
    clear: disk.remove(folder),
  }
}

const pathOf = (folder: string, name: string): string => {
  if (!/^\w[\w.-]*$/u.test(name)) throw new Error(`"${name}" is no plain file name to keep unfinished work under`)
  return join(folder, name)
}
