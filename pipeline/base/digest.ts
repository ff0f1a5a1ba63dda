import { createHash, hash } from "node:crypto"
import { canonical } from "./canonical.ts"

/** A sha256 as 64 lower-case hexadecimal digits. */
export type Digest = string

/** The sha256 of bytes or of a text's UTF-8. */
export const digestOf = (content: Uint8Array | string): Digest => hash("sha256", content)

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
  return { digest: sha256.digest("hex"), size }
}

/**
 * The sha256 of a value's canonical JSON behind its type's name.
 *
 * The prefix keeps values of different kinds apart that happen to have the same JSON.
 */
export const digestOfValue = (type: string, value: unknown): Digest => digestOf(`redag/${type}\n${canonical(value)}`)

/** How a digest is shown to people: enough digits to be unique in one store, and to be typed. */
export const short = (digest: Digest): string => digest.slice(0, 10)
