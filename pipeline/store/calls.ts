import {
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeSync,
} from "node:fs"
import { promisify } from "node:util"
import { isLocalFolder } from "./local-times.ts"

/**
 * The calls of the system that a store is made of, each one call: what can fail, or be the last before a kill, alone.
 *
 * They throw what the system found wrong. Tests put faults, and the habits of a network's file systems, in their place.
 */
export interface Calls {
  /** Opens a file. A symbolic link is refused, and a FIFO does not make the caller wait. */
  readonly open: (path: string, how: Opening) => number
  readonly read: (file: number, into: Uint8Array, at: number, length: number, position: number | null) => number
  /** Gives how many bytes were written, which may be fewer than were asked for. */
  readonly write: (file: number, from: Uint8Array, at: number, length: number, position: number | null) => number
  readonly truncate: (file: number, length: number) => void
  /** Forces a file or a folder to the disk. */
  readonly sync: (file: number) => void
  /** The same beside other work: the system forces many at a time together, in hardly more time than one. */
  readonly syncBeside: (file: number) => Promise<void>
  readonly close: (file: number) => void
  readonly statOpen: (file: number) => Stats
  /** What stands at a path, a link for itself; undefined where nothing does. */
  readonly stat: (path: string) => Stats | undefined
  readonly list: (folder: string) => ReadonlyArray<string>
  /** Whether a folder is on a file system of this machine alone, which always knows what is there. */
  readonly isLocal: (folder: string) => boolean
  readonly makeFolder: (folder: string) => void
  readonly removeFolder: (folder: string) => void
  readonly unlink: (path: string) => void
  readonly rename: (from: string, to: string) => void
  /** Gives a file a second name; fails with EEXIST where that is taken. */
  readonly link: (from: string, to: string) => void
  /** Sets the time of a file to now. */
  readonly touch: (path: string) => void
  /** Copies a file, without taking its space twice where the file system can share it. */
  readonly copy: (from: string, to: string) => void
}

/** How a file is opened: to be read, as a new one, at its end, over what was there, or as a folder. */
export type Opening = "read" | "new" | "append" | "over" | "folder"

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

const flags: Readonly<Record<Opening, number>> = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  new: O_WRONLY | O_CREAT | O_EXCL,
  append: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW,
  over: O_WRONLY | O_CREAT | O_NOFOLLOW,
  folder: O_RDONLY | O_DIRECTORY,
}

/** The calls of the real file system. */
export const calls: Calls = {
  open: (path, how) => openSync(path, flags[how]),
  read: readSync,
  write: writeSync,
  truncate: ftruncateSync,
  sync: fsyncSync,
  syncBeside: promisify(fsync),
  close: closeSync,
  statOpen: (file) => fstatSync(file),
  stat: (path) => lstatSync(path, { throwIfNoEntry: false }),
  list: (folder) => readdirSync(folder),
  isLocal: isLocalFolder,
  makeFolder: (folder) => {
    mkdirSync(folder)
  },
  removeFolder: (folder) => {
    rmdirSync(folder)
  },
  unlink: unlinkSync,
  rename: renameSync,
  link: linkSync,
  touch: (path) => {
    const now = new Date()
    lutimesSync(path, now, now)
  },
  copy: (from, to) => {
    copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  },
}
