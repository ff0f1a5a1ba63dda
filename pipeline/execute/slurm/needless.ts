import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import { type Batch, jobNameOf } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import type { Queued } from "./answers.ts"
import { hear } from "./hear.ts"
import { taskOf } from "./submit.ts"
import { openJobs } from "./task.ts"

/**
 * Which of these jobs have nothing left to do: all that such a task was to execute is recorded, or was told of as failed.
 *
 * What had a record before it was submitted has to be executed again: it is done where this engine saw that, by `isSettled`.
 */
export const needlessOf = Effect.fnUntraced(function*(
  queued: ReadonlyArray<Queued>,
  batches: ReadonlyArray<Batch>,
  isSettled: (key: Digest) => boolean,
) {
  const store = yield* Store
  const disk = yield* Disk
  const named = new Map(batches.map((batch) => [jobNameOf(batch.id), batch]))
  const found: Array<Queued> = []
  if (queued.length === 0) return found
  // Listed first: a file that is asked for by its name may be remembered as absent.
  yield* disk.list(store.layout.records.folder)
  for (const each of queued) {
    const batch = named.get(each.name)
    const index = each.task ?? 0
    if (batch?.tasks[index] === undefined) continue
    const task = yield* taskOf(batch, index)
    for (const said of yield* task.said) yield* hear(task, said, () => Effect.void)
    let isNeedless = true
    for (const { job: { key }, again } of openJobs(task)) {
      if (isSettled(key)) continue
      const hit = again ? undefined : yield* store.hit(key)
      isNeedless = hit?._tag === "Hit" && hit.accepted === undefined
      if (!isNeedless) break
    }
    if (isNeedless) found.push(each)
  }
  return found
})
