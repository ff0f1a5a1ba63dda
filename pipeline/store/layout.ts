import { join } from "node:path"
import type { Digest } from "../base/digest.ts"

/**
 * Where everything stands in the folder of a store; no other file knows these names.
 *
 * - `objects/` bytes, named by their sha256
 * - `actions/` what was made from what, one record an action
 * - `code/` the code that made it
 * - `runs/` what happened, one log a run
 * - `heads/` the action that each node last had, one file a profile
 * - `logs/` what running and failed stages printed
 * - `pending/` what executors are to do
 * - `unfinished/` what executions that did not finish left to go on from
 * - `tmp/` what is half written
 */
export interface Layout {
  readonly folder: string
  readonly objects: string
  readonly object: (digest: Digest) => string
  readonly records: Folder
  readonly code: Folder
  readonly heads: Folder
  readonly jobs: Folder
  readonly logs: Folder
  readonly runs: Folder
  /** What executions of the action of a key left to go on from. */
  readonly unfinished: Omit<Folder, "nameOf">
  /** Where a file is written before it has its place; each process has a folder of its own in there. */
  readonly temporaries: string
  /** Folders in which processes that no longer live may have left something, under names that say whose it is. */
  readonly left: ReadonlyArray<string>
}

/** A folder whose files, or folders, have names of one kind. */
export interface Folder {
  readonly folder: string
  readonly path: (name: string) => string
  /** The name that a file of the folder stands for; undefined for a file of another kind. */
  readonly nameOf: (file: string) => string | undefined
}

/** The layout of the store in a folder. */
export const layoutOf = (folder: string): Layout => {
  const files = (name: string, ending: string): Folder => ({
    folder: join(folder, name),
    path: (file) => join(folder, name, `${file}${ending}`),
    nameOf: (file) => (file.endsWith(ending) ? file.slice(0, file.length - ending.length) : undefined),
  })
  const jobs = files("pending", ".json")
  const logs = files("logs", ".log")
  const objects = join(folder, "objects")
  const temporaries = join(folder, "tmp")
  const { nameOf: _, ...unfinished } = files("unfinished", "")
  return {
    folder,
    objects,
    object: (digest) => join(objects, digest.slice(0, 2), digest.slice(2)),
    records: files("actions", ".json"),
    code: files("code", ".json"),
    heads: files("heads", ".json"),
    jobs,
    logs,
    runs: files("runs", ".ndjson"),
    unfinished,
    temporaries,
    left: [temporaries, jobs.folder, logs.folder],
  }
}
