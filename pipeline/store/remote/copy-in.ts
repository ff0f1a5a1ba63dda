import { Effect } from "effect"
import { createHash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import type { StoreError } from "../../base/errors.ts"
import { systemCode } from "../../base/system.ts"
import { absent } from "./absent.ts"
import type { Files, OpenFile } from "./files.ts"
import { absentHere, damagedHere } from "./large.ts"
import type { LargeFile } from "./remote.ts"

/** How many bytes are read or written at once. */
const PIECE = 1 << 18

/** So many pieces are on their way at a time: a connection would otherwise wait for the answer to each. */
const AT_ONCE = 16

/** What became of a copy: nothing is sent of a file that is not here, or has other bytes than its digest says. */
export type Copied = "whole" | "absent" | "damaged" | "stopped"

export interface Copy {
  /** Where the copy stands while it is not whole; one path for one content. */
  readonly temporary: string
  readonly file: LargeFile
  /** Hears how many bytes are there. */
  readonly progress: (sent: number) => void
  readonly isStopped: () => boolean
}

/**
 * Copies a file of this machine to a temporary one of a remote, and goes on where an earlier attempt stopped: what that
 * left is read back, and counts as far as it is equal.
 *
 * Two who copy one content share the temporary file. They write equal bytes, since each looks at its own file first.
 */
export const copyIn = async (files: Files, { temporary, file, progress, isStopped }: Copy): Promise<Copied> => {
  const source = await absent(open(file.path), undefined)
  if (source === undefined) return "absent"
  try {
    const digest = await digestOf(source, isStopped)
    if (isStopped()) return "stopped"
    if (digest !== file.digest || (await source.stat()).size !== file.size) return "damaged"
    const { target, isNew } = await openTarget(files, temporary)
    try {
      const there = isNew ? 0 : await equalPart(source, target, file.size, isStopped)
      progress(there)
      await inPieces(source, there, file.size, isStopped, (bytes, start) => target.write(bytes, start), progress)
      if (isStopped()) return "stopped"
      await target.sync()
    } finally {
      await target.close()
    }
    return "whole"
  } finally {
    await source.close()
  }
}

/** The error that what became of a copy is. */
export const unsent = (copied: Copied, file: LargeFile): Effect.Effect<void, StoreError> =>
  copied === "absent" ? absentHere(file) : copied === "damaged" ? damagedHere(file) : Effect.void

const digestOf = async (source: FileHandle, isStopped: () => boolean): Promise<string> => {
  const sha256 = createHash("sha256")
  const piece = Buffer.allocUnsafe(1 << 20)
  for (let at = 0; !isStopped();) {
    const { bytesRead } = await source.read(piece, 0, piece.length, at)
    if (bytesRead === 0) break
    sha256.update(piece.subarray(0, bytesRead))
    at += bytesRead
  }
  return sha256.digest("hex")
}

const openTarget = async (
  files: Files,
  path: string,
): Promise<{ readonly target: OpenFile; readonly isNew: boolean }> => {
  for (let tries = 1;; tries++) {
    try {
      const isNew = (await files.stat(path)) === undefined
      return { target: await files.open(path, isNew ? "new" : "more"), isNew }
    } catch (thrown) {
      // Another began it, or finished it, between the two calls.
      if (!["EEXIST", "ENOENT"].includes(systemCode(thrown) ?? "") || tries === 3) throw thrown
    }
  }
}

/** How many bytes of the target are those of the file, from its beginning. */
const equalPart = async (
  source: FileHandle,
  target: OpenFile,
  size: number,
  isStopped: () => boolean,
): Promise<number> => {
  let equal = size
  const there = Array.from({ length: AT_ONCE }, () => Buffer.allocUnsafe(PIECE))
  await inPieces(source, 0, size, () => isStopped() || equal < size, async (bytes, start, index) => {
    const length = await fill(target.read, there[index]?.subarray(0, bytes.length) ?? Buffer.alloc(0), start)
    const same = length === bytes.length && there[index]?.subarray(0, length).equals(bytes) === true
    if (!same) equal = Math.min(equal, start)
  })
  return equal
}

/** Reads a file from `from` to `size`, and does something with each piece, several at a time; gives up where it is stopped. */
const inPieces = async (
  source: FileHandle,
  from: number,
  size: number,
  isStopped: () => boolean,
  each: (bytes: Buffer, start: number, index: number) => Promise<void>,
  progress: (done: number) => void = () => undefined,
): Promise<void> => {
  // The same ones for all of the file: gigabytes of new ones would wait to be collected.
  const pieces = Array.from({ length: AT_ONCE }, () => Buffer.allocUnsafe(PIECE))
  for (let at = from; at < size && !isStopped();) {
    await Promise.all(pieces.map(async (piece, index) => {
      const start = at + index * PIECE
      const bytes = piece.subarray(0, Math.max(0, Math.min(PIECE, size - start)))
      if (bytes.length === 0) return
      const length = await fill(
        async (into, at) => (await source.read(into, 0, into.length, at)).bytesRead,
        bytes,
        start,
      )
      if (length < bytes.length) throw new Error("it became shorter while it was read")
      await each(bytes, start, index)
    }))
    at = Math.min(size, at + AT_ONCE * PIECE)
    progress(at)
  }
}

/** Reads from a position on until a buffer is full or the file ends; gives how many bytes there were. */
const fill = async (read: OpenFile["read"], into: Buffer, position: number): Promise<number> => {
  let length = 0
  while (length < into.length) {
    const count = await read(into.subarray(length), position + length)
    if (count === 0) break
    length += count
  }
  return length
}
