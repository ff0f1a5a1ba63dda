import { Effect } from "effect"
import { jobNameOf } from "../../store/batch.ts"
import { Store } from "../../store/store.ts"
import { Slurm } from "./client.ts"
import { ofThisQueue } from "./origin.ts"

/** How long a controller is waited for that does not answer, in milliseconds. */
const PATIENCE = 20_000

/** One that has just begun may know of nothing yet: it is asked twice, so many milliseconds apart. */
const TWICE = 2000

/**
 * Which of these batches have nothing in the queue, of those that would be seen there from here: of what another user
 * submitted, or what was submitted on another cluster, nothing is known.
 */
export const outOfQueue = Effect.fnUntraced(function*(ids: ReadonlyArray<string>, apart = TWICE) {
  const slurm = yield* Slurm
  const { files } = yield* Store
  const absent = Effect.fnUntraced(function*(among: ReadonlyArray<string>) {
    const present = new Set((yield* slurm.queue(among.map(jobNameOf))).map(({ name }) => name))
    return among.filter((id) => !present.has(jobNameOf(id)))
  })
  const read = yield* Effect.forEach(ids, (id) => Effect.orElseSucceed(files.batches.read(id), () => undefined))
  const seen = yield* ofThisQueue(read.filter((batch) => batch !== undefined))
  const first = yield* absent(seen.map(({ id }) => id))
  if (first.length === 0) return first
  yield* Effect.sleep(apart)
  return yield* absent(first)
}, (found) => found.pipe(Effect.timeout(PATIENCE), Effect.orElseSucceed((): ReadonlyArray<string> => [])))
