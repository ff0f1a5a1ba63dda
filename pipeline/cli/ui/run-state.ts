import { Exit, Schema } from "effect"
import type { Line } from "../../store/chain.ts"
import { Event } from "../../store/events.ts"
import { gpusHeldText, jobElsewhereText } from "../text/holder.ts"
import { waitText } from "../text/queue.ts"
import type { RunMessage, RunNode, RunSummary } from "./messages.ts"

const decode = Schema.decodeUnknownExit(Event)

/** So many of the last levels of a node are shown. */
const LEVELS = 120

/** What the log of one run says so far, line by line. */
export class RunState {
  readonly #run: string
  #started = ""
  #profile = ""
  #selectors: ReadonlyArray<string> = []
  #nodes = 0
  #end: Extract<Event, { readonly _tag: "RunFinished" }> | undefined
  readonly #own = new Map<string, RunNode>()
  /** Nodes that changed since they were last taken. */
  readonly #changed = new Set<string>()

  constructor(run: string) {
    this.#run = run
  }

  /** Takes a line of the log; one that is damaged, or of another kind, says nothing. */
  take(line: Line): void {
    if (line._tag !== "Sound") return
    const value = JSON.parse(line.json) as { readonly at?: unknown }
    const decoded = decode(value)
    if (Exit.isSuccess(decoded)) this.#hear(decoded.value, typeof value.at === "string" ? value.at : "")
  }

  #hear(event: Event, at: string): void {
    switch (event._tag) {
      case "RunStarted":
        this.#started = at
        this.#profile = event.profile
        this.#selectors = event.selectors
        this.#nodes = event.nodes
        return
      case "RunFinished":
        this.#end = event
        return
      case "NodeCached":
        return this.#set({ node: event.node, state: "up to date" })
      case "NodesCached":
        for (const node of event.nodes) this.#set({ node, state: "up to date" })
        return
      case "NodeQueued":
        return this.#set({ ...this.#own.get(event.node), node: event.node, state: "waiting", message: waitText(event) })
      case "NodeStarted": {
        const { node, resources: { cpu, memory, gpu } } = event
        return this.#set({ node, state: "running", started: at, cpu, memory, gpu })
      }
      case "NodeProgressed": {
        const { node, done, total, unit, note, level } = event
        const before = this.#own.get(node)
        const levels = [...before?.levels ?? [], ...(level === undefined ? [] : [level])].slice(-LEVELS)
        return this.#set({
          ...(before ?? { node, state: "running" }),
          done,
          total,
          unit,
          ...(note === undefined ? {} : { note }),
          ...(levels.length === 0 ? {} : { levels }),
        })
      }
      case "NodeSucceeded": {
        const { node, milliseconds } = event
        return this.#set({ ...this.#own.get(node), node, state: "done", milliseconds })
      }
      case "NodeRetried":
        return this.#set({
          ...(this.#own.get(event.node) ?? { node: event.node }),
          state: "running",
          message: `attempt ${event.attempt} of ${event.of} follows: ${event.failure.message}`,
        })
      case "NodeFailed":
        return this.#set({
          ...this.#own.get(event.node),
          node: event.node,
          state: "failed",
          message: `${event.failure.message}\nhelp: ${event.failure.help}`,
        })
      case "NodeMissing":
        return this.#set({ node: event.node, state: "missing", message: `${event.title}: ${event.names.join(", ")}` })
      case "NodeBlocked":
        return this.#set({ node: event.node, state: "blocked", message: `by ${event.by}` })
      case "NodeUnneeded":
        return this.#set({ node: event.node, state: "unneeded" })
      case "NodeElsewhere":
        return this.#set({
          node: event.node,
          state: "waiting",
          message: event.job === undefined
            ? `another run executes it (process ${event.pid})`
            : jobElsewhereText({ ...event, job: event.job }),
        })
      case "NodeWaits":
        return this.#set({ node: event.node, state: "waiting", message: gpusHeldText(event.gpus) })
      case "ObjectDamaged":
        return this.#set({ node: event.node, state: "waiting", message: "what it takes is damaged, and is made again" })
    }
  }

  #set(node: RunNode): void {
    this.#own.set(node.node, node)
    this.#changed.add(node.node)
  }

  /** Whether its log began. */
  get isRun(): boolean {
    return this.#started !== ""
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** `isAlive` says whether a process still works on it. */
  summary(isAlive: boolean): RunSummary {
    const count = (state: RunNode["state"]): number => {
      let total = 0
      for (const node of this.#own.values()) if (node.state === state) total++
      return total
    }
    return {
      run: this.#run,
      started: this.#started,
      profile: this.#profile,
      selectors: this.#selectors,
      nodes: this.#nodes,
      outcome: this.#end?.outcome ?? (isAlive ? "running" : "did not end"),
      executed: this.#end?.executed ?? count("done"),
      upToDate: this.#end?.cached ?? count("up to date"),
      failed: this.#end?.failed ?? count("failed"),
    }
  }

  message(isAlive: boolean): RunMessage {
    return { ...this.summary(isAlive), own: [...this.#own.values()] }
  }

  /** The nodes of which something changed since this was last asked. */
  changes(): ReadonlyArray<RunNode> {
    const changed = [...this.#changed].flatMap((name) => this.#own.get(name) ?? [])
    this.#changed.clear()
    return changed
  }
}

/**
 * A run that ended, by the first and the last line of its log alone, which say what a list needs; undefined where they do
 * not. Whether all lines are sound is seen when the run is looked at.
 */
export const endedRun = (run: string, first: string, last: string): RunSummary | undefined => {
  const [begin, end] = [eventOf(first), eventOf(last)]
  if (begin?.event._tag !== "RunStarted" || end?.event._tag !== "RunFinished") return undefined
  const { profile, selectors, nodes } = begin.event
  const { outcome, executed, cached, failed } = end.event
  return { run, started: begin.at, profile, selectors, nodes, outcome, executed, upToDate: cached, failed }
}

const eventOf = (text: string): { readonly event: Event; readonly at: string } | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    const decoded = decode(value)
    const at = typeof value === "object" && value !== null && "at" in value ? value.at : undefined
    return Exit.isSuccess(decoded) ? { event: decoded.value, at: typeof at === "string" ? at : "" } : undefined
  } catch {
    return undefined
  }
}
