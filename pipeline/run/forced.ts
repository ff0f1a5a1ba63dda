import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { ActionRecord } from "../store/record.ts"
import { outputsDigest } from "../store/records.ts"
import { Store } from "../store/store.ts"

/**
 * What an action made that is in the store already: the same bytes, or others, which are a conflict, or which count from
 * now on where the run is to replace what was there.
 */
export type Again = "same" | "other" | "replaced"

/** Whether an action, of which objects were gone or damaged, made again what its record names. */
export const againOf = (before: ActionRecord | undefined, made: ActionRecord): "same" | undefined =>
  before !== undefined && outputsDigest(before) === outputsDigest(made) ? "same" : undefined

/**
 * Gives the function that executes an action which the store may have, and says what became of it.
 *
 * The record that was there counts on, unless other bytes are to `replace` it: then it is the conflict. One that was
 * accepted for the key counts no more: there is a record of its own now.
 */
export const makeForced = Effect.fnUntraced(function*(replace: boolean) {
  const store = yield* Store

  /** The conflicting records of a key, undefined for one that cannot be read. */
  const conflictsOf = Effect.fnUntraced(function*(key: Digest) {
    const own = (yield* store.conflicts).filter(({ name }) => name.startsWith(key))
    return new Map(own.map(({ name, found }) => [name, found._tag === "Sound" ? found.value : undefined]))
  })

  return Effect.fnUntraced(function*<E, R>(key: Digest, execute: Effect.Effect<ActionRecord, E, R>) {
    const hit = yield* store.hit(key)
    const wasThere = hit._tag === "Hit" && hit.accepted === undefined
    const before = yield* conflictsOf(key)
    const result = yield* execute
    yield* Effect.ignore(store.files.accepted.drop(key))
    const after = yield* conflictsOf(key)
    const other = [...after].find(([name, record]) => before.get(name)?.started !== record?.started)?.[1]
    if (!wasThere) return { result, again: undefined }
    if (other === undefined) return { result, again: "same" as const }
    if (!replace) return { result, again: "other" as const }
    yield* store.preferRecord(other)
    return { result: other, again: "replaced" as const }
  })
})
