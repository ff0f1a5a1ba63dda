import { Effect } from "effect"
import { attempt } from "../../base/attempt.ts"
import { type Digest, digester, isDigest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import { Disk, storeError } from "../disk.ts"
import type { Layout } from "../layout.ts"
import type { Ledger } from "./ledger.ts"
import { orUnreadable } from "./unreadable.ts"
import { entriesIn, type Entry, hollow, notFile } from "./walk.ts"

/** An object of the store, as its file says. */
export interface Found extends Entry {
  readonly digest: Digest
}

/** The objects of a store by digest, with what their files say; what is none is a finding. */
export const listObjects = Effect.fnUntraced(function*(
  { objects }: Layout,
  ledger: Ledger,
): Effect.fn.Return<ReadonlyMap<Digest, Found>, StoreError, Disk> {
  const found = new Map<Digest, Found>()
  for (const shelf of yield* entriesIn(objects, "object", ledger)) {
    if (!/^[0-9a-f]{2}$/u.test(shelf.file)) {
      ledger.find("foreign", "object", shelf.path, "has a name that nothing in this folder of a store has")
      continue
    }
    for (const entry of yield* entriesIn(shelf.path, "object", ledger)) {
      const digest = shelf.file + entry.file
      const problem = isDigest(digest) ? undefined : "has a name that no object of a store has"
      if (problem !== undefined) ledger.find("foreign", "object", entry.path, problem)
      else if (isDigest(digest)) found.set(digest, { ...entry, digest })
    }
  }
  return found
})

/** How large the pieces are in which objects are read, in bytes. */
const PIECE = 4 << 20

/** Objects whose bytes are not those of their names, and those whose bytes the disk does not give. */
export interface Doubtful {
  readonly bad: ReadonlySet<Digest>
  readonly unread: ReadonlySet<Digest>
}

/**
 * Compares the bytes of every object with its name, and gives the digests of those that are not what they should be.
 *
 * `sizes` are the sizes that records state, so that the bytes of an object of another size need not be read.
 */
export const checkObjects = Effect.fnUntraced(function*(
  objects: ReadonlyMap<Digest, Found>,
  sizes: ReadonlyMap<Digest, number>,
  ledger: Ledger,
  advanced: (bytes: number) => Effect.Effect<void>,
): Effect.fn.Return<Doubtful, StoreError, Disk> {
  const bad = new Set<Digest>()
  const unread = new Set<Digest>()
  for (const object of objects.values()) {
    const { digest, path, stat: { size } } = object
    const stated = sizes.get(digest)
    const problem = yield* problemWith(object, stated, advanced)
    if (problem === "gone") continue
    ledger.count("object", size)
    if (problem === undefined) continue
    if (typeof problem === "object") {
      unread.add(digest)
      ledger.find("unreadable", "object", path, problem.problem)
      continue
    }
    bad.add(digest)
    // What is no file is damage where a record names it.
    const state = stated === undefined && notFile(object) !== undefined ? "foreign" : "damaged"
    ledger.find(state, "object", path, problem, object.stat)
  }
  return { bad, unread }
})

/** What is wrong with an object; "gone" where it went away meanwhile, undefined where nothing is wrong. */
const problemWith = Effect.fnUntraced(function*(
  entry: Found,
  stated: number | undefined,
  advanced: (bytes: number) => Effect.Effect<void>,
) {
  const { digest, path, stat: { size } } = entry
  const other = notFile(entry)
  if (other !== undefined) return other
  if (stated !== undefined && stated !== size) return `has ${size} bytes, and its records say ${stated}`
  const holes = hollow(entry)
  if (holes !== undefined) return holes
  return yield* orUnreadable(Effect.map(
    digestInPieces(path, advanced),
    (actual) =>
      actual === undefined ? "gone" : actual === digest ? undefined : `holds other bytes: their sha256 is ${actual}`,
  ))
})

/** The sha256 of a file, read in pieces between which others get their turn; undefined where there is no file. */
export const digestInPieces = (
  path: string,
  advanced: (bytes: number) => Effect.Effect<void>,
): Effect.Effect<Digest | undefined, StoreError, Disk> =>
  Effect.flatMap(Disk, (disk) =>
    Effect.acquireUseRelease(
      disk.source(path),
      Effect.fnUntraced(function*(source) {
        if (source === undefined) return undefined
        const sha256 = digester()
        for (let at = 0; at < source.size; at += PIECE) {
          const end = Math.min(source.size, at + PIECE)
          const bytes = yield* attempt(() => source.read(at, end), (thrown) => storeError(path, "read", thrown))
          sha256.update(bytes)
          yield* advanced(bytes.length)
        }
        return sha256.digest()
      }),
      (source) => Effect.sync(() => source?.close()),
    ))
