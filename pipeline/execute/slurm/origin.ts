import { Effect } from "effect"
import type { Batch } from "../../store/batch.ts"
import { Slurm } from "./client.ts"

/** To which cluster this process hands batches, and as which user; left out where that cannot be known. */
export const origin = Effect.gen(function*() {
  const slurm = yield* Slurm
  const { cluster } = yield* Effect.orElseSucceed(slurm.limits, () => ({ cluster: "" }))
  const user = process.getuid?.()
  return { ...(cluster === "" ? {} : { cluster }), ...(user === undefined ? {} : { user }) }
})

/**
 * Those of these batches that are out of the queue where this process does not see them there: it sees jobs of one cluster,
 * and on some (PrivateData) those of one user. Of the others the queue here says nothing.
 */
export const ofThisQueue = Effect.fnUntraced(function*(batches: ReadonlyArray<Batch>) {
  const { cluster, user } = yield* origin
  if (cluster === undefined || user === undefined) return []
  return batches.filter((batch) => batch.cluster === cluster && batch.user === user)
})
