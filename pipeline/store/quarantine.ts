import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { dirname, join } from "node:path"
import type { StoreError } from "../base/errors.ts"
import { takeAside } from "./aside.ts"
import { Disk } from "./disk.ts"
import { isFull } from "./file-errors.ts"
import { Store } from "./store.ts"

/** A file that is to be moved away. */
export interface Suspect {
  /** Below the folder of the store. */
  readonly path: string
  /** What is wrong with it. */
  readonly problem: string
  /** The version of the file that this is said of. */
  readonly version: string
}

/** What became of a file: whether it was moved, or is another one by now. */
export type Moved = "moved" | "changed"

/**
 * Moves files of the store into a new folder of `quarantine/`, below which they keep their paths; `notes.ndjson` there
 * says of each why, and when.
 *
 * A file that changed since it was looked at stays, or comes back: another process has written it again.
 */
export const openQuarantine = (now: Date): Effect.Effect<Quarantine, never, Store | Disk> =>
  Effect.gen(function*() {
    const disk = yield* Disk
    const { layout } = yield* Store
    const stamp = now.toISOString().replaceAll(/[-:]/gu, "").slice(0, 15)
    const folder = join(layout.quarantine, `${stamp}-${randomBytes(3).toString("hex")}`)
    return {
      folder,
      take: Effect.fnUntraced(function*({ path, problem, version }: Suspect) {
        const from = join(layout.folder, path)
        const to = join(folder, path)
        if ((yield* disk.stat(from))?.version !== version) return "changed"
        yield* disk.makeFolder(dirname(to))
        if (!(yield* takeAside(from, to, version))) return "changed"
        // Of what is there, so that no note is of a file that stayed.
        yield* disk.append(
          join(folder, "notes.ndjson"),
          `${JSON.stringify({ at: now.toISOString(), path, problem })}\n`,
        ).pipe(
          // A full disk has no room for a note; what was moved is moved all the same.
          Effect.catch((error) => (isFull(error) ? Effect.void : Effect.fail(error))),
        )
        return "moved"
      }),
    }
  })

export interface Quarantine {
  readonly folder: string
  readonly take: (suspect: Suspect) => Effect.Effect<Moved, StoreError, Disk>
}
