import { Effect } from "effect"
import { type Digest, digester } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Source } from "../disk.ts"
import { objectError } from "../objects.ts"
import type { LargeFile } from "./remote.ts"

/** A file up to so many bytes is sent at once, and so long is a part of a larger one. */
export const PART = 8 << 20

/** S3 takes so many parts of a file. */
const MOST_PARTS = 10_000

/** How long a part of a file is, in bytes. */
const partLength = (size: number): number => Math.max(PART, Math.ceil(size / MOST_PARTS / (1 << 20)) * (1 << 20))

/** So many bytes of parts are on their way at a time, each part held in memory. */
const ON_THEIR_WAY = 4 * PART

/** How many parts of a file are on their way at a time. */
export const partsAtOnce = (size: number): number => Math.max(1, Math.floor(ON_THEIR_WAY / partLength(size)))

/** How a file is cut; parts are numbered from 1, and all but the last are of one length. */
export function* partsOf(
  size: number,
): Iterable<{ readonly number: number; readonly start: number; readonly end: number }> {
  const length = partLength(size)
  for (let number = 1, start = 0; number === 1 || start < size; number++, start += length) {
    yield { number, start, end: Math.min(size, start + length) }
  }
}

/** Reads a file in parts from its beginning, and takes the sha256 of all that was read. */
export const reader = (source: Source): {
  readonly bytes: (start: number, end: number) => Uint8Array<ArrayBuffer>
  /** Gives the memory of a part back, for another one: new memory for each would be gigabytes that wait to be collected. */
  readonly giveBack: (bytes: Uint8Array<ArrayBuffer>) => void
  readonly digest: () => Digest
} => {
  const sha256 = digester()
  const free: Array<ArrayBuffer> = []
  return {
    bytes: (start, end) => {
      const memory = free.pop() ?? new ArrayBuffer(partLength(source.size))
      const bytes = source.read(start, end, new Uint8Array(memory))
      sha256.update(bytes)
      return bytes
    },
    giveBack: ({ buffer }) => {
      free.push(buffer)
    },
    digest: sha256.digest,
  }
}

/** The error of a file that is not here any more. */
export const absentHere = ({ path, digest }: LargeFile): Effect.Effect<never, StoreError> =>
  Effect.fail(objectError(path, digest, "is not in the store"))

/** The error of a file here that has other bytes than its name says. */
export const damagedHere = ({ path, digest }: LargeFile): Effect.Effect<never, StoreError> =>
  Effect.fail(objectError(path, digest, "is damaged, and is not sent"))
