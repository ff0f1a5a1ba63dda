import type { Digest } from "../../base/digest.ts"

/** What a collector is told to keep: what the profiles of the project have. */
export interface Wanted {
  /** The profiles that are declared. */
  readonly profiles: ReadonlySet<string>
  /** Those of them whose nodes are known: of the others all that they had stays. */
  readonly known: ReadonlySet<string>
  /** The keys of the actions that their nodes have, had last, or are to be executed for. */
  readonly keys: ReadonlySet<Digest>
  /** By the name of each of their nodes, the names of those that it takes input from. */
  readonly sources: ReadonlyMap<string, ReadonlySet<string>>
  /** The code that their nodes have. */
  readonly code: ReadonlySet<Digest>
  /** Batches that are in the queue of no batch system; where that cannot be seen, none. */
  readonly outOfQueue?: ReadonlySet<string>
  /** Whether what a repair moved away goes with its age; it stays otherwise. */
  readonly quarantine: boolean
  /** Which bytes that are no tables stay: all, or those of some actions, and what the last run made where `last`. */
  readonly checkpoints: "all" | { readonly of: ReadonlySet<Digest>; readonly last: boolean }
}
