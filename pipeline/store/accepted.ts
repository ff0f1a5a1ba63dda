import { Effect, Schema } from "effect"
import { canonical } from "../base/canonical.ts"
import { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { keyOf } from "../identity/fingerprint.ts"
import { PreImage } from "../identity/pre-image.ts"
import type { Hit } from "./hit.ts"
import type { Claims, JsonFiles } from "./json.ts"
import type { ActionRecord } from "./record.ts"

/**
 * A difference that a user declared to change nothing, in `accepted/<key>.json`: what an action of this key would make
 * is what another one made.
 *
 * It says nothing of any other key, so that the next change counts. It counts again where a user goes back to this key,
 * until it is taken back.
 */
export const Accepted = Schema.Struct({
  key: Digest,
  preImage: PreImage,
  /** The key of the action whose outputs stand for those of this one. */
  as: Digest,
  node: Schema.String,
  profile: Schema.String,
  reason: Schema.String,
  /** What differs between the two actions, in words. */
  differences: Schema.Array(Schema.String),
  /** When, as ISO 8601 writes it. */
  when: Schema.String,
  /** The project's commit, null outside git; `dirty` where files differed from it. */
  commit: Schema.NullOr(Schema.String),
  dirty: Schema.Boolean,
})
export type Accepted = typeof Accepted.Type

/** An acceptance proves its key, as a record does. */
export const acceptedClaims: Claims<Accepted> = {
  refuted: (name, { key, preImage }) =>
    key !== name
      ? `is that of ${key}`
      : keyOf(preImage) === key
      ? undefined
      : "is damaged: its key is not that of what was accepted",
  help: "move it away with dag repair; the node is then executed, or accept it again with dag accept",
}

/** What the store knows of a key, with what was accepted for it. */
export type Standing = Exclude<Hit, { readonly _tag: "Hit" }> | {
  readonly _tag: "Hit"
  /** The record of the key itself, or of the key whose outputs were accepted for it. */
  readonly record: Extract<Hit, { readonly _tag: "Hit" }>["record"]
  readonly released?: ReadonlyArray<Digest>
  readonly accepted?: Accepted
}

/** Whether what an action made can be read as what the accepted one would make. */
const fits = ({ preImage }: Accepted, record: ActionRecord): boolean =>
  canonical(preImage.outputs) === canonical(record.preImage.outputs)

/**
 * What the store knows of keys: the one place where what was accepted counts.
 *
 * A key's own record counts before anything that was accepted for it. What was accepted counts only while the record
 * that it names is sound and complete.
 */
export const withAccepted = (files: JsonFiles<Accepted>, hit: (key: Digest) => Effect.Effect<Hit, StoreError>) =>
  Effect.fnUntraced(function*(key: Digest): Effect.fn.Return<Standing, StoreError> {
    const own = yield* hit(key)
    if (own._tag !== "NoRecord") return own
    const accepted = yield* files.readIntact(key)
    if (accepted === undefined) return own
    const other = yield* hit(accepted.as)
    return other._tag === "Hit" && fits(accepted, other.record) ? { ...other, accepted } : own
  })
