import { stripVTControlCharacters } from "node:util"
import { counted, duration, number, some } from "../../base/text.ts"
import { forOutput, paint } from "../../report/terminal.ts"
import type { JobWait } from "../../store/batch.ts"
import type { Event } from "../../store/events.ts"
import { levelCurve, type Levels, levelWidth, withLevel } from "./level.ts"
import { waitingLines } from "./queue.ts"
import { showsUnicode } from "./sparkline.ts"

/** A node that runs. */
interface Running {
  readonly since: number
  /** The machine of a batch system that it runs on. */
  readonly host: string | undefined
  levels: Levels
  progress?: {
    readonly done: number
    readonly total: number
    readonly unit: string
    readonly note?: string
    readonly first: { readonly at: number; readonly done: number }
  }
}

/** How long a run and its nodes will still take, in milliseconds, as far as that is known. */
export interface TimeLeft {
  /** The stages of which one must have run before it is known, where it is not; none of them where nobody follows it. */
  readonly ofRun: () => number | ReadonlyArray<string>
  /** `measured` is what the node's own progress says. */
  readonly ofNode: (node: string, measured: number | undefined) => number | undefined
}

/** What the progress of each node says, and nothing of the whole. */
export const measuredLeft: TimeLeft = { ofRun: () => [], ofNode: (_, measured) => measured }

/** What is running and how far it is, from events. */
export const makeBoard = (left: TimeLeft) => {
  const running = new Map<string, Running>()
  /** What waits for a job of a batch system. */
  const queued = new Map<string, JobWait>()
  /** Whether a batch system is at work. */
  let hasQueue = false
  let total = 0
  const settled = new Set<string>()
  const line = (node: string, width: number | undefined) => runningLine(node, running.get(node), left, width)
  const runs = (node: string, host: string | undefined) => {
    queued.delete(node)
    running.set(node, { since: Date.now(), host, levels: new Map() })
  }
  const waits = (node: string, { state, reason, job }: JobWait) => {
    hasQueue = true
    running.delete(node)
    queued.set(node, {
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(job === undefined ? {} : { job }),
    })
  }
  const leave = (node: string) => {
    running.delete(node)
    queued.delete(node)
  }
  return {
    take: (event: Event) => {
      switch (event._tag) {
        case "RunStarted":
          total = event.nodes
          break
        case "NodeStarted":
          runs(event.node, event.job?.host)
          break
        case "NodeQueued":
          waits(event.node, event)
          break
        case "NodeElsewhere": {
          const { node, job, wait } = event
          leave(node)
          // What a job of another run does is seen as what one of this run does.
          if (wait !== undefined) waits(node, wait)
          else if (job !== undefined) runs(node, job.host)
          break
        }
        case "NodeRetried":
        case "ObjectDamaged":
          leave(event.node)
          break
        case "NodeProgressed": {
          const { node, done, total, unit, note, level } = event
          const state = running.get(node)
          if (state === undefined) break
          if (level !== undefined) state.levels = withLevel(state.levels, done, total, level)
          const before = state.progress
          // A new unit is a new phase: its speed says nothing of the old one's.
          const first = before === undefined || before.unit !== unit ? { at: Date.now(), done } : before.first
          state.progress = { done, total, unit, first, ...(note === undefined ? {} : { note }) }
          break
        }
        case "NodesCached":
          for (const node of event.nodes) settled.add(node)
          break
        case "NodeCached":
        case "NodeSucceeded":
        case "NodeFailed":
        case "NodeMissing":
        case "NodeBlocked":
        case "NodeUnneeded":
          leave(event.node)
          // One that is taken back settles once more.
          settled.add(event.node)
          break
        case "RunFinished":
          running.clear()
          queued.clear()
      }
    },
    line: (node: string): string => line(node, undefined),
    /** The lines of all that runs, each with the curve of its level where a terminal so wide has room for it. */
    lines: (width: number | undefined): ReadonlyArray<string> => [
      ...[...running].map(([node, { levels }]) => withCurve(line(node, width), levels, width)),
      ...waitingLines(queued, (node, room) => shortened(node, Math.max(8, room)), width),
    ],
    /** What waits in a queue, and how much, in one line; undefined where nothing does. */
    queued: (): string | undefined =>
      queued.size === 0
        ? undefined
        : [
          `${paint.cyan("running")}  ${counted(running.size, "node")}`,
          ...waitingLines(queued, (node) => node, undefined),
        ].join("\n"),
    /** How far the whole run is; undefined where nothing runs or waits for its job. */
    total: (width?: number): string | undefined => {
      if (running.size === 0 && queued.size === 0) return undefined
      const rest = left.ofRun()
      const time = typeof rest === "number"
        ? `, about ${duration(rest)} left`
        : rest.length === 0
        ? ""
        : `, time unknown until ${firstOf(rest, 1)} run`
      const inQueue = hasQueue ? `, ${number(running.size)} run, ${number(queued.size)} queued` : ""
      const done = `${settled.size.toLocaleString("en")} of ${counted(total, "node")}${inQueue}`
      return paint.dim(width === undefined || done.length + time.length < width ? `${done}${time}` : done)
    },
  }
}

/** "a first finetune has", "a first generate, extract and 2 more have". */
export const firstOf = (stages: ReadonlyArray<string>, most?: number): string =>
  `a first ${some(stages, most)} ${stages.length === 1 ? "has" : "have"}`

const nameWidth = 18

/**
 * A running node: its name, the time left, a bar, then the rest, of which what a terminal has no room for is left out
 * whole, so that nothing is cut in the middle.
 */
const runningLine = (node: string, state: Running | undefined, left: TimeLeft, width: number | undefined): string => {
  const word = paint.cyan("running")
  if (state === undefined) return `${word}  ${node}`
  const elapsed = duration(Date.now() - state.since)
  const { progress } = state
  const rest = left.ofNode(node, progress === undefined ? undefined : measured(progress))
  const time = rest === undefined ? [] : [`${duration(rest)} left`]
  const on = state.host === undefined ? [] : [`on ${state.host}`]
  const parts = progress === undefined ? [...time, elapsed, ...on] : [
    ...time,
    `${barOf(progress)} ${progress.done}/${progress.total} ${progress.unit}`,
    elapsed,
    ...on,
    ...(progress.note === undefined ? [] : [progress.note.replaceAll(/\s+/gu, " ")]),
  ]
  if (width === undefined) return `${word}  ${node}  ${joined(parts)}`
  const all = width - 1 - "running".length - 2 - 2
  // Before anything else the name gives way, but not below what tells nodes apart; below that the bar does.
  const needed = joined(parts.slice(0, Math.max(1, time.length + 1))).length
  const name = shortened(node, Math.max(8, all - needed, Math.min(nameWidth, all - (parts[0] ?? "").length)))
  let room = all - name.length
  const shown: Array<string> = []
  for (const part of parts) {
    const taken = part.length + (shown.length === 0 ? 0 : 2)
    if (taken > room) break
    room -= taken
    shown.push(part)
  }
  return [`${word}  ${name}`, ...(shown.length === 0 ? [] : [joined(shown)])].join("  ")
}

const joined = (parts: ReadonlyArray<string>): string => parts.join(", ").replaceAll(", [", "  [")

const barOf = ({ done, total }: NonNullable<Running["progress"]>): string => {
  const filled = Math.round((total === 0 ? 0 : Math.min(1, done / total)) * 10)
  return `[${"#".repeat(filled)}${".".repeat(10 - filled)}]`
}

/** How long a node takes still, at the speed that it had since its phase began. */
const measured = ({ done, total, first }: NonNullable<Running["progress"]>): number | undefined =>
  done > first.done ? (Date.now() - first.at) / (done - first.done) * (total - done) : undefined

/** A name with its middle left out where it is too long: its stage and its last part say most. */
const shortened = (name: string, width: number): string => {
  if (name.length <= width) return name
  const tail = Math.floor((width - 1) / 2)
  return `${name.slice(0, width - 1 - tail)}…${name.slice(name.length - tail)}`
}

const withCurve = (line: string, levels: Levels, width: number | undefined): string => {
  const curve = levelCurve(levels, showsUnicode(process.env))
  const room = (width ?? 0) - stripVTControlCharacters(forOutput(line)).length
  return curve === "" || room < levelWidth + 3 ? line : `${line}  ${paint.cyan(curve)}`
}
