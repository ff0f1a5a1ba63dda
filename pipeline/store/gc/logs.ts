import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"
import { StoreError } from "../../base/errors.ts"
import type { Disk } from "../disk.ts"
import { lookLog, type RunLog } from "../runs.ts"
import { Store } from "../store.ts"

/** The log of a run; undefined where it holds no line. Fails where a line of it is damaged: nobody knows what that names. */
export const soundLog = Effect.fnUntraced(function*(
  run: string,
): Effect.fn.Return<RunLog | undefined, StoreError, Store | Disk> {
  const { layout } = yield* Store
  const path = layout.runs.path(run)
  const found = yield* lookLog(run)
  if (found._tag === "Absent") return undefined
  if (found._tag === "Sound" && found.value.damaged.length === 0) return found.value
  return yield* new StoreError({
    path,
    message: `${found._tag === "Sound" ? "is damaged" : found.problem}; nobody knows what it keeps`,
    help: found._tag === "Foreign"
      ? "move it away, or collect with the version of redag that wrote it"
      : "run dag repair, then run again",
  })
})

/** The keys of all that some runs have found or made so far. */
export const keysOfRuns = Effect.fnUntraced(function*(
  runs: Iterable<string>,
): Effect.fn.Return<ReadonlySet<Digest>, StoreError, Store | Disk> {
  const keys = new Set<Digest>()
  for (const run of runs) for (const key of (yield* soundLog(run))?.keys.values() ?? []) keys.add(key)
  return keys
})
