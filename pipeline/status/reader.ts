import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { Code } from "../identity/code.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"

/** Reads records and code from the store, each once; what is damaged is as good as gone. */
export interface Reader {
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined>
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined>
}

/** A reader of the store. */
export const makeReader = Effect.gen(function*() {
  const store = yield* Store
  const once = <A>(read: (digest: Digest) => Effect.Effect<A | undefined, unknown>) => {
    const known = new Map<Digest, A | undefined>()
    return Effect.fnUntraced(function*(digest: Digest) {
      if (!known.has(digest)) known.set(digest, yield* Effect.orElseSucceed(read(digest), () => undefined))
      return known.get(digest)
    })
  }
  return { record: once(store.record), code: once(store.code) } satisfies Reader
})
