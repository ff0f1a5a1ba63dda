/**
 * The calls of a system of files, here or on another machine, that a remote is made of.
 *
 * They throw errors whose `code` is that of the system's error, such as ENOENT, and where a connection is gone,
 * whatever their module says.
 */
export interface Files {
  /** What stands at a path, a link for itself; undefined where nothing does. */
  readonly stat: (path: string) => Promise<FileStat | undefined>
  /** What is in a folder, in any order; nothing where there is no folder. */
  readonly list: (folder: string) => Promise<ReadonlyArray<FileStat & { readonly name: string }>>
  /** Opens a file to be read, a new one to be written, or one that is there to be written further. */
  readonly open: (path: string, how: "read" | "new" | "more") => Promise<OpenFile>
  /** Gives a file a second name; whether it did: not where the name is taken. */
  readonly link: (from: string, to: string) => Promise<boolean>
  /** Gives a file another name, in the place of what was there. */
  readonly rename: (from: string, to: string) => Promise<void>
  /** Removes a file; whether it was there. */
  readonly unlink: (path: string) => Promise<boolean>
  /** Makes a folder in one that is there, unless it is there itself; whether it did, where that is known. */
  readonly makeFolder: (folder: string) => Promise<boolean>
  /** Forces the names in a folder to the disk, where that can be asked for. */
  readonly syncFolder: (folder: string) => Promise<void>
}

export interface FileStat {
  readonly kind: "file" | "folder" | "other"
  /** In bytes. */
  readonly size: number
  /** When it was last written, in milliseconds on the clock of the file system. */
  readonly mtime: number
}

/** A file that is open. */
export interface OpenFile {
  /** How many bytes were read from a position on, none at the end of the file. */
  readonly read: (into: Buffer, position: number) => Promise<number>
  /** Writes all of the bytes from a position on. */
  readonly write: (bytes: Uint8Array, position: number) => Promise<void>
  /** Forces the file to the disk. */
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
}
