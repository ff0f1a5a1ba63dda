import { Effect, type Scope } from "effect"
import { statSync } from "node:fs"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { type Digests, type FileState, type Hashable, stateText } from "../graph/hashing.ts"
import type { Disk } from "./disk.ts"
import { envelop, openEnvelope } from "./envelope.ts"
import type { Layout } from "./layout.ts"
import { areOver, isLocal } from "./local-times.ts"
import type { Writer } from "./writer.ts"

/**
 * Remembers the digests of the user's files, so that a model of gigabytes is hashed once.
 *
 * The file `index/digests.json` is disposable: without it, or where it is damaged, every file is hashed again. A digest is
 * believed as long as the file has the device, the inode, the size and both times that it had when it was hashed. It is
 * remembered only where both times were over when the hashing began, on the clock of the file system: what is written
 * later has other times then. What a stage reads is hashed again whatever is remembered, and no check of the store reads
 * this file.
 */
export interface DigestMemory extends Digests {
  /** Forgets what is remembered of a path, which turned out to hold other bytes. */
  readonly forget: (path: string) => Effect.Effect<void>
}

/** What is remembered of a file. */
interface Entry {
  readonly state: string
  readonly digest: Digest
}

type Entries = Map<string, Entry>

/** A moment on the clock of the store. */
interface Moment {
  /** In nanoseconds since 1970, not later than it was. */
  readonly time: bigint
  /** In milliseconds, as performance.now() gives it, not before. */
  readonly at: number
}

/** A few small files are hashed faster than what is remembered of them is written: so many, and so many bytes. */
const FEW = { files: 64, bytes: 4 << 20 }

/** For less than so many bytes no store is made where there is none; after so many more, what is known is written. */
const MUCH = 256 << 20

/** For a file of so many bytes it is worth to wait until its times are over. */
const WORTH_A_WAIT = 32 << 20

/** No more files are remembered than so many: those that were hashed last. */
const MOST = 100_000

/** How far the clock of another machine may be from this one's, in nanoseconds. */
const SKEW = 60_000_000_000n

/** The memory of a store. It writes what it came to know when the scope ends, and after much work. */
export const makeDigests = Effect.fnUntraced(function*(
  disk: Disk["Service"],
  layout: Layout,
  writer: Writer,
): Effect.fn.Return<DigestMemory, never, Scope.Scope> {
  const path = layout.index.path("digests")
  const added: Entries = new Map()
  let entries: Entries | undefined
  let moment: Moment | undefined
  let isRefused = false
  let hashed = { files: 0, bytes: 0 }
  let unsaved = 0

  const read = Effect.map(Effect.orElseSucceed(disk.readBytes(path), () => undefined), entriesIn)
  const load = Effect.suspend(() =>
    entries === undefined
      ? Effect.map(read, (found) => {
        for (const [id, entry] of added) found.set(id, entry)
        entries = found
        return found
      })
      : Effect.succeed(entries)
  )

  const write = Effect.fnUntraced(function*(all: Entries) {
    const rows = [...all].slice(-MOST).map(([id, { state, digest }]) => JSON.stringify([id, state, digest]))
    const temporary = yield* writer.temporary
    yield* disk.makeFolder(layout.index.folder)
    yield* disk.write(temporary, envelop(`[\n${rows.join(",\n")}\n]`))
    // Not forced to the disk: after a crash of the machine it may be damaged, which is found.
    yield* disk.rename(temporary, path)
  })

  /** What others wrote meanwhile stays; of two that write at once, one is forgotten. */
  const save = Effect.gen(function*() {
    unsaved = 0
    if (added.size === 0) return
    const all = yield* read
    for (const [id, entry] of added) {
      all.delete(id)
      all.set(id, entry)
    }
    yield* write(all)
  }).pipe(Effect.ignore)

  /** The time that the store gives to a file which is written now. */
  const look: Effect.Effect<Moment, StoreError> = Effect.gen(function*() {
    const temporary = yield* writer.temporary
    const time = yield* disk.now(temporary, "now")
    yield* disk.remove(temporary)
    return { time: BigInt(Math.floor(time)) * 1_000_000n, at: performance.now() }
  })

  /** A moment before the hashing begins, at which the times of the file are over; undefined where nothing is remembered. */
  const momentFor = Effect.fnUntraced(
    function*({ id, size, state }: Hashable) {
      hashed = { files: hashed.files + 1, bytes: hashed.bytes + size }
      if (isRefused || (hashed.files < FEW.files && hashed.bytes < FEW.bytes)) return undefined
      if (hashed.bytes < MUCH && (yield* disk.stat(layout.folder)) === undefined) return undefined
      const isOver = (now: Moment): boolean => isSure(id, state, layout.folder, now.time)
      if (moment !== undefined && isOver(moment)) return moment
      moment = yield* look
      if (isOver(moment) || size < WORTH_A_WAIT) return isOver(moment) ? moment : undefined
      yield* Effect.sleep(50)
      moment = yield* look
      return isOver(moment) ? moment : undefined
    },
    Effect.catch(() => {
      // The store cannot be written to.
      isRefused = true
      return Effect.succeed(undefined)
    }),
  )

  yield* Effect.addFinalizer(() => save)

  return {
    known: ({ id, state }) => {
      const entry = entries?.get(id)
      return entry !== undefined && entry.state === stateText(state) ? entry.digest : undefined
    },
    load: Effect.asVoid(load),
    take: Effect.fnUntraced(function*(file, advanced) {
      const before = yield* momentFor(file)
      const { digest, state } = yield* file.hash(before?.at ?? -Infinity, advanced)
      if (before === undefined || state === undefined || stateText(state) !== stateText(file.state)) return digest
      const entry = { state: stateText(state), digest }
      added.set(file.id, entry)
      entries?.set(file.id, entry)
      unsaved += file.size
      if (unsaved >= MUCH) yield* save
      return digest
    }),
    forget: (forgotten) =>
      Effect.gen(function*() {
        const isIt = (id: string): boolean => id.replaceAll("\0", "/") === forgotten
        for (const known of [entries, added]) {
          for (const id of known?.keys() ?? []) if (isIt(id)) known?.delete(id)
        }
        const all = yield* read
        const ids = [...all.keys()].filter(isIt)
        if (ids.length === 0) return
        for (const id of ids) all.delete(id)
        yield* write(all)
      }).pipe(Effect.ignore),
  }
})

/** What a file of entries holds; nothing where there is none, or it is not what was written. */
const entriesIn = (file: Buffer | undefined): Entries => {
  const entries: Entries = new Map()
  const opened = file === undefined ? undefined : openEnvelope(file)
  if (opened?._tag !== "Sound") return entries
  for (const row of rowsIn(opened.text)) {
    if (!Array.isArray(row)) continue
    const [id, state, digest] = row as ReadonlyArray<unknown>
    if (typeof id === "string" && typeof state === "string" && isDigest(digest)) entries.set(id, { state, digest })
  }
  return entries
}

const rowsIn = (text: string): ReadonlyArray<unknown> => {
  try {
    const rows: unknown = JSON.parse(text)
    return Array.isArray(rows) ? rows : []
  } catch {
    // A hostile file may be nested deeper than any function can follow.
    return []
  }
}

/**
 * Whether both times of a file were over at a moment on the clock of the store: then it cannot be written any more
 * without getting another one.
 *
 * The clock of a file on another file system is the same one where both are this machine's.
 */
const isSure = (id: string, { dev, mtimeNs, ctimeNs }: FileState, store: string, moment: bigint): boolean => {
  if (!areOver(mtimeNs, ctimeNs, moment)) return false
  if (areOver(mtimeNs, ctimeNs, moment - SKEW)) return true
  const [path = ""] = id.split("\0", 1)
  return statSync(store, { bigint: true, throwIfNoEntry: false })?.dev === dev || (isLocal(path) && isLocal(store))
}
