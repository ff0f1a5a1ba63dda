import { Context, Effect, Layer } from "effect"
import type { Digest } from "../base/digest.ts"
import { Disk } from "./disk.ts"
import { newOwner } from "./owner.ts"
import * as Stores from "./store.ts"

const { Store } = Stores

/** Where something is executed apart from the store: what is made goes into one folder, inputs come from another. */
export interface Apart {
  readonly scratch: string
  /** The folder of the store. */
  readonly behind: string
  /** The address of the remote behind that. */
  readonly remote?: string | undefined
}

/**
 * A store of its own in the folder `scratch`, which takes tables, blobs and code from the store in the folder `behind`,
 * verified as they are read. Nothing is written there, but for a hint at an object that is found damaged.
 */
export const layer = ({ scratch, behind, remote }: Apart, owner = newOwner()): Layer.Layer<Stores.Store, never, Disk> =>
  Layer.effect(
    Store,
    Effect.gen(function*() {
      const disk = yield* Disk
      const made = Context.get(yield* Layer.build(Stores.layer(scratch, owner)), Store)
      const store = Context.get(yield* Layer.build(Stores.layer(behind, owner, remote)), Store)
      // What an execution reads of what it has made itself, before it ends.
      const holderOf = (digest: Digest) =>
        Effect.map(disk.size(made.objectPath(digest)), (size) => size === undefined ? store : made)
      return Store.of({
        ...made,
        remote: store.remote,
        // What the store has is not asked for again.
        replies: {
          ...made.replies,
          find: (request) =>
            Effect.flatMap(
              store.replies.find(request),
              (found) => found === undefined ? made.replies.find(request) : Effect.succeed(found),
            ),
        },
        code: store.code,
        lookCode: store.lookCode,
        readRows: (row, digest, range) =>
          Effect.flatMap(holderOf(digest), ({ readRows }) => readRows(row, digest, range)),
        sharedRows: (row, digest) => Effect.flatMap(holderOf(digest), ({ sharedRows }) => sharedRows(row, digest)),
        blobPath: (ref) => Effect.flatMap(holderOf(ref.digest), ({ blobPath }) => blobPath(ref)),
      })
    }),
  )
