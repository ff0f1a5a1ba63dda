import type { Stats } from "node:fs"
import { dirname } from "node:path"
import { type Digest, digestOf, digestOfPieces } from "../base/digest.ts"
import { systemCode } from "../base/system.ts"
import type { Calls } from "./calls.ts"
import { Refused } from "./file-errors.ts"

/** What stands at a path. */
export type Kind = "file" | "folder" | "link" | "other"

export interface StatOf {
  readonly kind: Kind
  /** In bytes. */
  readonly size: number
  /** How much of the disk it takes, in bytes: less than its size where it has holes. */
  readonly allocated: number
  /** When it was last written, in milliseconds on the clock of the file system. */
  readonly mtime: number
  /** When it or its name last changed, on the same clock; nobody can set this. */
  readonly changed: number
  /** Changes whenever the file is another one, or was written: two equal ones mean the same bytes. */
  readonly version: string
}

/** What tells a file from another one in its place, and from itself once it was written again; times in milliseconds. */
export interface Glance {
  readonly inode: number
  readonly size: number
  readonly mtime: number
  readonly changed: number
}

/** A file at a glance; undefined where there is none, or that cannot be told at once. */
export const glanceAt = (calls: Calls, path: string): Glance | undefined => {
  try {
    const stats = calls.stat(path)
    return stats?.isFile() === true
      ? { inode: stats.ino, size: stats.size, mtime: stats.mtimeMs, changed: stats.ctimeMs }
      : undefined
  } catch {
    return undefined
  }
}

/** A file that is read in parts. */
export interface Source {
  readonly size: number
  /** The bytes from `start` to before `end`, in memory that is given for them or in new one. */
  readonly read: (start: number, end: number, into?: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>
  readonly close: () => void
}

/** Node takes up to 2^31 - 1 bytes a call. */
const MOST_AT_ONCE = 2 ** 30

/** No file of a store that is read as a whole is larger, in bytes. */
export const LARGEST = 2 ** 28

const kindOf = (stats: Stats): Kind =>
  stats.isFile() ? "file" : stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "other"

/**
 * What stands at a path; undefined where nothing does.
 *
 * A network's file system may answer from memory for a minute that a name is not there. It asks its server once the
 * folder is opened. That of this machine alone knows.
 */
const lookUp = (calls: Calls, path: string): Stats | undefined => {
  const found = calls.stat(path)
  if (found !== undefined) return found
  const folder = dirname(path)
  return !calls.isLocal(folder) && isAsked(calls, folder) ? calls.stat(path) : undefined
}

/**
 * Has a network's file system ask its server what is in a folder; whether the folder is there.
 *
 * Another machine may have made the folder itself, and this one remembers that it is not there: then what is above it is
 * asked first.
 */
const isAsked = (calls: Calls, folder: string): boolean => {
  if (isOpened(calls, folder)) return true
  const above = dirname(folder)
  return above !== folder && !calls.isLocal(above) && isAsked(calls, above) && isOpened(calls, folder)
}

/** Opens a folder and closes it; whether it was there. */
const isOpened = (calls: Calls, folder: string): boolean => {
  const opened = absentAs(() => calls.open(folder, "folder"), undefined)
  if (opened === undefined) return false
  calls.close(opened)
  return true
}

/** At which of these paths in one folder something stands. The folder is opened once, as {@link lookUp} does for each. */
export const presentIn = (calls: Calls, folder: string, paths: ReadonlyArray<string>): ReadonlySet<string> =>
  calls.isLocal(folder) || isAsked(calls, folder)
    ? new Set(paths.filter((path) => absentAs(() => calls.stat(path), undefined) !== undefined))
    : new Set()

/** What stands at a path, and a link is not followed; undefined where nothing does. */
export const statOf = (calls: Calls, path: string): StatOf | undefined => {
  const stats = absentAs(() => lookUp(calls, path), undefined)
  return stats === undefined ? undefined : {
    kind: kindOf(stats),
    size: stats.size,
    allocated: stats.blocks * 512,
    mtime: stats.mtimeMs,
    changed: stats.ctimeMs,
    version: `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`,
  }
}

/**
 * What `call` gives, or something else where nothing is there.
 *
 * A file that another machine removed or replaced is ESTALE on NFS until it is looked up again.
 */
export const absentAs = <A, B>(call: () => A, absent: B): A | B => {
  for (let tries = 1;; tries++) {
    try {
      return call()
    } catch (thrown) {
      const code = systemCode(thrown)
      if (code === "ENOENT") return absent
      if (code !== "ESTALE") throw thrown
      if (tries === 3) return absent
    }
  }
}

/** The names in a folder, in their order; none where there is no folder. */
export const listOf = (calls: Calls, folder: string): ReadonlyArray<string> => {
  const names = absentAs(() => calls.list(folder), undefined)
    ?? (!calls.isLocal(folder) && isAsked(calls, folder) ? absentAs(() => calls.list(folder), undefined) : undefined)
  return names?.toSorted() ?? []
}

const refusal: Readonly<Record<Exclude<Kind, "file">, readonly [problem: string, help: string]>> = {
  folder: ["it is a folder", "move the folder away, then run again"],
  link: ["it is a link, and a store has none", "put the file itself in its place, or remove the link, then run again"],
  other: ["it is no file, but a FIFO, a socket or a device", "remove it, then run again"],
}

/** Opens a file for reading. What is no file is looked at, but never opened. */
const openFile = (calls: Calls, path: string): { readonly file: number; readonly size: number } | undefined => {
  const found = lookUp(calls, path)
  if (found === undefined) return undefined
  refuseUnlessFile(found)
  const file = calls.open(path, "read")
  try {
    const stats = calls.statOpen(file)
    // Another may have taken its place meanwhile.
    refuseUnlessFile(stats)
    return { file, size: stats.size }
  } catch (thrown) {
    calls.close(file)
    throw thrown
  }
}

const refuseUnlessFile = (stats: Stats): void => {
  const kind = kindOf(stats)
  if (kind !== "file") throw new Refused(...refusal[kind])
}

/** Reads until `length` bytes are read or the file ends; gives how many there were. */
const fill = (calls: Calls, file: number, into: Uint8Array, length: number, position: number | null): number => {
  let at = 0
  while (at < length) {
    const count = calls.read(
      file,
      into,
      at,
      Math.min(MOST_AT_ONCE, length - at),
      position === null ? null : position + at,
    )
    if (count === 0) break
    at += count
  }
  return at
}

/** The bytes of a file; undefined where there is none. */
export const readWhole = (calls: Calls, path: string, most = LARGEST): Buffer | undefined =>
  absentAs(() => {
    const opened = openFile(calls, path)
    if (opened === undefined) return undefined
    const { file, size } = opened
    try {
      if (size > most) {
        throw new Refused(`it has ${size} bytes, more than any such file has`, "move it away, then run again")
      }
      const bytes = Buffer.allocUnsafe(size)
      const length = fill(calls, file, bytes, size, null)
      return length === size ? bytes : bytes.subarray(0, length)
    } finally {
      calls.close(file)
    }
  }, undefined)

/** Opens a file to be read in parts; undefined where there is none. */
export const sourceOf = (calls: Calls, path: string): Source | undefined =>
  absentAs(() => {
    const opened = openFile(calls, path)
    return opened === undefined ? undefined : {
      size: opened.size,
      read: (start, end, into) => {
        const bytes = into?.subarray(0, end - start) ?? new Uint8Array(end - start)
        if (fill(calls, opened.file, bytes, bytes.length, start) < bytes.length) {
          throw new Refused("it became shorter while it was read", "run again")
        }
        return bytes
      },
      close: () => {
        calls.close(opened.file)
      },
    }
  }, undefined)

/** One for all files: a run takes the digests of thousands of small ones. */
const buffer = Buffer.allocUnsafeSlow(1 << 20)

/** The sha256 of a file's bytes, read in pieces; undefined where there is none, or no more when it is read. */
export const digestAt = (calls: Calls, path: string): Digest | undefined =>
  absentAs(() => {
    const opened = openFile(calls, path)
    if (opened === undefined) return undefined
    const { file, size } = opened
    try {
      const length = fill(calls, file, buffer, buffer.length, null)
      // Most files fit; hashing those at once is twice as fast.
      if (length === size && length < buffer.length) return digestOf(buffer.subarray(0, length))
      return digestOfPieces(pieces(calls, file, length)).digest
    } finally {
      calls.close(file)
    }
  }, undefined)

function* pieces(calls: Calls, file: number, first: number): Iterable<Uint8Array> {
  for (let length = first; length > 0; length = fill(calls, file, buffer, buffer.length, null)) {
    yield buffer.subarray(0, length)
  }
}
