import { Effect, Layer } from "effect"
import { Disk } from "../store/disk.ts"
import type { ActionRecord } from "../store/record.ts"
import * as Stores from "../store/store.ts"
import { executeAction } from "./action.ts"
import type { StageOf } from "./program.ts"

const { Store } = Stores

/**
 * Executes a recorded action again in this process and gives the record of what it made.
 *
 * Inputs and code come from the store, verified as they are read. Whatever is made, the record too, goes into a store of
 * its own in the folder `scratch`, so that the two can be compared; the caller removes it. Nothing is written to the
 * store itself. Fails as an execution does: with a StoreError that names `damaged` where an input is damaged, with an
 * InputError where a file of the user is gone or has other bytes, with a StageError where the build lacks the program.
 */
export const executeAgain = Effect.fnUntraced(function*(record: ActionRecord, stageOf: StageOf, scratch: string) {
  const disk = yield* Disk
  const store = yield* Store
  const { key, preImage, node, files, resources, environment: { commit, dirty } } = record
  return yield* Effect.gen(function*() {
    const made = yield* Store
    const isIn = (digest: Parameters<typeof store.objectPath>[0]) =>
      Effect.map(disk.size(store.objectPath(digest)), (size) => size !== undefined)
    const both = Store.of({
      ...made,
      code: store.code,
      readRows: (row, digest, range) =>
        Effect.flatMap(isIn(digest), (isThere) => (isThere ? store : made).readRows(row, digest, range)),
      blobPath: (ref) => Effect.flatMap(isIn(ref.digest), (isThere) => (isThere ? store : made).blobPath(ref)),
    })
    const job = { key, preImage, node, files, resources, environment: { commit, dirty } }
    const stage = yield* Effect.provideService(stageOf(preImage), Store, both)
    return yield* executeAction(stage, job, () => Effect.void, Effect.succeed({ peakMemory: null, log: null })).pipe(
      Effect.provideService(Store, both),
    )
  }).pipe(Effect.provide(Stores.layer(scratch).pipe(Layer.provide(Layer.succeed(Disk, disk)))))
})
