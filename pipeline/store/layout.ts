import { join, sep } from "node:path"
import type { Digest } from "../base/digest.ts"

/**
 * Where everything stands in the folder of a store; no other file knows these names.
 *
 * - `objects/` bytes, named by their sha256
 * - `actions/` what was made from what, one record an action
 * - `code/` the code that made it
 * - `runs/` what happened, one log a run
 * - `heads/` the action that each node last had, by profile
 * - `logs/` what running and failed stages printed
 * - `pending/` what executors are to do
 * - `batches/` what was handed to a batch system
 * - `tasks/` what the workers of tasks of batches say, one log a task, and what the queue said last of each batch
 * - `unfinished/` what executions that did not finish left to go on from
 * - `replies/` what services outside replied to requests
 * - `leases/` which process is at work on which action
 * - `processes/` the processes that write here, and that they live
 * - `conflicts/` records of actions that made other bytes than the record in `actions/` names
 * - `suspects/` objects that were found damaged
 * - `accepted/` changes that a user declared to make no difference
 * - `remotes/` what remotes are yet to hear: what is to be pushed there, and what accepted changes were taken back
 * - `pins/` what a user wants to keep whatever else is removed
 * - `signatures/` results that somebody signed
 * - `released/` objects of finished actions that were removed on purpose
 * - `partial/` objects of which a remote gave a part so far
 * - `quarantine/` what was damaged and moved out of the way
 * - `index/` what makes commands faster, and may be removed at any time
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
  readonly batches: Folder
  /** The logs of tasks, by `<batch>.<task>`: see batch.ts. */
  readonly tasks: Folder
  readonly logs: Folder
  readonly runs: Folder
  /** What executions of the action of a key left to go on from. */
  readonly unfinished: Folder
  readonly replies: Folder
  readonly leases: Folder
  readonly processes: Folder
  readonly conflicts: Folder
  readonly suspects: Folder
  readonly accepted: Folder
  /** Marks of what remotes are yet to hear: see remote/marks.ts. */
  readonly remotes: Folder
  readonly pins: Folder
  readonly signatures: Folder
  readonly released: Folder
  /** The beginnings of objects, named by the digest of all, and by who brings more. */
  readonly partial: Folder
  /** What is only remembered: see each file's own module. */
  readonly index: Folder
  readonly quarantine: string
  /** Where a file is written before it has its place; each process has a folder of its own in there. */
  readonly temporaries: string
  /** All folders of a store. */
  readonly folders: ReadonlyArray<string>
  /** Folders in which processes that no longer live may have left something, under names that say whose it is. */
  readonly left: ReadonlyArray<string>
}

/** A folder whose files, or folders, have names of one kind. */
export interface Folder {
  readonly folder: string
  /** Where the file of a name stands: in the folder itself, whatever the name. */
  readonly path: (name: string) => string
  /** The name that a file of the folder stands for; undefined for a file of another kind. */
  readonly nameOf: (file: string) => string | undefined
}

/** The layout of the store in a folder. */
export const layoutOf = (folder: string): Layout => {
  const files = (name: string, ending: string): Folder => {
    const own = join(folder, name)
    return {
      folder: own,
      path: (file) => `${own}${sep}${encode(file)}${ending}`,
      nameOf: (file) => (file.endsWith(ending) ? decode(file.slice(0, file.length - ending.length)) : undefined),
    }
  }
  const objects = join(folder, "objects")
  const temporaries = join(folder, "tmp")
  const quarantine = join(folder, "quarantine")
  const named = {
    records: files("actions", ".json"),
    code: files("code", ".json"),
    heads: files("heads", ".json"),
    jobs: files("pending", ".json"),
    batches: files("batches", ".json"),
    tasks: files("tasks", ".ndjson"),
    logs: files("logs", ".log"),
    runs: files("runs", ".ndjson"),
    unfinished: files("unfinished", ""),
    replies: files("replies", ".json"),
    leases: files("leases", ""),
    processes: files("processes", ".json"),
    conflicts: files("conflicts", ".json"),
    suspects: files("suspects", ""),
    accepted: files("accepted", ".json"),
    remotes: files("remotes", ""),
    pins: files("pins", ".json"),
    signatures: files("signatures", ".json"),
    released: files("released", ".json"),
    partial: files("partial", ""),
    index: files("index", ".json"),
  }
  return {
    folder,
    objects,
    object: (digest) => `${objects}${sep}${digest.slice(0, 2)}${sep}${digest.slice(2)}`,
    ...named,
    quarantine,
    temporaries,
    folders: [objects, temporaries, quarantine, ...Object.values(named).map((each) => each.folder)],
    left: [temporaries, named.jobs.folder, named.logs.folder],
  }
}

/** Most names: they are those of their files. */
const plain = /^\w[\w.-]*$/u

/** A name as that of a file: what could lead out of the folder, or means something to some system, is written as %XX. */
const encode = (name: string): string =>
  plain.test(name)
    ? name
    : name === ""
    ? "%"
    : name.toWellFormed().replaceAll(
      /[^\w.-]|^\./gu,
      (character) => [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    )

/** The name that was encoded; undefined where no name gives this. */
const decode = (encoded: string): string | undefined => {
  if (encoded === "%") return ""
  try {
    const name = decodeURIComponent(encoded)
    return encode(name) === encoded ? name : undefined
  } catch {
    return undefined
  }
}
