import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import { Store } from "../store/store.ts"

/** What an action made that is in the store already: the same bytes, or others, which are a conflict. */
export type Again = "same" | "other"

/**
 * Gives the function that executes an action which the store may have, and says what became of it.
 *
 * The record that was there counts on. One that was accepted for the key counts no more: there is a record of its own now.
 */
export const makeAgain = Effect.gen(function*() {
  const store = yield* Store

  /** When each conflicting record of a key was made. */
  const conflictsOf = Effect.fnUntraced(function*(key: Digest) {
    const own = (yield* store.conflicts).filter(({ name }) => name.startsWith(key))
    return new Map(own.map(({ name, found }) => [name, found._tag === "Sound" ? found.value.started : ""]))
  })

  return Effect.fnUntraced(function*<A, E, R>(key: Digest, execute: Effect.Effect<A, E, R>) {
    const hit = yield* store.hit(key)
    const wasThere = hit._tag === "Hit" && hit.accepted === undefined
    const before = yield* conflictsOf(key)
    const result = yield* execute
    yield* Effect.ignore(store.files.accepted.drop(key))
    const after = yield* conflictsOf(key)
    const isOther = [...after].some(([name, started]) => before.get(name) !== started)
    return { result, again: wasThere ? isOther ? "other" : "same" : undefined } as const
  })
})
