import { Effect } from "effect"
import type { Digest } from "../../base/digest.ts"

/**
 * The warning of a job's time limit, which Slurm gives up to a minute early. What can save stops then, and goes on in
 * another job; what cannot would lose all that it did, and goes on to the limit.
 */
export const makeWarning = () => {
  /** What can save. */
  const savers = new Set<Digest>()
  const stopping = new Map<Digest, () => void>()
  let isHeard = false
  let hasStopped = false
  const look = () => {
    if (!isHeard) return
    for (const [key, stop] of stopping) {
      if (!savers.has(key)) continue
      hasStopped = true
      stop()
    }
  }
  return {
    hear: (): void => {
      isHeard = true
      look()
    },
    saves: (key: Digest): void => {
      savers.add(key)
      look()
    },
    /** Ends when the action of a key is to stop, also where it begins to save after the warning. */
    toStop: (key: Digest): Effect.Effect<void> =>
      Effect.callback((resume) => {
        stopping.set(key, () => resume(Effect.void))
        look()
        return Effect.sync(() => void stopping.delete(key))
      }),
    /** Whether any was stopped: nothing more is to begin in this job. */
    hasStopped: (): boolean => hasStopped,
  }
}
export type Warning = ReturnType<typeof makeWarning>
