import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { Batch } from "../../store/batch.ts"
import { Disk } from "../../store/disk.ts"
import { Store } from "../../store/store.ts"
import type { InQueueNow } from "../executor.ts"
import { hear } from "./hear.ts"
import { lookedIn, type QueueFile, readQueueFile } from "./queue-file.ts"
import { noteLooked, placeOf, waitOf } from "./stand.ts"
import { taskOf } from "./submit.ts"
import type { Task } from "./task.ts"

/** A batch that somebody submitted, as far as this process has seen it. */
interface Seen {
  /** The task that each of its actions is in. */
  readonly taskOf: ReadonlyMap<Digest, number>
  readonly batch: Batch | undefined
  readonly tasks: Map<number, Task>
}

/**
 * Looks at actions that any engine handed to Slurm, by what those who execute them say in the store: Slurm itself is not
 * asked. What is read once is not read again.
 */
export const makeLookAtQueued = () => {
  const seen = new Map<string, Seen>()
  return Effect.fnUntraced(function*(keys: Iterable<Digest>) {
    const found = new Map<Digest, InQueueNow>()
    const { files } = yield* Store
    const names: ReadonlyArray<string> = yield* Effect.orElseSucceed(files.batches.names, () => [])
    for (const id of seen.keys()) if (!names.includes(id)) seen.delete(id)
    if (names.length === 0) return found
    for (const id of names) {
      if (seen.has(id)) continue
      const batch = yield* Effect.orElseSucceed(files.batches.read(id), () => undefined)
      const taskOf = new Map(
        batch?.tasks.flatMap(({ jobs }, index) => jobs.map(({ job: { key } }) => [key, index] as const)),
      )
      seen.set(id, { batch, taskOf, tasks: new Map() })
    }
    // What was submitted last is what counts.
    const batches = [...seen.values()].toSorted(byBegin).toReversed()
    const looked = new Set<Task>()
    const queues = new Map<string, QueueFile | undefined>()
    for (const key of keys) {
      const own = batches.find(({ taskOf }) => taskOf.has(key))
      const index = own?.taskOf.get(key)
      if (own?.batch === undefined || index === undefined) continue
      const task = own.tasks.get(index) ?? (yield* taskOf(own.batch, index))
      own.tasks.set(index, task)
      if (!looked.has(task)) {
        looked.add(task)
        const { id } = own.batch
        if (!queues.has(id)) queues.set(id, yield* readQueueFile(id))
        yield* update(task, queues.get(id))
      }
      if (task.over !== undefined || task.ended.has(key)) continue
      const wait = waitOf(task, key)
      const since = wait === undefined ? task.began.get(key) : undefined
      found.set(key, { job: placeOf(task), run: own.batch.run, wait, since, advance: task.advances.get(key) })
    }
    return found
  })
}

const byBegin = ({ batch: one }: Seen, { batch: other }: Seen): number => {
  const [first = "", second = ""] = [one?.began, other?.began]
  return first < second ? -1 : first > second ? 1 : 0
}

/** Takes note of what was said of a task since the last time, and of what the queue said last. */
const update = Effect.fnUntraced(function*(
  task: Task,
  file: QueueFile | undefined,
): Effect.fn.Return<void, never, Store | Disk> {
  for (const said of yield* Effect.orElseSucceed(task.said, () => [])) yield* hear(task, said, () => Effect.void)
  if (file === undefined) return
  task.array = file.job
  const looked = lookedIn(file, task.index, task.begins)
  if (looked === undefined) task.looked = undefined
  else noteLooked(task, looked, Infinity)
})
