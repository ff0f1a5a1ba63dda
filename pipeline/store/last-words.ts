import { Effect, Exit, Schema } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Advance } from "../graph/stage.ts"
import { linesOf } from "./chain.ts"
import { Disk } from "./disk.ts"
import { Event, type Failure } from "./events.ts"
import { Store } from "./store.ts"

/** What the log of a run says last of nodes that it did not bring to their end. */
export interface LastWords {
  readonly profile: string
  /** Why nodes failed. */
  readonly failed: ReadonlyMap<string, Failure>
  /** What key those that were executed and failed had. */
  readonly failedKeys: ReadonlyMap<string, string>
  /** How far nodes came that did not end, or that failed. */
  readonly advances: ReadonlyMap<string, Advance>
  /** Nodes that ended well. */
  readonly made: ReadonlySet<string>
  /** Bytes of the log. */
  readonly size: number
}

/** A log has a line for every step of every training, and is read as one text, in bytes. */
const LARGEST_LOG = 2 ** 29

const decode = Schema.decodeUnknownExit(Event)

/** The last words of a run; undefined where there is no log of it, or it does not begin as one does. */
export const lastWordsOf = Effect.fnUntraced(
  function*(run: string): Effect.fn.Return<LastWords | undefined, StoreError, Store | Disk> {
    const disk = yield* Disk
    const store = yield* Store
    const log = yield* disk.readBytes(store.layout.runs.path(run), LARGEST_LOG)
    return log === undefined ? undefined : lastWordsIn(run, log)
  },
)

const lastWordsIn = (run: string, log: Buffer): LastWords | undefined => {
  const events = linesOf(run, log).toReversed()
  const failed = new Map<string, Failure>()
  const failedKeys = new Map<string, string>()
  const advances = new Map<string, Advance>()
  const made = new Set<string>()
  let profile: string | undefined
  for (const line of events) {
    if (line._tag !== "Sound" || !isSpoken(line.json)) continue
    // Most lines of a log are steps of trainings, of which the last one counts.
    const stepOf = /^\{[^{]*"_tag":"NodeProgressed","node":"([^"\\]+)"/u.exec(line.json)?.[1]
    if (stepOf !== undefined && (advances.has(stepOf) || made.has(stepOf))) continue
    const decoded = decode(JSON.parse(line.json))
    if (Exit.isFailure(decoded)) continue
    const event = decoded.value
    switch (event._tag) {
      case "RunStarted":
        profile = event.profile
        break
      case "NodeFailed":
        if (made.has(event.node) || failed.has(event.node)) break
        failed.set(event.node, event.failure)
        if (event.key !== null) failedKeys.set(event.node, event.key)
        break
      case "NodeProgressed": {
        const { _tag, node, ...advance } = event
        if (!made.has(node) && !advances.has(node)) advances.set(node, advance)
        break
      }
      case "NodeSucceeded":
      case "NodeCached":
        if (!failed.has(event.node)) made.add(event.node)
    }
  }
  return profile === undefined ? undefined : { profile, failed, failedKeys, advances, made, size: log.length }
}

const isSpoken = (json: string): boolean =>
  /"_tag":"(?:RunStarted|NodeFailed|NodeProgressed|NodeSucceeded|NodeCached)"/u.test(json)
