import { Schema } from "effect"
import { Digest } from "../base/digest.ts"

/** What the root of results holds of one node: the key of its action, and by output the sha256 of what that made. */
export const Leaf = Schema.Struct({
  node: Schema.String,
  key: Digest,
  outputs: Schema.Record(Schema.String, Digest),
})
export type Leaf = typeof Leaf.Type

/** A DSSE envelope: a payload in base64 of which somebody signed exactly these bytes, with the type's name before them. */
export const Envelope = Schema.Struct({
  payloadType: Schema.String,
  payload: Schema.String,
  signatures: Schema.Array(Schema.Struct({ keyid: Schema.String, sig: Schema.String })),
})
export type Envelope = typeof Envelope.Type

/** The results of a profile as somebody signed them, in `signatures/<root>.<key>.json`. */
export const Signed = Schema.Struct({
  profile: Schema.String,
  /** The node that holds the results. */
  node: Schema.String,
  root: Digest,
  /** What the root is over, in its order: the envelope holds the root alone. */
  leaves: Schema.Array(Leaf),
  envelope: Envelope,
  /** The public key, as SPKI in PEM. Whose it is, it does not say. */
  publicKey: Schema.String,
})
export type Signed = typeof Signed.Type

/** The name of the file of a signature. */
export const signatureName = (root: Digest, keyId: Digest): string => `${root.slice(0, 32)}.${keyId.slice(0, 16)}`

/** Whether a name is one of a signature's file. */
export const isSignatureName = (name: string): boolean => /^[0-9a-f]{32}\.[0-9a-f]{16}$/u.test(name)
