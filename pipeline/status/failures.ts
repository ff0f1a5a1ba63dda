import { Effect } from "effect"
import type { JobPlace, JobWait } from "../store/batch.ts"
import type { Failure } from "../store/events.ts"
import { lastWordsOf } from "../store/last-words.ts"
import { readRun, runNames } from "../store/runs.ts"

/** Up to this many of the newest logs are read. */
const most = 50

/** The run in which a node was last executed, where it failed there; undefined where it did not, or no log says so. */
export const lastFailureOf = Effect.fnUntraced(function*(profile: string, node: string) {
  for (const name of (yield* runNames).toReversed().slice(0, most)) {
    const log = yield* readRun(name).pipe(Effect.orElseSucceed(() => undefined))
    if (log === undefined || log.profile !== profile) continue
    if (log.unmade.get(node) === "failed") return log.run
    if (log.keys.has(node)) return undefined
  }
  return undefined
})

/** A run in which an execution failed, and why. */
export interface LastFailure {
  readonly run: string
  readonly failure: Failure
  /** The job of a batch system that it was in, if any. */
  readonly job?: JobPlace
}

/** A run in which an execution did not come to its end: it was interrupted, or killed, or both. */
export interface LastStop {
  readonly run: string
  /** Whether the run said that it was interrupted. */
  readonly isInterrupted: boolean
  /** What it waited for; undefined where it ran. */
  readonly wait: JobWait | undefined
  /** The job of a batch system that it was in, if any. */
  readonly job: JobPlace | undefined
}

/** So many of the newest logs are read, and no more after so many bytes of them: those of long trainings are large. */
const read = { logs: 20, bytes: 2 ** 27 }

/** Of nodes those whose last execution failed with the key that they have now, by name; from the newest logs. */
export const failuresUnder = Effect.fnUntraced(function*(profile: string, keys: ReadonlyMap<string, string>) {
  const found = new Map<string, LastFailure>()
  const open = new Map(keys)
  let bytes = 0
  for (const run of (yield* runNames).toReversed().slice(0, read.logs)) {
    if (open.size === 0 || bytes > read.bytes) break
    const words = yield* Effect.orElseSucceed(lastWordsOf(run), () => undefined)
    bytes += words?.size ?? 0
    if (words?.profile !== profile) continue
    for (const [name, key] of open) {
      const failure = words.failed.get(name)
      if (failure === undefined && !words.made.has(name) && !words.advances.has(name)) continue
      open.delete(name)
      if (failure === undefined || words.failedKeys.get(name) !== key) continue
      const job = words.jobs.get(name)
      found.set(name, { run, failure, ...(job === undefined ? {} : { job }) })
    }
  }
  return found
})

/** The run that last executed the action of a node, where that did not come to its end there; from the newest logs. */
export const stopUnder = Effect.fnUntraced(function*(profile: string, node: string, key: string) {
  let bytes = 0
  for (const run of (yield* runNames).toReversed().slice(0, read.logs)) {
    if (bytes > read.bytes) break
    const words = yield* Effect.orElseSucceed(lastWordsOf(run), () => undefined)
    bytes += words?.size ?? 0
    if (words?.profile !== profile) continue
    const open = words.open.get(node)
    if (open === undefined && !words.made.has(node) && !words.failed.has(node)) continue
    if (open?.key !== key) return undefined
    const isInterrupted = words.outcome === "interrupted"
    return { run, isInterrupted, wait: open.wait, job: words.jobs.get(node) } satisfies LastStop
  }
  return undefined
})
