import { Schema } from "effect"
import { Digest } from "../base/digest.ts"

/** What a user wants to keep, in `pins/<name>.json`: the actions of some nodes and of all that they depend on. */
export const Pin = Schema.Struct({
  /** When it was set, as ISO 8601 writes it. */
  created: Schema.String,
  profile: Schema.String,
  /** The nodes that were named. */
  nodes: Schema.Array(Schema.String),
  /** By node, the key of the action that it had. */
  keys: Schema.Record(Schema.String, Digest),
})
export type Pin = typeof Pin.Type

/** Whether a word can be the name of a pin. */
export const isPinName = (name: string): boolean => /^\w[\w.-]{0,99}$/u.test(name)
