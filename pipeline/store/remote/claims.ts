import { Exit, Schema } from "effect"
import { type Digest, isDigest } from "../../base/digest.ts"
import { LONGEST } from "../heartbeat.ts"
import { names } from "./names.ts"

/** What stands at a lease's name in a remote: who is at work on an action. It never changes. */
export const Claim = Schema.Struct({
  owner: Schema.String,
  /** Tells apart what one owner claims under one name, one time and another. */
  nonce: Schema.String,
  /** The node that it is for, by the name that it has there. */
  node: Schema.String,
  host: Schema.String,
  run: Schema.NullOr(Schema.String),
  /** Since when, by the owner's own clock, as ISO 8601 writes it: for people. */
  since: Schema.String,
})
export type Claim = typeof Claim.Type

/** What an owner says of itself in a remote, again and again, while it has claims. */
export const Pulse = Schema.Struct({
  host: Schema.String,
  /** Counts the beats: two that differ show that it lived between. */
  beat: Schema.Natural,
  /** When, by the owner's own clock, as ISO 8601 writes it: for people. */
  at: Schema.String,
  /** For how many seconds without a beat it still counts as living. */
  seconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: LONGEST })),
  /** The names of its claims, also of those that it is about to write. */
  claims: Schema.Array(Schema.String),
})
export type Pulse = typeof Pulse.Type

/** No claim has more bytes. */
export const MOST_OF_CLAIM = 1 << 16

/** No pulse has more bytes: an owner may be at work on thousands of actions. */
export const MOST_OF_PULSE = 1 << 20

const reader = <A>(schema: Schema.Codec<A, unknown>) => {
  const decode = Schema.decodeUnknownExit(Schema.fromJsonString(schema))
  return (bytes: Uint8Array): A | undefined => {
    const decoded = decode(Buffer.from(bytes).toString())
    return Exit.isSuccess(decoded) ? decoded.value : undefined
  }
}

/** What the bytes of a claim say; undefined where they are none. */
export const claimOf = reader(Claim)

/** What the bytes of a pulse say; undefined where they are none. */
export const pulseOf = reader(Pulse)

export const bytesOf = (value: Claim | Pulse): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

/** The place of a claim among those of one key: the highest is the one that counts. */
export interface Turn {
  readonly key: Digest
  readonly number: number
}

/** The turn that a name is of; undefined where it is no lease's. */
export const turnOf = (name: string): Turn | undefined => {
  const [, key = "", digits = ""] = /^leases\/([0-9a-f]{64})\.(\d{8})\.json$/u.exec(name) ?? []
  return isDigest(key) ? { key, number: Number(digits) } : undefined
}

export const nameOfTurn = ({ key, number }: Turn): string => names.lease(key, number)
