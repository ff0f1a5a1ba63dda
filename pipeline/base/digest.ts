import { Schema } from "effect"
import { createHash, hash } from "node:crypto"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { canonical } from "./canonical.ts"

/** A sha256 as 64 lower-case hexadecimal digits. */
export const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/u)).pipe(Schema.brand("Digest"))
export type Digest = typeof Digest.Type

/** Whether a value is a digest. */
export const isDigest = Schema.is(Digest)

/** What a hash function gives as hexadecimal digits; the one place where a text becomes a digest unchecked. */
const hashed = (hexadecimal: string): Digest => hexadecimal as Digest

/** The sha256 of bytes or of a text's UTF-8. */
export const digestOf = (content: Uint8Array | string): Digest => hashed(hash("sha256", content))

/** Takes the sha256 of bytes that are given bit by bit. */
export const digester = (): { readonly update: (bytes: Uint8Array) => void; readonly digest: () => Digest } => {
  const sha256 = createHash("sha256")
  return {
    update: (bytes) => {
      sha256.update(bytes)
    },
    digest: () => hashed(sha256.digest("hex")),
  }
}

/** Node takes up to 2^31 - 1 bytes a call; a piece may be larger. */
const most = 2 ** 30

/** The sha256 of bytes given in pieces, and how many they are. */
export const digestOfPieces = (pieces: Iterable<Uint8Array>): { readonly digest: Digest; readonly size: number } => {
  const sha256 = createHash("sha256")
  let size = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += most) sha256.update(piece.subarray(at, at + most))
    size += piece.length
  }
  return { digest: hashed(sha256.digest("hex")), size }
}

/** One for all files: a plan takes the digests of hundreds of small ones. */
const buffer = Buffer.allocUnsafeSlow(1 << 20)

/** The sha256 of a file's bytes, read in pieces. */
export const digestOfFile = (path: string): Digest => {
  const file = openSync(path, "r")
  try {
    return digestOfOpen(file)
  } finally {
    closeSync(file)
  }
}

/** The sha256 of all bytes of a file that was just opened. */
export const digestOfOpen = (file: number): Digest => {
  let length = readSync(file, buffer)
  // Most files fit; hashing those at once is twice as fast.
  if (length === fstatSync(file).size) return digestOf(buffer.subarray(0, length))
  const hash = createHash("sha256").update(buffer.subarray(0, length))
  while (length > 0) {
    length = readSync(file, buffer)
    hash.update(buffer.subarray(0, length))
  }
  return hashed(hash.digest("hex"))
}

/**
 * The sha256 of a value's canonical JSON behind its type's name.
 *
 * The prefix keeps values of different kinds apart that happen to have the same JSON.
 */
export const digestOfValue = (type: string, value: unknown): Digest => digestOf(`redag/${type}\n${canonical(value)}`)

/** How a digest is shown to people: enough digits to be unique in one store, and to be typed. */
export const short = (digest: string): string => digest.slice(0, 10)
