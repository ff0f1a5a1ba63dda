import { type BigIntStats, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { attempt } from "../base/attempt.ts"
import { digestOf } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import { onPath } from "../base/system.ts"
import { type Archive, type ArchivedFile, openArchive, type OpenedArchive, openInner } from "./archive.ts"
import { type FileState, type Hashable, hashFile } from "./hashing.ts"

/** A file, on disk or in an archive: `path` is how the user knows it. */
export interface FoundFile extends Hashable {
  readonly path: string
  /** The content of a file in an archive; undefined of one on disk, which is read where it is. */
  readonly content: (() => Buffer) | undefined
}

/** A folder, on disk or in an archive. */
export interface Folder {
  /** The folder of a name in it. */
  readonly folder: (name: string) => Folder | undefined
  /** The outermost folder of the archive `name`.zip in it. Throws an InputError where that cannot be read. */
  readonly archive: (name: string) => Folder | undefined
  /** Throws an InputError where it is there and cannot be read. */
  readonly file: (name: string) => FoundFile | undefined
  /** The names of what it holds besides folders. */
  readonly names: () => ReadonlyArray<string>
}

const fixPath = "fix the path, which dag.config.ts or a setting such as DAG_CORPORA names"

const reading = <A>(path: string, call: () => A): A => onPath(path, "read", fixPath, call)

const statsOf = (path: string): BigIntStats | undefined =>
  reading(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }))

/** A folder on disk. */
export const folderOnDisk = (path: string): Folder => ({
  folder: (name) => {
    const inner = join(path, name)
    return statsOf(inner)?.isDirectory() === true ? folderOnDisk(inner) : undefined
  },
  archive: (name) => {
    const inner = join(path, `${name}.zip`)
    const stats = statsOf(inner)
    if (stats?.isFile() !== true) return undefined
    const outermost = openArchive(inner, stats)
    return folderIn({ file: inner, state: stats, outermost, path: inner, id: inner }, outermost.content, "")
  },
  file: (name) => {
    const inner = join(path, name)
    const stats = statsOf(inner)
    if (stats === undefined) return undefined
    refuseIrregular(inner, stats)
    return {
      path: inner,
      id: inner,
      size: Number(stats.size),
      state: stats,
      hash: (_, advanced) => hashFile(inner, Number(stats.size), fixPath, advanced),
      content: undefined,
    }
  },
  names: () =>
    reading(path, () => (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      ? readdirSync(path, { withFileTypes: true })
      : []))
      .filter((entry) => !entry.isDirectory()).map(({ name }) => name),
})

/** Where in an archive a folder is. */
interface Place {
  /** The outermost archive, which is on disk, and its state when it was opened. */
  readonly file: string
  readonly state: FileState
  readonly outermost: OpenedArchive
  /** How the user knows the folder. */
  readonly path: string
  /** The innermost archive, each archive after the first behind a NUL: a folder may have the name of one. */
  readonly id: string
}

/** A folder of an archive, which it is known to have. */
const folderIn = (place: Place, archive: Archive, inside: string): Folder => {
  const files: ReadonlyMap<string, ArchivedFile> = archive.get(inside) ?? new Map()
  const below = (name: string): string => (inside === "" ? name : `${inside}/${name}`)
  return {
    folder: (name) => {
      const path = join(place.path, name)
      return archive.has(below(name)) && name !== "" ? folderIn({ ...place, path }, archive, below(name)) : undefined
    },
    archive: (name) => {
      const inner = `${name}.zip`
      const path = join(place.path, inner)
      const file = files.get(inner)
      if (file === undefined) return undefined
      return folderIn({ ...place, path, id: `${place.id}\0${below(inner)}` }, openInner(path, file), "")
    },
    file: (name) => {
      const file = files.get(name)
      const path = join(place.path, name)
      return file === undefined ? undefined : {
        path,
        id: `${place.id}\0${below(name)}`,
        size: file.size,
        state: place.state,
        hash: (after, advanced) =>
          attempt(() => {
            const digest = digestOf(file.read())
            const isSame = openArchive(place.file, undefined, after) === place.outermost
            advanced(file.size)
            return { digest, state: isSame ? place.outermost.state : undefined }
          }),
        content: file.read,
      }
    },
    names: () => [...files.keys()],
  }
}

/** Refuses what has no content of its own: to read a FIFO waits for whoever writes to it, perhaps for ever. */
const refuseIrregular = (path: string, stats: BigIntStats): void => {
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

/**
 * The folders that a path leads to. Each part of it may be a folder, with a folder of the same name around it, as some
 * programs unpack, or a .zip archive of that name, with or without that folder in it. Of an archive that cannot be read
 * `unreadable` is told, and the path does not lead through it.
 */
export function* foldersAt(
  folder: Folder,
  parts: ReadonlyArray<string>,
  unreadable: (error: InputError) => void,
): Generator<Folder> {
  const [part, ...rest] = parts
  if (part === undefined) {
    yield folder
    return
  }
  const plain = folder.folder(part)
  if (plain !== undefined) yield* foldersAt(plain, rest, unreadable)
  const doubled = plain?.folder(part)
  if (doubled !== undefined) yield* foldersAt(doubled, rest, unreadable)
  const packed = unlessUnreadable(() => folder.archive(part), unreadable)
  const wrapped = packed?.folder(part)
  if (wrapped !== undefined) yield* foldersAt(wrapped, rest, unreadable)
  if (packed !== undefined) yield* foldersAt(packed, rest, unreadable)
}

/** Runs a call that reads an archive; undefined where it cannot be read, of which `unreadable` is told. */
const unlessUnreadable = <A>(call: () => A, unreadable: (error: InputError) => void): A | undefined => {
  try {
    return call()
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown
    unreadable(thrown)
    return undefined
  }
}

/** The content of a file in an archive, by its path through the archive; undefined where the path is none. */
export const archivedContent = (path: string): Buffer | undefined => {
  const parts = path.split("/")
  for (const [index, part] of parts.slice(0, -1).entries()) {
    if (!part.endsWith(".zip") || statsOf(parts.slice(0, index + 1).join("/"))?.isFile() !== true) continue
    const outer = index === 0 ? "." : parts.slice(0, index).join("/") || "/"
    let folder = folderOnDisk(outer).archive(part.slice(0, -4))
    for (const inner of parts.slice(index + 1, -1)) {
      folder = folder?.folder(inner) ?? (inner.endsWith(".zip") ? folder?.archive(inner.slice(0, -4)) : undefined)
    }
    return folder?.file(parts.at(-1) ?? "")?.content?.()
  }
  return undefined
}
