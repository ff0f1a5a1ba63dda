import { Context, Effect } from "effect"
import { unremembered } from "../graph/hashing.ts"
import { Store } from "../store/store.ts"

/** Whether a plan hashes every file that a node reads, whatever is remembered of it. */
export const HashesFiles = Context.Reference<boolean>("redag/HashesFiles", { defaultValue: () => false })

/** Where a plan takes the digests of files from. */
export const digestsNow = Effect.gen(function*() {
  return (yield* HashesFiles) ? unremembered : (yield* Store).digests
})
