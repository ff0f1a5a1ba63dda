import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { linkSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { BlobRef } from "../base/blob-ref.ts"
import type { StoreError } from "../base/errors.ts"
import { Disk } from "../store/disk.ts"
import { engineOf, kernelSays, ownerIn } from "../store/owner.ts"
import { Store } from "../store/store.ts"

/** The environment variable with a folder on the disk of a compute node, for copies of what stages read from the store. */
export const scratchVariable = "DAG_SCRATCH"

/** What is smaller is read as fast from where it is, in bytes. */
const SMALL = 1 << 20

/** The folder of copies of each process, and those that are in it. */
const copies = new Map<string, Set<string>>()

/** The folders of which it was said that they are of no use. */
const said = new Set<string>()

/**
 * Gives the path of a blob's bytes, as the store does: of a verified copy on the scratch disk of this machine, where there
 * is one. A copy lasts as long as this process. Where none can be made, the bytes are read from the store.
 */
export const blobPathHere = Effect.fnUntraced(
  function*(ref: BlobRef): Effect.fn.Return<string, StoreError, Store | Disk> {
    const store = yield* Store
    const scratch = process.env[scratchVariable] ?? ""
    if (scratch === "" || ref.size < SMALL) return yield* store.blobPath(ref)
    // What only a remote has comes from there first.
    const disk = yield* Disk
    if ((yield* disk.size(store.objectPath(ref.digest))) !== ref.size) yield* store.blobPath(ref)
    const copied = yield* copyOf(ref, join(scratch, "redag")).pipe(
      Effect.catch(({ message }) => {
        if (said.has(scratch)) return Effect.succeed(undefined)
        said.add(scratch)
        return Effect.as(Effect.logWarning(`${scratch}: ${message}; blobs are read from the store`), undefined)
      }),
    )
    return copied ?? (yield* store.blobPath(ref))
  },
)

/** How long to wait for another process of the job that makes the same copy until the next look, in milliseconds. */
const PAUSE = 100

/** For how long at most: for a copy that takes longer than at 10 MB/s, and half a minute, nobody waits. In milliseconds. */
const patienceFor = ({ size }: BlobRef): number => 30_000 + size / 10_000

/**
 * A verified copy of a blob below a folder; undefined where the store's is damaged: what to say of that is its to say. So it
 * is where another process is at it for too long.
 */
const copyOf = Effect.fnUntraced(function*(ref: BlobRef, folder: string) {
  const store = yield* Store
  const disk = yield* Disk
  const own = join(folder, store.owner)
  const copy = join(own, ref.digest)
  let known = copies.get(own)
  if (known === undefined) {
    copies.set(own, known = new Set())
    process.on("exit", () => rmSync(own, { recursive: true, force: true }))
    yield* removeLeft(folder)
    yield* disk.makeFolder(own)
  }
  if (known.has(copy) && (yield* disk.size(copy)) === ref.size) return copy
  const here = yield* Effect.gen(function*() {
    for (let waited = 0;; waited += PAUSE) {
      if (yield* linked(ref, folder, store.owner)) return true
      const turn = yield* takeTurn(ref, folder, store.owner)
      if (turn !== undefined) {
        return yield* Effect.ensuring(
          Effect.flatMap(
            linked(ref, folder, store.owner),
            (is) => (is ? Effect.succeed(true) : copied(ref, copy)),
          ),
          turn,
        )
      }
      if (waited >= patienceFor(ref)) return false
      yield* Effect.sleep(PAUSE)
    }
  })
  if (!here) return undefined
  known.add(copy)
  return copy
})

/** Has one process of a job at a time make a copy of a blob; gives how to let others, undefined while another is at it. */
const takeTurn = Effect.fnUntraced(function*({ digest }: BlobRef, folder: string, owner: string) {
  const disk = yield* Disk
  const place = join(folder, engineOf(owner))
  const lock = join(place, `${digest}.lock`)
  yield* disk.makeFolder(place)
  if (!(yield* disk.create(lock, owner))) {
    const holder = yield* disk.read(lock)
    // One that was killed lets nobody have a turn, nor one whose disk was full before it had written its name.
    if (holder !== undefined && (ownerIn(holder) !== holder || kernelSays(holder) === "dead")) yield* disk.remove(lock)
    return undefined
  }
  return Effect.ignore(disk.remove(lock))
})

/** Makes a verified copy; whether the store's bytes were right. */
const copied = Effect.fnUntraced(function*({ digest }: BlobRef, copy: string) {
  const store = yield* Store
  const disk = yield* Disk
  const temporary = `${copy}.${randomBytes(4).toString("hex")}`
  return yield* Effect.gen(function*() {
    yield* disk.copy(store.objectPath(digest), temporary)
    if ((yield* disk.digest(temporary)) !== digest) return false
    yield* disk.rename(temporary, copy)
    return true
  }).pipe(Effect.ensuring(Effect.ignore(disk.remove(temporary))))
})

/**
 * Gives a process the copy that another of its job has verified, by a name of its own: the bytes are there as long as one of
 * them lives. Whether there is such a copy.
 */
const linked = Effect.fnUntraced(function*({ digest, size }: BlobRef, folder: string, owner: string) {
  const disk = yield* Disk
  for (const other of yield* disk.list(folder)) {
    if (other === owner || ownerIn(other) !== other || engineOf(other) !== engineOf(owner)) continue
    const theirs = join(folder, other, digest)
    if ((yield* disk.size(theirs)) !== size) continue
    try {
      linkSync(theirs, join(folder, owner, digest))
      return true
    } catch {
      // It has ended meanwhile, or the file system has no links.
    }
  }
  return false
})

/** Removes what processes of this machine left there that were killed. */
const removeLeft = Effect.fnUntraced(function*(folder: string) {
  const disk = yield* Disk
  for (const name of yield* disk.list(folder)) if (kernelSays(name) === "dead") yield* disk.remove(join(folder, name))
})
