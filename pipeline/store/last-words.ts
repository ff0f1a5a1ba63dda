import { Effect, Exit, Schema } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { Advance } from "../graph/stage.ts"
import type { JobPlace, JobWait } from "./batch.ts"
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
  /** The jobs of a batch system that those were in which failed or did not end. */
  readonly jobs: ReadonlyMap<string, JobPlace>
  /** Nodes that were executed, or waited for that in a queue, and did not end, by name; and how they stood. */
  readonly open: ReadonlyMap<string, Open>
  /** How the run ended; undefined where it was killed or goes on. */
  readonly outcome: Extract<Event, { readonly _tag: "RunFinished" }>["outcome"] | undefined
  /** How far nodes came that did not end, or that failed. */
  readonly advances: ReadonlyMap<string, Advance>
  /** Nodes that ended well. */
  readonly made: ReadonlySet<string>
  /** Bytes of the log. */
  readonly size: number
}

/** A node that did not end, and what it waited for; undefined where it ran. */
interface Open {
  readonly key: string
  readonly wait: JobWait | undefined
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
  const jobs = new Map<string, JobPlace>()
  const open = new Map<string, Open>()
  let profile: string | undefined
  let outcome: LastWords["outcome"]
  const leaveOpen = (node: string, how: Open, job: JobPlace | undefined) => {
    if (made.has(node) || failed.has(node) || open.has(node)) return
    open.set(node, how)
    if (job !== undefined) jobs.set(node, job)
  }
  for (const line of events) {
    if (line._tag !== "Sound" || !isSpoken(line.json)) continue
    // Most lines of a log are steps of trainings, of which the last one counts.
    const [, tag, of] = /^\{[^{]*"_tag":"(NodeProgressed|NodeStarted|NodeQueued)","node":"([^"\\]+)"/u.exec(line.json)
      ?? []
    if (of !== undefined && (made.has(of) || (tag === "NodeProgressed" ? advances : open).has(of))) continue
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
        if (event.job !== undefined) jobs.set(event.node, event.job)
        break
      case "RunFinished":
        outcome = event.outcome
        break
      case "NodeQueued": {
        const { node, key, state, reason, job } = event
        const wait = {
          state,
          ...(reason === undefined ? {} : { reason }),
          ...(job === undefined ? {} : { job }),
        }
        leaveOpen(node, { key, wait }, job)
        break
      }
      case "NodeStarted":
        leaveOpen(event.node, { key: event.key, wait: undefined }, event.job)
        break
      case "NodeProgressed": {
        const { _tag, node, ...advance } = event
        if (!made.has(node) && !advances.has(node)) advances.set(node, advance)
        break
      }
      case "NodesCached":
        for (const node of event.nodes) if (!failed.has(node)) made.add(node)
        break
      case "NodeSucceeded":
      case "NodeCached":
        if (!failed.has(event.node)) made.add(event.node)
    }
  }
  return profile === undefined
    ? undefined
    : { profile, failed, failedKeys, jobs, open, outcome, advances, made, size: log.length }
}

const isSpoken = (json: string): boolean =>
  /"_tag":"(?:RunStarted|RunFinished|NodeQueued|NodeStarted|NodeFailed|NodeProgressed|NodeSucceeded|NodeCached|NodesCached)"/u
    .test(json)
