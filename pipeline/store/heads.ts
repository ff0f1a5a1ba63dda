import { Effect, Schema } from "effect"
import { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { JsonFiles } from "./json.ts"

/** Keys by the names of nodes. */
export const HeadFile = Schema.Record(Schema.String, Digest)

/** The action that each node last had, by profile. They only help to say what changed: damaged ones count as none. */
export interface Heads {
  readonly heads: (profile: string) => Effect.Effect<ReadonlyMap<string, Digest>, StoreError>
  /** The profiles that have heads, in their order. */
  readonly profiles: Effect.Effect<ReadonlyArray<string>, StoreError>
  /** Sets the heads of some nodes; those of others stay as they are now, whoever set them. */
  readonly publishHeads: (profile: string, heads: ReadonlyMap<string, Digest>) => Effect.Effect<void, StoreError>
}

/** Heads in these files. */
export const makeHeads = (files: JsonFiles<typeof HeadFile.Type>): Heads => ({
  heads: (profile) => Effect.map(files.readIntact(profile), (heads) => new Map(Object.entries(heads ?? {}))),
  profiles: Effect.map(files.names, (names) => names.toSorted()),
  publishHeads: Effect.fnUntraced(function*(profile, heads) {
    const others = yield* files.readIntact(profile)
    yield* files.publish(profile, { ...others, ...Object.fromEntries(heads) })
  }),
})
