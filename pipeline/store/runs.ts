import { Effect, Exit, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import type { StoreError } from "../base/errors.ts"
import { type Line, linesOf } from "./chain.ts"
import { Disk } from "./disk.ts"
import { Event } from "./events.ts"
import type { Read } from "./json.ts"
import { Store } from "./store.ts"

/** What the log of a run says. */
export interface RunLog {
  readonly run: string
  /** When it started, as ISO 8601 writes it. */
  readonly started: string
  readonly profile: string
  readonly selectors: ReadonlyArray<string>
  /** How many nodes it was to bring up to date. */
  readonly nodes: number
  /** The keys of the nodes that it brought up to date or found so. */
  readonly keys: ReadonlyMap<string, Digest>
  /** Of the nodes that it executed, what each made, by output. */
  readonly made: ReadonlyMap<string, Readonly<Record<string, Digest>>>
  /** Why nodes got no artifact. */
  readonly unmade: ReadonlyMap<string, string>
  /** How it ended; undefined where it was killed or still runs. */
  readonly outcome: Extract<Event, { readonly _tag: "RunFinished" }>["outcome"] | undefined
  readonly executed: number
  readonly cached: number
  /** The numbers of lines, from 1, that are not what was written, or before which some are gone. They count for nothing. */
  readonly damaged: ReadonlyArray<number>
}

/** A log has a line for every step of every training, and is read as one text, in bytes. */
const LARGEST_LOG = 2 ** 29

const decode = Schema.decodeUnknownExit(Event)

/** What a line of a log says, and when it was written; undefined where it is not one. */
const parse = (line: Line | undefined): { readonly event: Event; readonly at: string } | undefined => {
  if (line?._tag !== "Sound") return undefined
  const value: unknown = JSON.parse(line.json)
  const decoded = decode(value)
  if (Exit.isFailure(decoded)) return undefined
  const at = typeof value === "object" && value !== null && "at" in value ? value.at : undefined
  return { event: decoded.value, at: typeof at === "string" ? at : "" }
}

/** What a log says of a run; undefined where it does not begin as one does. */
export const runOf = (run: string, log: Buffer): RunLog | undefined => {
  const found = lookRun(run, log)
  return found._tag === "Sound" ? found.value : undefined
}

/** The same, which tells apart why a log does not begin as one does. */
export const lookRun = (run: string, log: Buffer): Read<RunLog> => {
  const lines = linesOf(run, log)
  // The process was killed before it wrote a line.
  if (lines.length === 0) return { _tag: "Absent" }
  const first = parse(lines[0])
  if (first?.event._tag !== "RunStarted") {
    return lines[0]?._tag === "Foreign"
      ? { _tag: "Foreign", problem: "was written by another program, or by an older version of redag" }
      : { _tag: "Damaged", problem: "does not begin as a log does" }
  }
  const { profile, selectors, nodes } = first.event
  const keys = new Map<string, Digest>()
  const made = new Map<string, Readonly<Record<string, Digest>>>()
  const unmade = new Map<string, string>()
  let outcome: RunLog["outcome"]
  const executed = new Set<string>()
  // A node may end several times: what it took may be found damaged later, and is made again. The last time counts.
  const end = (node: string) => {
    keys.delete(node)
    unmade.delete(node)
    executed.delete(node)
  }
  const damaged: Array<number> = []
  for (const line of lines.slice(1)) {
    // Most lines of a long training; nothing of them lasts.
    if (line._tag === "Sound" && line.json.includes("\"_tag\":\"NodeProgressed\"")) continue
    const event = parse(line)?.event
    switch (event?._tag) {
      case undefined:
        damaged.push(line.number)
        break
      case "NodeCached":
        end(event.node)
        keys.set(event.node, event.key)
        break
      case "NodesCached":
        for (const [index, key] of event.keys.entries()) keys.set(event.nodes[index] ?? "", key)
        break
      case "NodeSucceeded":
        end(event.node)
        keys.set(event.node, event.key)
        if (event.digests !== undefined) made.set(event.node, event.digests)
        if (!event.shared) executed.add(event.node)
        break
      case "NodeFailed":
        end(event.node)
        unmade.set(event.node, "failed")
        break
      case "NodeMissing":
        end(event.node)
        unmade.set(event.node, "lacked files")
        break
      case "NodeBlocked":
        end(event.node)
        unmade.set(event.node, "depended on what failed or lacked files")
        break
      case "NodeUnneeded":
        end(event.node)
        unmade.set(event.node, "was not needed")
        break
      case "RunFinished":
        outcome = event.outcome
        break
      case "RunStarted":
      case "NodeQueued":
      case "NodeStarted":
      case "NodeRetried":
      case "NodeProgressed":
      case "NodeElsewhere":
      case "ObjectDamaged":
        break
    }
  }
  const { at: started } = first
  const cached = keys.size - executed.size
  return {
    _tag: "Sound",
    value: {
      run,
      started,
      profile,
      selectors,
      nodes,
      keys,
      made,
      unmade,
      outcome,
      executed: executed.size,
      cached,
      damaged,
    },
  }
}

/** The names of the runs that left a log in the store, in the order of their starts. */
export const runNames = Effect.gen(function*() {
  const disk = yield* Disk
  const store = yield* Store
  const { folder, nameOf } = store.layout.runs
  return (yield* disk.list(folder)).map(nameOf).filter((name) => name !== undefined).sort()
})

/** The log of a run, or why it does not begin as one does. */
export const lookLog = Effect.fnUntraced(
  function*(run: string): Effect.fn.Return<Read<RunLog>, StoreError, Store | Disk> {
    const disk = yield* Disk
    const store = yield* Store
    const log = yield* disk.readBytes(store.layout.runs.path(run), LARGEST_LOG)
    return log === undefined ? { _tag: "Absent" } : lookRun(run, log)
  },
)

/** The log of a run; undefined where there is none, or it does not begin as one does. */
export const readRun = (run: string): Effect.Effect<RunLog | undefined, StoreError, Store | Disk> =>
  Effect.map(lookLog(run), (found) => (found._tag === "Sound" ? found.value : undefined))

/** All runs that left a log that can be read, by their start. */
export const allRuns = Effect.gen(function*() {
  const read = (name: string) => Effect.orElseSucceed(readRun(name), () => undefined)
  const runs = (yield* Effect.forEach(yield* runNames, read)).filter((run) => run !== undefined)
  return runs.sort((one, other) => (one.started < other.started ? -1 : one.started > other.started ? 1 : 0))
})
