import { Effect, Exit, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import { Disk } from "./disk.ts"
import { Event } from "./events.ts"
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
  /** Lines that cannot be read, as a crash may leave one at the end. */
  readonly damaged: number
}

const decode = Schema.decodeUnknownExit(Event)

/** A line of a log, and when it was written; undefined where it is not one. */
const parse = (line: string): { readonly event: Event; readonly at: string } | undefined => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const decoded = decode(value)
  if (Exit.isFailure(decoded)) return undefined
  const at = typeof value === "object" && value !== null && "at" in value ? value.at : undefined
  return { event: decoded.value, at: typeof at === "string" ? at : "" }
}

/** What a log says of a run; undefined where it does not begin as one does. */
export const runOf = (run: string, text: string): RunLog | undefined => {
  const lines = text.split("\n").filter((line) => line !== "")
  const first = parse(lines[0] ?? "")
  if (first?.event._tag !== "RunStarted") return undefined
  const { profile, selectors, nodes } = first.event
  const keys = new Map<string, Digest>()
  const made = new Map<string, Readonly<Record<string, Digest>>>()
  const unmade = new Map<string, string>()
  let outcome: RunLog["outcome"]
  let executed = 0
  let damaged = 0
  for (const line of lines.slice(1)) {
    // Most lines of a long training; nothing of them lasts.
    if (line.includes("\"_tag\":\"NodeProgressed\"")) continue
    const event = parse(line)?.event
    switch (event?._tag) {
      case undefined:
        damaged++
        break
      case "NodeCached":
        keys.set(event.node, event.key)
        break
      case "NodeSucceeded":
        keys.set(event.node, event.key)
        if (event.digests !== undefined) made.set(event.node, event.digests)
        if (!event.shared) executed++
        break
      case "NodeFailed":
        unmade.set(event.node, "failed")
        break
      case "NodeMissing":
        unmade.set(event.node, "lacked files")
        break
      case "NodeBlocked":
        unmade.set(event.node, "depended on what failed or lacked files")
        break
      case "RunFinished":
        outcome = event.outcome
        break
      case "RunStarted":
      case "NodeStarted":
      case "NodeProgressed":
        break
    }
  }
  const { at: started } = first
  const cached = keys.size - executed
  return { run, started, profile, selectors, nodes, keys, made, unmade, outcome, executed, cached, damaged }
}

/** The names of the runs that left a log in the store, in the order of their starts. */
export const runNames = Effect.gen(function*() {
  const disk = yield* Disk
  const store = yield* Store
  const { folder, nameOf } = store.layout.runs
  return (yield* disk.list(folder)).map(nameOf).filter((name) => name !== undefined).sort()
})

/** The log of a run; undefined where there is none, or it does not begin as one does. */
export const readRun = Effect.fnUntraced(function*(run: string) {
  const disk = yield* Disk
  const store = yield* Store
  const text = yield* disk.read(store.layout.runs.path(run))
  return text === undefined ? undefined : runOf(run, text)
})

/** All runs that left a log that can be read, by their start. */
export const allRuns = Effect.gen(function*() {
  const read = (name: string) => Effect.orElseSucceed(readRun(name), () => undefined)
  const runs = (yield* Effect.forEach(yield* runNames, read)).filter((run) => run !== undefined)
  return runs.sort((one, other) => (one.started < other.started ? -1 : one.started > other.started ? 1 : 0))
})
