import type { Digest } from "../../base/digest.ts"

/**
 * Under which names a remote keeps what; no other file knows them.
 *
 * - `objects/` bytes, named by their sha256
 * - `actions/` records: the truth of what was made from what
 * - `packs/` many records together, which only save requests, and may be removed
 * - `conflicts/` records of actions that made other bytes than the record in `actions/` names
 * - `leases/` which engine is at work on which action
 * - `processes/` the engines that write here, and that they live
 * - `redag.json` the version of this format
 */
export const names = {
  format: "redag.json",
  objects: "objects/",
  object: (digest: Digest) => `objects/${digest.slice(0, 2)}/${digest.slice(2)}`,
  records: "actions/",
  record: (key: Digest) => `actions/${key}.json`,
  packs: "packs/",
  pack: (digest: Digest) => `packs/${digest}`,
  conflicts: "conflicts/",
  conflict: (key: Digest, outputs: Digest) => `conflicts/${key}.${outputs}.json`,
  leases: "leases/",
  /** What the claims of a key begin with. */
  leasesOf: (key: Digest) => `leases/${key}.`,
  lease: (key: Digest, number: number) => `leases/${key}.${String(number).padStart(8, "0")}.json`,
  processes: "processes/",
  process: (owner: string) => `processes/${owner}.json`,
} as const

/** Where a remote of files keeps what is half written; never listed. */
export const TEMPORARIES = "tmp"

/** Whether a text is a name that every remote can keep. */
export const isName = (text: string): boolean =>
  text.length <= 512
  && text.split("/").every((part) => /^[\w.%-]+$/u.test(part) && part !== "." && part !== "..")
  && !text.startsWith(`${TEMPORARIES}/`)
