import { Schema } from "effect"
import { BlobRef } from "../base/blob-ref.ts"
import { Digest } from "../base/digest.ts"
import type { Claims } from "./json.ts"

/**
 * Objects of an action that were removed on purpose, in `released/<key>.json`: the action still counts as done, and is
 * executed again only where somebody needs their bytes.
 *
 * Only bytes that are no table are released, such as the weights of a finished training.
 */
export const Released = Schema.Struct({
  key: Digest,
  /** When, as ISO 8601 writes it. */
  when: Schema.String,
  objects: Schema.Array(BlobRef),
})
export type Released = typeof Released.Type

/** A list is that of the key of its name. */
export const releasedClaims: Claims<Released> = {
  refuted: (name, { key }) => (key === name ? undefined : `is that of ${key}`),
  help: "move it away with dag repair; what it named is then made again where it is needed",
}
