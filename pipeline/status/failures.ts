import { Effect } from "effect"
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
