import type { BlobRef } from "../../base/blob-ref.ts"
import type { Digest } from "../../base/digest.ts"
import { type Holding, objectsOf } from "../gc/reachable.ts"
import type { Kind } from "./finding.ts"
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

/** Finds what a record names that is not there. `released` says which objects of a key were let go on purpose. */
export const checkComplete = (
  kind: Kind,
  path: string,
  holding: Holding,
  found: ReadonlyMap<Digest, Found>,
  released: (key: Digest, digest: Digest) => boolean,
  ledger: Ledger,
): void => {
  const { key, outputs, blobs, log } = holding
  if (log !== null && !found.has(log.digest)) {
    ledger.find("note", kind, path, "names what its process printed, which is not there any more")
  }
  for (const { digest, size } of once([...outputs, ...blobs])) {
    const object = found.get(digest)
    if (object === undefined) {
      if (released(key, digest)) continue
      // What a conflict names nobody takes as input, and nobody can make again.
      const state = kind === "conflict" ? "note" : "incomplete"
      ledger.find(state, kind, path, `names object ${digest}, which is not there`)
    } else if (object.stat.size !== size) {
      ledger.find("incomplete", kind, path, `names object ${digest} with another size than it has`)
    }
  }
}

const once = (objects: ReadonlyArray<BlobRef>): Iterable<BlobRef> =>
  new Map(objects.map((object) => [object.digest, object])).values()
