import { Effect, Exit, type Scope } from "effect"
import type { Digest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { Disk } from "./disk.ts"
import type { JsonFiles } from "./json.ts"
import type { Layout } from "./layout.ts"
import { areOver, isLocal } from "./local-times.ts"
import type { RemoteObjects } from "./objects.ts"
import type { Glance } from "./reading.ts"
import { addTo, type Entry, entryIn, type Part, partIn, partOf, partText, recordOf } from "./record-lines.ts"
import type { ActionRecord } from "./record.ts"
import type { Suspects } from "./suspects.ts"
import type { Writer } from "./writer.ts"

/**
 * Remembers what records say, so that a plan of a hundred thousand nodes opens tens of files.
 *
 * The files `index/records-<digit>.json` are disposable: without one, or where it is damaged, records are read. What is
 * remembered of a record counts as long as its file has the inode, the size and both times that it had when it was read
 * and proved itself. It is remembered only where both times were over when it was read, on the clock of the store: what is
 * written later has other times then. On a file system of a network nothing is remembered. `dag verify`, `dag gc` and `dag repair` read the records themselves.
 */
export interface KnownRecords {
  /**
   * Gives the record of a key, where it is sound and every object that it names is there at its size; undefined where it
   * is not so, or cannot be told at a glance: the store's `hit` says then what is so.
   */
  readonly look: Effect.Effect<(key: Digest) => ActionRecord | undefined, StoreError>
  /** How the file of a record stood that was looked at, where its times were over then: it is as it was as long as it stands so. */
  readonly standing: (key: Digest) => Glance | undefined
  /** Lets what is read from now on be written when the scope ends; a command that only looks at the store leaves it as it is. */
  readonly remember: Effect.Effect<void>
}

/** So few records are read faster than an index of them is written. */
const FEW = 16

/** The memory of the records of a store. It writes what it came to know when the scope ends. */
export const makeKnownRecords = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  layout: Layout,
  writer: Writer,
  records: JsonFiles<ActionRecord>,
  suspects: Suspects,
  remote?: RemoteObjects,
): Effect.fn.Return<KnownRecords, never, Scope.Scope> {
  const parts = new Map<string, Part>()
  const added = new Map<Digest, Entry>()
  /** How records stood that were looked at. */
  const looked = new Map<Digest, Glance>()
  /** Records that were read before it was worth to remember any. */
  const early: Array<Digest> = []
  /** The time of the store before it was last read, in milliseconds; nothing is remembered before there is one. */
  let moment: number | undefined
  let mayWrite = false

  const bytesAt = (path: string): Buffer | undefined => {
    const exit = Effect.runSyncExit(disk.readBytes(path))
    return Exit.isSuccess(exit) ? exit.value : undefined
  }

  const entryOf = (key: Digest): Entry | undefined => {
    const name = partOf(key)
    let part = parts.get(name)
    if (part === undefined) parts.set(name, part = partIn(bytesAt(layout.index.path(name))))
    return entryIn(part, key)
  }

  /** The time that the store gives to a file which is written now. */
  const now = Effect.gen(function*() {
    const temporary = yield* writer.temporary
    const time = yield* disk.now(temporary, "now")
    yield* disk.remove(temporary)
    return Math.floor(time)
  })

  const takeMoment = (): void => {
    const exit = Effect.runSyncExit(now)
    // Where the store cannot be written to, nothing is remembered.
    if (Exit.isSuccess(exit)) moment = exit.value
  }

  /** Reads a record. */
  const learn = (key: Digest, before: Glance): ActionRecord | undefined => {
    if (mayWrite && early.length < FEW && early.push(key) === FEW) {
      takeMoment()
      for (const each of early.slice(0, -1)) recordAt(each)
    }
    const path = layout.records.path(key)
    const bytes = bytesAt(path)
    const found = bytes === undefined ? undefined : records.opened(key, bytes)
    if (found?._tag !== "Sound") return undefined
    const isOver = moment !== undefined
      && areOver(nanoseconds(before.mtime), nanoseconds(before.changed), nanoseconds(moment))
    if (isOver && same(before, disk.glance(path))) {
      added.set(key, { file: before, record: found.value })
      looked.set(key, before)
    }
    return found.value
  }

  const rest = (key: Digest) => (): ActionRecord => {
    const bytes = bytesAt(layout.records.path(key))
    const found = bytes === undefined ? undefined : records.opened(key, bytes)
    if (found?._tag === "Sound") return found.value
    throw new StoreError({
      path: layout.records.path(key),
      message: "was removed or damaged while it was in use",
      help: "run again",
    })
  }

  const recordAt = (key: Digest): ActionRecord | undefined => {
    const file = disk.glance(layout.records.path(key))
    if (file === undefined) return undefined
    const entry = added.get(key) ?? entryOf(key)
    if (entry === undefined || !same(entry.file, file)) return learn(key, file)
    if (mayWrite) looked.set(key, file)
    return recordOf(key, entry.record, rest(key))
  }

  /** What others wrote meanwhile stays; of two that write at once, what one of them came to know is forgotten. */
  const save = Effect.gen(function*() {
    if (added.size < FEW) return
    const there = new Set(yield* disk.list(layout.records.folder))
    const isThere = (key: string): boolean => there.has(`${key}.json`)
    yield* disk.makeFolder(layout.index.folder)
    for (const [name, entries] of Map.groupBy(added, ([key]) => partOf(key))) {
      const path = layout.index.path(name)
      const all = partIn(yield* disk.readBytes(path))
      for (const key of all.lines.keys()) if (!isThere(key)) all.lines.delete(key)
      for (const [key, entry] of entries) addTo(all, key, entry)
      const temporary = yield* writer.temporary
      yield* disk.write(temporary, partText(all))
      // Not forced to the disk: after a crash of the machine it may be damaged, which is found.
      yield* disk.rename(temporary, path)
    }
  }).pipe(Effect.ignore)

  yield* Effect.addFinalizer(() => save)

  return {
    standing: (key) => looked.get(key),
    remember: Effect.sync(() => {
      mayWrite = true
    }),
    look: Effect.map(suspects.all, (all) => {
      // The system of a network may tell the times of a file from memory, when another machine has replaced it.
      if (!isLocal(layout.folder)) return () => undefined
      const suspected = new Set(all)
      const isWhole = ({ digest, size }: { readonly digest: Digest; readonly size: number }): boolean =>
        (!suspected.has(digest) && disk.glance(layout.object(digest))?.size === size)
        || remote?.has(digest, size) === true
      return (key) => {
        const record = recordAt(key)
        return record !== undefined && Object.values(record.outputs).every(isWhole) && record.blobs.every(isWhole)
          ? record
          : undefined
      }
    }),
  }
})

const nanoseconds = (milliseconds: number): bigint => BigInt(Math.round(milliseconds * 1e6))

const same = (one: Glance, other: Glance | undefined): boolean =>
  other !== undefined && one.inode === other.inode && one.size === other.size && one.mtime === other.mtime
  && one.changed === other.changed
