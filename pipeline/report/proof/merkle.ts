import { createHash } from "node:crypto"
import { type Digest, isDigest } from "../../base/digest.ts"

/**
 * The Merkle tree of RFC 6962 (Certificate Transparency) over texts: a leaf's hash begins with a byte 0, that of two
 * halves with a byte 1, so that nobody can take the one for the other.
 */

/** The hash of a leaf's text: sha256(0x00, its UTF-8). */
export const leafHash = (text: string): Digest => hashed(0, Buffer.from(text))

/** The root over leaf hashes in their order; that of no leaf is the sha256 of nothing. */
export const rootOver = (hashes: ReadonlyArray<Digest>): Digest => {
  const [first] = hashes
  if (first === undefined) return digestIn(createHash("sha256"))
  if (hashes.length === 1) return first
  const half = splitOf(hashes.length)
  return joined(rootOver(hashes.slice(0, half)), rootOver(hashes.slice(half)))
}

/** The hashes that lead from a leaf to the root, as RFC 6962 orders them: the lowest first. */
export const pathTo = (index: number, hashes: ReadonlyArray<Digest>): ReadonlyArray<Digest> => {
  if (hashes.length <= 1) return []
  const half = splitOf(hashes.length)
  const [left, right] = [hashes.slice(0, half), hashes.slice(half)]
  return index < half ? [...pathTo(index, left), rootOver(right)] : [...pathTo(index - half, right), rootOver(left)]
}

/** The largest power of two below a count of two or more. */
const splitOf = (count: number): number => 2 ** (Math.ceil(Math.log2(count)) - 1)

const joined = (left: Digest, right: Digest): Digest => hashed(1, Buffer.from(left + right, "hex"))

const hashed = (prefix: number, bytes: Uint8Array): Digest =>
  digestIn(createHash("sha256").update(Uint8Array.of(prefix)).update(bytes))

const digestIn = (hash: ReturnType<typeof createHash>): Digest => {
  const digest = hash.digest("hex")
  if (!isDigest(digest)) throw new Error("a sha256 is no digest")
  return digest
}
