import { Effect } from "effect"
import { type Digest, isDigest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { JsonFiles } from "./json.ts"
import type { Objects } from "./objects.ts"
import type { ActionRecord } from "./record.ts"

/** What was made from what: a record of each finished action. */
export interface Records {
  /** The record of an action, where it is there and every object it names is there at its size. */
  readonly hit: (key: Digest) => Effect.Effect<Hit, StoreError>
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined, StoreError>
  /** The keys of all actions that have a record, in their order. */
  readonly keys: Effect.Effect<ReadonlyArray<Digest>, StoreError>
  readonly publishRecord: (record: ActionRecord) => Effect.Effect<void, StoreError>
}

/** What the store knows of a key. */
export type Hit =
  | { readonly _tag: "Hit"; readonly record: ActionRecord }
  | { readonly _tag: "NoRecord" }
  /** The record cannot be read. */
  | { readonly _tag: "Damaged"; readonly problem: string }
  /** An object that the record names is gone, or not of its size. */
  | { readonly _tag: "Incomplete"; readonly record: ActionRecord; readonly digest: Digest }

/** Records in these files, of what is among these objects. */
export const makeRecords = (files: JsonFiles<ActionRecord>, { isThere }: Objects): Records => ({
  hit: Effect.fnUntraced(function*(key) {
    const found = yield* Effect.result(files.read(key))
    if (found._tag === "Failure") return { _tag: "Damaged", problem: found.failure.message }
    const record = found.success
    if (record === undefined) return { _tag: "NoRecord" }
    if (record.key !== key) return { _tag: "Damaged", problem: `is that of ${record.key}` }
    for (const object of [...Object.values(record.outputs), ...record.blobs]) {
      if (!(yield* isThere(object))) return { _tag: "Incomplete", record, digest: object.digest }
    }
    return { _tag: "Hit", record }
  }),
  record: files.read,
  keys: Effect.map(files.names, (keys) => keys.filter(isDigest).toSorted()),
  publishRecord: (record) => files.publish(record.key, record),
})
