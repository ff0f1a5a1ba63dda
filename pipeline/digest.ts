import { hash } from "node:crypto"
import { canonical } from "./canonical.ts"

/** A sha256 as 64 lower-case hexadecimal digits. */
export type Digest = string

/** The sha256 of bytes or of a text's UTF-8. */
export const digestOf = (content: Uint8Array | string): Digest => hash("sha256", content)

/**
 * The sha256 of a value's canonical JSON behind its type's name.
 *
 * The prefix keeps values of different kinds apart that happen to have the same JSON.
 */
export const digestOfValue = (type: string, value: unknown): Digest => digestOf(`redag/${type}\n${canonical(value)}`)

/** How a digest is shown to people: enough digits to be unique in one store, and to be typed. */
export const short = (digest: Digest): string => digest.slice(0, 10)
