import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { Store } from "../store.ts"
import type { Ledger } from "../verify/ledger.ts"
import { type Named, namedFiles } from "../verify/walk.ts"

/** For so long a job may wait that another user submitted, or that is on another cluster, in milliseconds: 90 days. */
const LONGEST = 90 * 86_400_000

/**
 * What was handed to a batch system, and what its tasks said, that no job can need any more. A job that waits reads its
 * batch when it begins, which may be months later: a batch stays whose submitter may live, and one that may be in the queue,
 * also where all that it is of is recorded, as the next run cancels by it what waits. Where the queue does not show what it
 * has of a batch, it may be there for {@link LONGEST}.
 */
export const batchesOver = Effect.fnUntraced(function*(
  /** Those that are in no queue, as the batch system says. */
  outOfQueue: ReadonlySet<string>,
  now: number,
  isRecorded: (key: Digest) => boolean,
  isOld: (file: Named) => boolean,
  ledger: Ledger,
): Effect.fn.Return<
  { readonly batches: ReadonlyArray<Named>; readonly tasks: ReadonlyArray<Named> },
  StoreError,
  Store | Disk
> {
  const { layout, files, processes } = yield* Store
  // First: a batch stands before its tasks say anything.
  const logs = yield* namedFiles(layout.tasks, "task log", ledger)
  const all = yield* namedFiles(layout.batches, "batch", ledger)
  const read = yield* Effect.forEach(all, (file) =>
    Effect.map(
      Effect.orElseSucceed(files.batches.read(file.name), () => undefined),
      (batch) => ({ file, batch }),
    ))
  const dead = yield* processes.deadAmong(read.flatMap(({ batch }) => batch?.submitter ?? []))
  const over = read.filter(({ file, batch }) => {
    // No job can read it.
    if (batch === undefined) return isOld(file)
    if (!dead.has(batch.submitter)) return false
    if (!outOfQueue.has(batch.id) && file.stat.changed >= now - LONGEST) return false
    return isOld(file)
      || batch.tasks.every(({ jobs }) => jobs.every(({ job: { key }, again }) => !again && isRecorded(key)))
  })
  const gone = new Set(over.map(({ file }) => file))
  const staying = new Set(all.filter((file) => !gone.has(file)).map(({ name }) => name))
  return {
    batches: [...gone],
    tasks: logs.filter(({ name }) => !staying.has(name.replace(/\..*$/u, ""))),
  }
})
