import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { WeightFilesError } from "./errors.ts"
import { cannotRead, closedBefore, endsEarly, notFile } from "./messages.ts"

/** Bytes that are read by position: a file, or memory. */
export interface ByteSource {
  /** The file's name in messages. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** Fills `into` with the bytes from `position` on. Throws `WeightFilesError` where they are not all there. */
  read(into: Uint8Array, position: number): void
  close(): void
}

// The system reads no more than 2³¹ - 1 bytes at once.
const LONGEST_READ = 2 ** 30

/** Opens the file at `path`, called `name` in messages. Throws `WeightFilesError` where there is no such file. */
export const fileSource = (name: string, path: string): ByteSource => {
  const guarded = <A>(call: () => A): A => {
    try {
      return call()
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause)
      throw new WeightFilesError(name, cannotRead(code))
    }
  }
  const file = guarded(() => openSync(path, "r"))
  let open = true
  const close = (): void => {
    if (open) closeSync(file)
    open = false
  }
  const stat = guarded(() => fstatSync(file))
  if (!stat.isFile()) {
    close()
    throw new WeightFilesError(name, notFile)
  }
  const read = (into: Uint8Array, position: number): void => {
    if (!open) throw new WeightFilesError(name, closedBefore)
    for (let done = 0; done < into.length;) {
      const length = Math.min(into.length - done, LONGEST_READ)
      const count = guarded(() => readSync(file, into, done, length, position + done))
      if (count === 0) throw new WeightFilesError(name, endsEarly(position + done))
      done += count
    }
  }
  return { name, size: stat.size, read, close }
}

/** Bytes in memory, called `name` in messages. */
export const bytesSource = (name: string, bytes: Uint8Array): ByteSource => ({
  name,
  size: bytes.length,
  read: (into, position) => {
    if (position + into.length > bytes.length) {
      throw new WeightFilesError(name, endsEarly(bytes.length))
    }
    into.set(bytes.subarray(position, position + into.length))
  },
  close: () => {},
})

/** A new array of `length` bytes from `position` on. */
export const readBytes = (source: ByteSource, position: number, length: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(length)
  source.read(bytes, position)
  return bytes
}

/** What Git leaves in the place of a large file that was not fetched. */
const POINTER = "version https://git-lfs"

/** Whether the file is a Git LFS pointer instead of its content. */
export const isPointer = (source: ByteSource): boolean =>
  source.size >= POINTER.length
  && new TextDecoder("latin1").decode(readBytes(source, 0, POINTER.length)) === POINTER
