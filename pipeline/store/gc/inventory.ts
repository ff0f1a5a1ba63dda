import { Effect } from "effect"
import { type Digest, isDigest } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"
import type { Accepted } from "../accepted.ts"
import type { Disk } from "../disk.ts"
import { type Holding, holdingOf } from "../holding.ts"
import type { JsonFiles } from "../json.ts"
import type { Folder } from "../layout.ts"
import { type Living, livingIn } from "../living.ts"
import type { Pin } from "../pins.ts"
import type { ActionRecord } from "../record.ts"
import { Store } from "../store.ts"
import { type Ledger, makeLedger } from "../verify/ledger.ts"
import { type Found, listObjects } from "../verify/objects.ts"
import { type Named, namedFiles } from "../verify/walk.ts"

/** A sound JSON file, with its value. */
export interface Valued<A> extends Named {
  readonly value: A
}

/** What a store has of the files that a collector decides on. */
export interface Inventory extends Beginning {
  readonly records: ReadonlyMap<Digest, Named & { readonly holding: Holding }>
  readonly conflicts: ReadonlyArray<Valued<ActionRecord>>
  readonly pins: ReadonlyArray<Valued<Pin>>
  readonly accepted: ReadonlyArray<Valued<Accepted>>
  readonly objects: ReadonlyMap<Digest, Found>
}

/** When a collection began, and who lived then. */
export interface Beginning {
  /** On the store's clock, in milliseconds. */
  readonly now: number
  readonly living: Living
}

/**
 * Begins a collection: what is made or touched from now on is not old. It stands before all that a collector decides on,
 * also before it looks at what the profiles have: what a run makes in between is young, in work now, or in its log.
 *
 * One that removes nothing writes nothing, no heartbeat either: it has no time but this machine's. So does one that has
 * no room for a heartbeat.
 */
export const beginCollection = Effect.fnUntraced(function*(
  removes: boolean,
): Effect.fn.Return<Beginning, StoreError, Store | Disk> {
  const { processes, owner } = yield* Store
  if (removes) yield* processes.beginWhereRoom
  const now = (yield* processes.heartbeat(owner))?.at ?? Date.now()
  return { now, living: yield* livingIn }
})

/**
 * Takes the inventory of a store; fails where a record, a conflict, a pin or an acceptance is damaged: nobody knows then
 * what they keep.
 *
 * Who lives was looked at before the records are: an execution that had ended by then has its record there, and all that
 * any other has written or will write is younger than its lease.
 */
export const takeInventory = Effect.fnUntraced(function*(
  { now, living }: Beginning,
): Effect.fn.Return<Inventory, StoreError, Store | Disk> {
  const { layout, files } = yield* Store
  const ledger = makeLedger(layout.folder)
  const records = new Map<Digest, Named & { readonly holding: Holding }>()
  for (const { value, ...file } of yield* soundFiles(layout.records, files.records, ledger, isDigest)) {
    records.set(value.key, { ...file, holding: holdingOf(value) })
  }
  return {
    now,
    living,
    records,
    conflicts: yield* soundFiles(layout.conflicts, files.conflicts, ledger),
    pins: yield* soundFiles(layout.pins, files.pins, ledger),
    accepted: yield* soundFiles(layout.accepted, files.accepted, ledger),
    objects: yield* listObjects(layout, ledger),
  }
})

const soundFiles = Effect.fnUntraced(function*<A>(
  folder: Folder,
  files: JsonFiles<A>,
  ledger: Ledger,
  isName?: (name: string) => boolean,
): Effect.fn.Return<ReadonlyArray<Valued<A>>, StoreError, Disk> {
  const sound: Array<Valued<A>> = []
  for (const file of yield* namedFiles(folder, "record", ledger, isName)) {
    const found = yield* files.look(file.name)
    if (found._tag === "Sound") sound.push({ ...file, value: found.value })
    else if (found._tag !== "Absent") {
      return yield* new StoreError({
        path: file.path,
        message: `${found.problem}; nobody knows what it keeps`,
        help: found._tag === "Damaged"
          ? "run dag repair, then run again"
          : "move it away, or collect with the version of redag that wrote it",
      })
    }
    yield* Effect.yieldNow
  }
  return sound
})
