import { Context, Effect, Layer } from "effect"
import {
  appendFileSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import { attempt } from "../base/attempt.ts"
import { type Digest, digestOfFile } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import { systemCode, systemReason } from "../base/system.ts"

/**
 * The file-system calls of the store, in one service; only tables are written and read elsewhere, in parquet.ts.
 *
 * The calls are synchronous: a plan reads thousands of small records, and each asynchronous call would cost more than
 * the read itself.
 */
export class Disk extends Context.Service<Disk, {
  /** The text of a file, or undefined where there is none. */
  readonly read: (path: string) => Effect.Effect<string | undefined, StoreError>
  /** The size of a file in bytes, or undefined where there is none. */
  readonly size: (path: string) => Effect.Effect<number | undefined, StoreError>
  /** The sha256 of a file's bytes. */
  readonly digest: (path: string) => Effect.Effect<Digest, StoreError>
  /** The names in a folder, in their order; none where there is no folder. */
  readonly list: (folder: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly makeFolder: (folder: string) => Effect.Effect<void, StoreError>
  /** Writes a new file, which {@link publish} then forces to the disk. */
  readonly write: (path: string, content: Content) => Effect.Effect<void, StoreError>
  /** Copies a file, without taking its space twice where the file system can share it. */
  readonly copy: (from: string, to: string) => Effect.Effect<void, StoreError>
  /** Adds to the end of a file. A crash may leave the last line torn; readers skip it. */
  readonly append: (path: string, text: string) => Effect.Effect<void, StoreError>
  /**
   * Gives a finished file its name: forces the bytes to the disk, renames, forces the folder to the disk.
   *
   * After a crash the name is there with all of its bytes or not at all.
   */
  readonly publish: (temporary: string, path: string) => Effect.Effect<void, StoreError>
  readonly remove: (path: string) => Effect.Effect<void, StoreError>
}>()("redag/Disk") {}

/** What a file is to hold, at once or in pieces. */
export type Content = string | Uint8Array | ReadonlyArray<Uint8Array>

/** A content in pieces. */
export const piecesOf = (content: Content): ReadonlyArray<Uint8Array> =>
  typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content

/** Runs file-system calls on a path of the store. */
const onStore = <A>(path: string, verb: string, call: () => A): Effect.Effect<A, StoreError> =>
  attempt(call, (thrown) => storeError(path, verb, thrown))

/** What the file system found wrong with a path of the store; undefined for anything else that was thrown. */
export const storeError = (path: string, verb: string, thrown: unknown): StoreError | undefined => {
  const reason = systemCode(thrown) === "ENOENT" ? "no folder can be made there" : systemReason(thrown)
  return reason === undefined
    ? undefined
    : new StoreError({
      path,
      message: `cannot be ${verb}: ${reason}`,
      help: helps[systemCode(thrown) ?? ""] ?? "check the disk",
    })
}

const elsewhere = "or name another store with DAG_STORE"
const space = `free some space, ${elsewhere}; what is finished is kept`
const helps: Readonly<Record<string, string>> = {
  EACCES: `make it readable and writable, ${elsewhere}`,
  EDQUOT: space,
  EEXIST: `move that file away, ${elsewhere}`,
  ELOOP: `remove the link, ${elsewhere}`,
  ENAMETOOLONG: `shorten the path, ${elsewhere}`,
  ENOENT: `name a folder that can be made, ${elsewhere}`,
  ENOSPC: space,
  ENOTDIR: `move that file away, ${elsewhere}`,
  EPERM: `make it readable and writable, ${elsewhere}`,
  EROFS: `mount it writable, ${elsewhere}`,
}

const absentAs = <A, B>(call: () => A, absent: B): A | B => {
  try {
    return call()
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return absent
    throw thrown
  }
}

/** Node takes up to 2^31 - 1 bytes a call; a piece may be larger. */
const most = 2 ** 30

const writeWhole = (file: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, Math.min(most, bytes.length - at))
}

const sync = (path: string) => {
  const file = openSync(path, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Makes a folder and those above it that are missing.
 *
 * Node's own recursive call never returns where the system answers ENOENT below a folder that exists, as /proc does.
 */
export const makeFolders = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  const above = dirname(folder)
  if (above !== folder) makeFolders(above)
  try {
    mkdirSync(folder)
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw cause
  }
}

/** Moves a file into a folder for good. Where another process removes the folder meanwhile, it is made again. */
const moveInto = (folder: string, temporary: string, path: string): void => {
  for (let tries = 1;; tries++) {
    if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
      makeFolders(folder)
      sync(dirname(folder))
    }
    try {
      // Opened before, so that the folder's removal just after leaves something to force to the disk.
      const opened = openSync(folder, "r")
      try {
        renameSync(temporary, path)
        fsyncSync(opened)
      } finally {
        closeSync(opened)
      }
      return
    } catch (cause) {
      if (systemCode(cause) !== "ENOENT" || !existsSync(temporary) || tries === 5) throw cause
    }
  }
}

/** The real file system. */
export const layer: Layer.Layer<Disk> = Layer.succeed(Disk, {
  read: (path) => onStore(path, "read", () => absentAs(() => readFileSync(path, "utf8"), undefined)),
  size: (path) => onStore(path, "read", () => statSync(path, { throwIfNoEntry: false })?.size),
  digest: (path) => onStore(path, "read", () => digestOfFile(path)),
  list: (folder) => onStore(folder, "read", () => absentAs(() => readdirSync(folder).sort(), [])),
  makeFolder: (folder) => onStore(folder, "made", () => makeFolders(folder)),
  write: (path, content) =>
    onStore(path, "written", () => {
      const file = openSync(path, "wx")
      try {
        for (const bytes of piecesOf(content)) writeWhole(file, bytes)
      } finally {
        closeSync(file)
      }
    }),
  copy: (from, to) => onStore(to, "written", () => copyFileSync(from, to, constants.COPYFILE_FICLONE)),
  append: (path, text) =>
    onStore(path, "written", () => {
      appendFileSync(path, text)
    }),
  publish: (temporary, path) =>
    onStore(path, "written", () => {
      sync(temporary)
      moveInto(dirname(path), temporary, path)
    }),
  remove: (path) => onStore(path, "removed", () => rmSync(path, { recursive: true, force: true })),
})

/** The real file system, where nothing can be changed: for a store that is somebody else's. */
export const readOnly: Layer.Layer<Disk> = Layer.effect(
  Disk,
  Effect.map(Disk, (disk) => {
    const refuse = (path: string) =>
      Effect.fail(new StoreError({ path, message: "is only read", help: `copy its folder, ${elsewhere}` }))
    return Disk.of({
      ...disk,
      makeFolder: refuse,
      write: refuse,
      copy: (_, to) => refuse(to),
      append: refuse,
      publish: (_, path) => refuse(path),
      remove: refuse,
    })
  }),
).pipe(Layer.provide(layer))
