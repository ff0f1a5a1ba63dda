import { Effect } from "effect"
import { join } from "node:path"
import type { StoreError } from "../../base/errors.ts"
import { takeAside } from "../aside.ts"
import { Disk } from "../disk.ts"
import { isFull } from "../file-errors.ts"
import type { Released } from "../released.ts"
import { Store } from "../store.ts"
import type { Kind } from "../verify/finding.ts"

/** Something that a collection removes: a file, or a folder with all that is in it. */
export interface Removal {
  readonly kind: Kind
  /** Below the folder of the store. */
  readonly path: string
  readonly bytes: number
  /** The node whose action it is of; undefined where no record says so. */
  readonly node: string | undefined
  /** Why it is not kept. */
  readonly why: string
  readonly version: string
}

/**
 * Removes what a collection found, in the order of the list, and gives what it removed.
 *
 * Runs may go on meanwhile. What one relies on without having written it, it touches, before it records anything that
 * names it; where it finds nothing to touch, it writes it again. Here a file first gets a name of its own, so that
 * nobody can touch it any more, and is then looked at once more. It was touched after it was found to be unwanted: it
 * goes back. It was not: whoever comes now finds none. Either way no record comes to name what is gone.
 *
 * Lists of what is released stand in the store before anything of it is removed, and records go before what they name.
 */
export const removeAll = Effect.fnUntraced(function*(
  releases: ReadonlyArray<Released>,
  removals: ReadonlyArray<Removal>,
): Effect.fn.Return<ReadonlyArray<Removal>, StoreError, Store | Disk> {
  const disk = yield* Disk
  const { layout, files, owner, processes } = yield* Store
  for (const list of releases) yield* files.released.publish(list.key, list)
  const folder = join(layout.temporaries, owner)
  const removed: Array<Removal> = []
  if (removals.length === 0) return removed
  // Where there is no room for one more folder there may be some for a name in one that is there.
  const aside = yield* disk.makeFolder(folder).pipe(
    Effect.as(join(folder, "removed")),
    Effect.catch((error) =>
      isFull(error) ? Effect.as(disk.makeFolder(layout.temporaries), folder) : Effect.fail(error)
    ),
  )
  yield* Effect.forEach(
    removals,
    Effect.fnUntraced(function*(removal) {
      yield* processes.beginWhereRoom
      if (!(yield* takeAside(join(layout.folder, removal.path), aside, removal.version))) return
      yield* disk.remove(aside)
      removed.push(removal)
    }),
    { discard: true },
  ).pipe(Effect.ensuring(Effect.ignore(disk.remove(folder))))
  return removed
})
