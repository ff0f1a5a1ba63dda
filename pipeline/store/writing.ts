import { dirname } from "node:path"
import { systemCode } from "../base/system.ts"
import { type Calls, calls as systemCalls } from "./calls.ts"
import { absentAs } from "./reading.ts"

/** What a file is to hold, at once or in pieces. */
export type Content = string | Uint8Array | ReadonlyArray<Uint8Array>

/** A content in pieces. */
export const piecesOf = (content: Content): ReadonlyArray<Uint8Array> =>
  typeof content === "string" ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content

/** A file that is written in parts. */
export interface Sink {
  readonly write: (bytes: Uint8Array) => void
  readonly close: () => void
}

/** Node takes up to 2^31 - 1 bytes a call; a piece may be larger. */
const MOST_AT_ONCE = 2 ** 30

/** Writes all bytes, in as many calls as the system takes. */
export const writeAll = (calls: Calls, file: number, bytes: Uint8Array, position: number | null = null): void => {
  for (let at = 0; at < bytes.length;) {
    at += calls.write(
      file,
      bytes,
      at,
      Math.min(MOST_AT_ONCE, bytes.length - at),
      position === null ? null : position + at,
    )
  }
}

/** A file at a path, to be written in parts: a new one, or one that may be there, at its end. */
export const sinkOf = (calls: Calls, path: string, how: "new" | "append" = "new"): Sink => {
  const file = calls.open(path, how)
  return {
    write: (bytes) => {
      writeAll(calls, file, bytes)
    },
    close: () => {
      calls.close(file)
    },
  }
}

/** Writes a new file. */
export const writeNew = (calls: Calls, path: string, content: Content): void => {
  const sink = sinkOf(calls, path)
  try {
    for (const bytes of piecesOf(content)) sink.write(bytes)
  } finally {
    sink.close()
  }
}

/** Makes a small file; whether it did: not where the name is taken. Of one that cannot be written nothing is left. */
export const createNew = (calls: Calls, path: string, text: string): boolean => {
  let isMade = false
  try {
    const sink = sinkOf(calls, path)
    isMade = true
    try {
      for (const bytes of piecesOf(text)) sink.write(bytes)
    } finally {
      sink.close()
    }
    return true
  } catch (thrown) {
    if (!isMade && systemCode(thrown) === "EEXIST") return false
    if (isMade) attemptUnlink(calls, path)
    throw thrown
  }
}

/** What went wrong before is what is said. */
const attemptUnlink = (calls: Calls, path: string): void => {
  try {
    calls.unlink(path)
  } catch {
    // It stays.
  }
}

/** Adds to the end of a file. */
export const appendTo = (calls: Calls, path: string, text: string): void => {
  const file = calls.open(path, "append")
  try {
    writeAll(calls, file, Buffer.from(text))
  } finally {
    calls.close(file)
  }
}

/** An open file that another process prints to. */
export interface Output {
  readonly file: number
  readonly close: () => void
}

/** Opens a file for another process to print to, at its end. */
export const outputOf = (calls: Calls, path: string): Output => {
  const file = calls.open(path, "append")
  return {
    file,
    close: () => {
      try {
        calls.close(file)
      } catch {
        // Nothing was written here: what the other process prints is its own to lose.
      }
    },
  }
}

/** Writes a small file over what was there, so that whoever reads it meanwhile finds the old text or the new one. */
export const overwrite = (calls: Calls, path: string, text: string): void => {
  const bytes = Buffer.from(text)
  const file = calls.open(path, "over")
  try {
    writeAll(calls, file, bytes, 0)
    calls.truncate(file, bytes.length)
  } finally {
    calls.close(file)
  }
}

/** Writes a small file, which is not empty since that would leave its time as it was; gives the time that it has then. */
export const now = (calls: Calls, path: string, text: string): number => {
  overwrite(calls, path, text)
  return calls.stat(path)?.mtimeMs ?? Number.NaN
}

/**
 * Makes a folder and those above it that are missing.
 *
 * Node's own recursive call never returns where the system answers ENOENT below a folder that exists, as /proc does.
 */
export const makeFoldersWith = (calls: Calls, folder: string): void => {
  if (isFolder(calls, folder)) return
  const above = dirname(folder)
  if (above !== folder) makeFoldersWith(calls, above)
  try {
    calls.makeFolder(folder)
  } catch (thrown) {
    // Another process may have made it meanwhile.
    if (!isFolder(calls, folder)) throw thrown
  }
}

/** Makes folders in the real file system. */
export const makeFolders = (folder: string): void => {
  makeFoldersWith(systemCalls, folder)
}

/** A link to a folder may lead to the store, as `/tmp` may be one; in the store none is followed: see store.ts. */
const isFolder = (calls: Calls, path: string): boolean => {
  const stats = calls.stat(path)
  if (stats !== undefined && !stats.isSymbolicLink()) return stats.isDirectory()
  try {
    // A network's file system asks its server then, and not its memory.
    calls.close(calls.open(path, "folder"))
    return true
  } catch {
    return false
  }
}

/** Removes what stands at a path unless it is a folder, as few things are; whether nothing is there any more. */
const removeFile = (calls: Calls, path: string): boolean => {
  try {
    absentAs(() => calls.unlink(path), undefined)
    return true
  } catch (thrown) {
    // Systems say one or the other of a folder.
    const mayBeFolder = ["EISDIR", "EPERM"].includes(systemCode(thrown) ?? "")
    if (mayBeFolder && absentAs(() => calls.stat(path), undefined)?.isDirectory() === true) return false
    throw thrown
  }
}

/** Removes a file, or a folder with all that is in it, while others may write there. */
export const removeAll = (calls: Calls, path: string): void => {
  for (let tries = 1;; tries++) {
    if (removeFile(calls, path)) return
    for (const name of absentAs(() => calls.list(path), [])) removeAll(calls, `${path}/${name}`)
    try {
      absentAs(() => calls.removeFolder(path), undefined)
      return
    } catch (thrown) {
      if (systemCode(thrown) !== "ENOTEMPTY" || tries === 5) throw thrown
    }
  }
}
