import type { BlobRef } from "../../base/blob-ref.ts"
import type { Digest } from "../../base/digest.ts"
import { type Holding, objectsOf } from "../holding.ts"
import type { Ledger } from "./ledger.ts"
import type { Found } from "./objects.ts"

/** The sizes that records state for objects. Of records that contradict each other any may be right: none is taken. */
export const statedSizes = (holdings: Iterable<Holding>): ReadonlyMap<Digest, number> => {
  const sizes = new Map<Digest, number>()
  const disputed = new Set<Digest>()
  for (const holding of holdings) {
    for (const { digest, size } of objectsOf(holding)) {
      const before = sizes.get(digest)
      if (before !== undefined && before !== size) disputed.add(digest)
      sizes.set(digest, size)
    }
  }
  for (const digest of disputed) sizes.delete(digest)
  return sizes
}

/** What a check of records knows of the store besides. */
export interface Around {
  readonly found: ReadonlyMap<Digest, Found>
  /** Whether an object of a key was let go on purpose, or is in a remote. */
  readonly isReleased: (key: Digest, digest: Digest) => boolean
  /** Whether a node of a profile or a pin has the action of this key: of any other nothing is missed. */
  readonly isWanted: (key: Digest) => boolean
  readonly ledger: Ledger
}

/** Finds what a record names that is not there. */
export const checkComplete = (
  kind: "record" | "conflict",
  path: string,
  { key, node, outputs, blobs, log }: Holding,
  { found, isReleased, isWanted, ledger }: Around,
): void => {
  // What a conflict names nobody takes as input, and nobody can make again.
  const isMissed = kind === "record" && isWanted(key)
  const lacks = (problem: string): void => {
    const end = isMissed || kind === "conflict" ? "" : "; no profile and no pin has this action any more"
    ledger.find(isMissed ? "incomplete" : "note", kind, path, `of ${node} names ${problem}${end}`)
  }
  if (log !== null && !found.has(log.digest) && !isReleased(key, log.digest)) {
    ledger.find("note", kind, path, `of ${node} names what its process printed, which is not in this store`)
  }
  for (const { digest, size } of once([...outputs, ...blobs])) {
    const object = found.get(digest)
    if (object === undefined) {
      if (!isReleased(key, digest)) lacks(`object ${digest}, which is not there`)
    } else if (object.stat.size !== size) lacks(`object ${digest} with another size than it has`)
  }
}

const once = (objects: ReadonlyArray<BlobRef>): Iterable<BlobRef> =>
  new Map(objects.map((object) => [object.digest, object])).values()
