import { Context, Effect } from "effect"
import { closeSync, fstatSync, openSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import { attempt, attemptPromise } from "../base/attempt.ts"
import { type Digest, digester, digestOfOpen } from "../base/digest.ts"
import type { InputError } from "../base/errors.ts"
import { onPath, pathError } from "../base/system.ts"

/** What tells one content of a file on disk from another without reading it; Node's stats with bigints are one. */
export interface FileState {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  /** When the file itself last changed, in nanoseconds on the clock of its file system: nobody can set this. */
  readonly ctimeNs: bigint
}

/** A file state as a text: equal for equal states. */
export const stateText = ({ dev, ino, size, mtimeNs, ctimeNs }: FileState): string =>
  `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`

/** What was hashed. */
export interface Hashed {
  readonly digest: Digest
  /** The state of the file on disk before and after it was read; undefined where it changed meanwhile. */
  readonly state: FileState | undefined
}

/** A file, on disk or in an archive, whose digest may be known. */
export interface Hashable {
  /** Its path on disk; of one in an archive, the archive's with the name in it behind a NUL. */
  readonly id: string
  /** In bytes. */
  readonly size: number
  /** The state of the file on disk, or of the archive. */
  readonly state: FileState
  /**
   * Takes the sha256 of bytes that are read after a time, in milliseconds as performance.now() gives it. `advanced` is
   * told of bytes that are done.
   */
  readonly hash: (after: number, advanced: (bytes: number) => void) => Effect.Effect<Hashed, InputError>
}

/** Where the digests of files come from. */
export interface Digests {
  /** Reads what is remembered, once, before anything is asked for. */
  readonly load: Effect.Effect<void>
  /** The sha256 of a file that was hashed before and is the same; undefined where that is not known, or not sure. */
  readonly known: (file: Hashable) => Digest | undefined
  /** Takes the sha256 of a file, and remembers it where that can be done. */
  readonly take: (file: Hashable, advanced: (bytes: number) => void) => Effect.Effect<Digest, InputError>
}

/** Every file is hashed whenever its digest is asked for. */
export const unremembered: Digests = {
  load: Effect.void,
  known: () => undefined,
  take: (file, advanced) => Effect.map(file.hash(-Infinity, advanced), ({ digest }) => digest),
}

/** Hears of files that are hashed: what they are, and how many bytes of how many are done. */
export const Hashing = Context.Reference<(title: string, done: number, total: number) => void>("redag/Hashing", {
  defaultValue: () => () => {},
})

/** Larger files are hashed in pieces between which others have their turn, such as Ctrl-C; in bytes. */
const AT_ONCE = 8 << 20

/** Takes the sha256 of a file on disk, in pieces where it is large. */
export const hashFile = (
  path: string,
  size: number,
  fix: string,
  advanced: (bytes: number) => void,
): Effect.Effect<Hashed, InputError> => {
  if (size > AT_ONCE) {
    return attemptPromise(
      (stop) => hashInPieces(path, stop, advanced),
      (thrown) => pathError(thrown, path, "read", fix),
    )
  }
  return attempt(() => {
    const hashed = onPath(path, "read", fix, () => hashAtOnce(path))
    advanced(size)
    return hashed
  })
}

const hashAtOnce = (path: string): Hashed => {
  const file = openSync(path, "r")
  try {
    const before = fstatSync(file, { bigint: true })
    const digest = digestOfOpen(file)
    return { digest, state: unchanged(before, fstatSync(file, { bigint: true })) }
  } finally {
    closeSync(file)
  }
}

/** The state that two looks at a file agree on. */
export const unchanged = (before: FileState, after: FileState): FileState | undefined =>
  stateText(before) === stateText(after) ? after : undefined

const hashInPieces = async (path: string, stop: AbortSignal, advanced: (bytes: number) => void): Promise<Hashed> => {
  const file = await open(path, "r")
  try {
    const before = await file.stat({ bigint: true })
    const sha256 = digester()
    for await (const piece of piecesOf(file)) {
      if (stop.aborted) break
      sha256.update(piece)
      advanced(piece.length)
    }
    return { digest: sha256.digest(), state: unchanged(before, await file.stat({ bigint: true })) }
  } finally {
    await file.close()
  }
}

/** The bytes of a file in pieces; while one is hashed, the next one is read. A piece is overwritten by the next but one. */
async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafeSlow(AT_ONCE), Buffer.allocUnsafeSlow(AT_ONCE)] as const
  let [full, empty] = buffers
  let { bytesRead } = await file.read(full)
  while (bytesRead > 0) {
    const next = file.read(empty)
    // Whoever takes the piece may be done before the next one is there, or stop for good.
    next.catch(() => {})
    yield full.subarray(0, bytesRead)
    bytesRead = (await next).bytesRead
    ;[full, empty] = [empty, full]
  }
}
