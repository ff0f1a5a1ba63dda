import { readdirSync, type Stats, statSync } from "node:fs"
import { join } from "node:path"
import { type Digest, digestOfFile, digestOfValue } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import type { SourceFile } from "./stage.ts"
import { wildcard } from "./wildcards.ts"

/** Where a user who lacks some files gets them, and how to know that they are the right ones. */
export interface FileSource {
  /** Who publishes the files, as a name or an address. */
  readonly where: string
  readonly licence: string
  /** Size of the whole set in bytes. */
  readonly bytes: number
  /** The sha256 of each official file by its name, or of the whole set (see {@link digestOfFiles}). */
  readonly sha256?: Readonly<Record<string, string>> | string
}

/**
 * Files outside the store that an action reads.
 *
 * A name is relative to `base`; a name whose last part holds a "*" stands for every file of its folder that matches,
 * in code-point order; one that begins with a dot is meant only where the pattern begins with one too.
 */
export interface FileSet {
  readonly title: string
  readonly base: string
  readonly names: ReadonlyArray<string>
  readonly provenance?: FileSource
}

/** What is there of a file set now. */
export type Found =
  | { readonly _tag: "Found"; readonly files: ReadonlyArray<SourceFile> }
  | { readonly _tag: "Absent"; readonly names: ReadonlyArray<string> }

/** Looks for a file set's files and takes the sha256 of each; throws an InputError on what cannot be read. */
export const findFiles = (set: FileSet): Found => {
  const absent: Array<string> = []
  const found: Array<SourceFile> = []
  for (const pattern of set.names) {
    const names = expand(set.base, pattern)
    if (names.length === 0) absent.push(pattern)
    for (const name of names) {
      const path = join(set.base, name)
      const file = reading(path, () => {
        const stats = statSync(path, { throwIfNoEntry: false })
        if (stats === undefined) return undefined
        refuseIrregular(path, stats)
        return { name, path, size: stats.size, digest: digestOfFile(path) }
      })
      if (file === undefined) absent.push(name)
      else found.push(file)
    }
  }
  return absent.length > 0 ? { _tag: "Absent", names: absent } : { _tag: "Found", files: found }
}

const fixPath = "fix the path, which dag.config.ts or a setting such as DAG_CORPORA names"

const reading = <A>(path: string, call: () => A): A => onPath(path, "read", fixPath, call)

/** Refuses what has no content of its own: to read a FIFO waits for whoever writes to it, perhaps for ever. */
const refuseIrregular = (path: string, stats: Stats): void => {
  if (stats.isFile()) return
  const kind = stats.isDirectory()
    ? "folder"
    : stats.isFIFO()
    ? "FIFO"
    : stats.isSocket()
    ? "socket"
    : "device"
  throw new InputError({
    file: path,
    message: `cannot be read: it is a ${kind}`,
    help: `put a regular file in its place, or ${fixPath}`,
  })
}

const expand = (base: string, name: string): ReadonlyArray<string> => {
  const slash = name.lastIndexOf("/") + 1
  const last = name.slice(slash)
  if (!last.includes("*")) return [name]
  const matches = wildcard(last)
  // macOS leaves "._x" beside a file x on other file systems.
  const hidden = (entry: string): boolean => entry.startsWith(".") && !last.startsWith(".")
  const folder = join(base, name.slice(0, slash))
  return reading(folder, () =>
    statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      ? readdirSync(folder, { withFileTypes: true })
      : [])
    .filter((entry) => !entry.isDirectory() && !hidden(entry.name) && matches(entry.name))
    .map((entry) => name.slice(0, slash) + entry.name).sort()
}

/** One digest for a set of files: of their contents and own names, not of the folders where they are. */
export const digestOfFiles = (files: ReadonlyArray<SourceFile>): Digest =>
  digestOfValue(
    "files/2",
    files.map(({ name, digest }) => ({ name: name.slice(name.lastIndexOf("/") + 1), digest }))
      .toSorted((one, other) => compare(one.name, other.name) || compare(one.digest, other.digest)),
  )

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** The names of files whose content is not that of the official files, where the set pins their digests. */
export const unofficial = (set: FileSet, files: ReadonlyArray<SourceFile>): ReadonlyArray<string> => {
  const pinned = set.provenance?.sha256
  if (pinned === undefined) return []
  if (typeof pinned === "string") return digestOfFiles(files) === pinned ? [] : [set.title]
  return files.filter(({ name, digest }) => pinned[name] !== undefined && pinned[name] !== digest).map(({ name }) =>
    name
  )
}
