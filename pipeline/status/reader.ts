import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import type { Code } from "../identity/code.ts"
import type { Read } from "../store/json.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"

/** Reads records and code from the store, each once; what is damaged is as good as gone. */
export interface Reader {
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined, StoreError>
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined, StoreError>
}

/** A reader of the store. Fails only where the file system does. */
export const makeReader = Effect.gen(function*() {
  const store = yield* Store
  const once = <A>(look: (digest: Digest) => Effect.Effect<Read<A>, StoreError>) => {
    const known = new Map<Digest, A | undefined>()
    return Effect.fnUntraced(function*(digest: Digest) {
      const before = known.get(digest)
      if (before !== undefined || known.has(digest)) return before
      const found = yield* look(digest)
      const value = found._tag === "Sound" ? found.value : undefined
      known.set(digest, value)
      return value
    })
  }
  return { record: once(store.lookRecord), code: once(store.lookCode) } satisfies Reader
})
