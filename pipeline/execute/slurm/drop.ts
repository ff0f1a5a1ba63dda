import { Effect } from "effect"
import { type Batch, taskName } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import { queueFileName } from "./queue-file.ts"

/** Removes what a batch left in the store, once nobody can wait for any of its tasks. */
export const dropBatch = Effect.fnUntraced(function*({ id, tasks: { length } }: Batch) {
  const { files, layout } = yield* Store
  const disk = yield* Disk
  yield* files.batches.drop(id)
  yield* disk.remove(layout.tasks.path(queueFileName(id)))
  for (let index = 0; index < length; index++) yield* disk.remove(layout.tasks.path(taskName(id, index)))
}, (dropped) => Effect.ignore(dropped))
