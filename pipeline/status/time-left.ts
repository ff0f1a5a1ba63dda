import { type Node, sources } from "../graph/node.ts"
import type { Event } from "../store/events.ts"
import type { Forecast } from "./forecast.ts"
import { demandOf, type Machine, type Task, wallTimeOf } from "./list-schedule.ts"
import { type Snapshot, withStatus } from "./snapshot.ts"

/** How long what is left of a run will take, from what it is expected to and from what was seen of it so far. */
export interface TimeLeft {
  /** Takes notice of an event of the run; `now` is in milliseconds, on any clock. */
  readonly take: (event: Event, now: number) => void
  /** Milliseconds until the run is done, or the stages of which one must have run before that is known. */
  readonly ofRun: (now: number) => number | ReadonlyArray<string>
  /** Milliseconds until a running node is done; undefined where they are not known. */
  readonly ofNode: (name: string, now: number) => number | undefined
}

interface Running {
  readonly since: number
  readonly progress?: {
    readonly at: number
    readonly done: number
    readonly total: number
    readonly first: Point
    readonly unit: string
  }
}

interface Point {
  readonly at: number
  readonly done: number
}

/** What was seen of a stage in this run: actions that ended, and what they took against what they were expected to. */
interface Seen {
  readonly count: number
  readonly took: number
  /** The sum of the same actions' expected times, of those that had one. */
  readonly expected: number
  readonly tookOfExpected: number
  /** The units of work of those of which they are known, and what these took. */
  readonly amount: number
  readonly tookOfAmount: number
}

/** A time is worked out again once it is so old, or so many times what it costs; until then it runs down with the clock. */
const [LEAST_AGE, TIMES_ITS_COST] = [1000, 50]

/**
 * Follows a run of what was planned on a machine. What a node is expected to take is corrected for each stage by what those
 * took that ended in this run.
 */
export const makeTimeLeft = (
  planned: Snapshot,
  { durations, amounts, order }: Pick<Forecast, "durations" | "amounts" | "order">,
  machine: Machine,
): TimeLeft => {
  const { graph: { nodes } } = planned
  const expected = (name: string): number | undefined => durations.get(name)?.milliseconds
  const toRun = new Set(withStatus(planned, "WillRun", "MayRun").map(({ node }) => node.name))
  const waiting = new Set<string>()
  for (const name of order ?? nodes.keys()) if (toRun.has(name)) waiting.add(name)
  const running = new Map<string, Running>()
  const stages = new Map<string, Seen>()
  let last: { readonly at: number; readonly left: number | ReadonlyArray<string>; readonly cost: number } | undefined

  const ended = (name: string, milliseconds: number | undefined) => {
    waiting.delete(name)
    running.delete(name)
    const stage = nodes.get(name)?.stage.name
    if (stage === undefined || milliseconds === undefined) return
    const { count, took, expected: sum, tookOfExpected, amount, tookOfAmount } = stages.get(stage) ?? nothingSeen
    const [own, work] = [expected(name), amounts.get(name)]
    stages.set(stage, {
      count: count + 1,
      took: took + milliseconds,
      expected: sum + (own ?? 0),
      tookOfExpected: tookOfExpected + (own === undefined ? 0 : milliseconds),
      amount: amount + (work ?? 0),
      tookOfAmount: tookOfAmount + (work === undefined ? 0 : milliseconds),
    })
  }

  /** What a node takes as a whole, by what was seen since the run began. */
  const whole = ({ name, stage }: Node): number | undefined => {
    const own = expected(name)
    const seen = stages.get(stage.name)
    if (seen === undefined) return own
    if (own === undefined) {
      const amount = amounts.get(name)
      // Before the first run there is no expectation: what ended in this one says how fast the machine is.
      return amount === undefined || seen.amount === 0
        ? seen.took / seen.count
        : amount * (seen.tookOfAmount / seen.amount)
    }
    return seen.expected > 0 ? own * (seen.tookOfExpected / seen.expected) : own
  }

  const ofNode = (name: string, now: number): number | undefined => {
    const [state, node] = [running.get(name), nodes.get(name)]
    if (state === undefined || node === undefined) return undefined
    const { progress } = state
    // What is done may still be checked, or written: no progress says how long that takes.
    if (progress !== undefined && progress.done > progress.first.done && progress.done < progress.total) {
      const each = (progress.at - progress.first.at) / (progress.done - progress.first.done)
      return Math.max(0, each * (progress.total - progress.done) - (now - progress.at))
    }
    const [total, elapsed] = [whole(node), now - state.since]
    return total === undefined || total < elapsed ? undefined : total - elapsed
  }

  const workedOut = (now: number): number | ReadonlyArray<string> => {
    const tasks: Array<Task> = []
    const unknown = new Set<string>()
    const add = (name: string, milliseconds: number | undefined) => {
      const node = nodes.get(name)
      if (node === undefined) return
      if (milliseconds === undefined) unknown.add(node.stage.name)
      const after = running.has(name)
        ? []
        : sources(node).filter((source) => waiting.has(source) || running.has(source))
      tasks.push({ name, milliseconds: milliseconds ?? 0, after, resources: demandOf(node) })
    }
    // What runs has its room already; what takes longer than was expected may end at any time.
    for (const name of running.keys()) {
      const node = nodes.get(name)
      if (node !== undefined) add(name, ofNode(name, now) ?? (whole(node) === undefined ? undefined : 0))
    }
    for (const name of waiting) {
      const node = nodes.get(name)
      if (node !== undefined) add(name, whole(node))
    }
    return unknown.size === 0 ? wallTimeOf(tasks, machine) : [...unknown]
  }

  return {
    take: (event, now) => {
      switch (event._tag) {
        case "NodeStarted":
          waiting.delete(event.node)
          running.set(event.node, { since: now })
          return
        case "NodeProgressed": {
          const { node, done, total, unit } = event
          const state = running.get(node)
          if (state === undefined) return
          const before = state.progress
          // A new unit is a new phase: its speed says nothing of the old one's.
          const first = before === undefined || before.unit !== unit ? { at: now, done } : before.first
          running.set(node, { since: state.since, progress: { at: now, done, total, unit, first } })
          return
        }
        case "NodeSucceeded":
          return ended(event.node, event.shared ? undefined : event.milliseconds)
        case "NodeElsewhere":
        case "NodeQueued":
        case "ObjectDamaged":
          if (running.delete(event.node)) waiting.add(event.node)
          return
        case "NodeCached":
        case "NodeFailed":
        case "NodeMissing":
        case "NodeBlocked":
        case "NodeUnneeded":
          return ended(event.node, undefined)
      }
    },
    ofRun: (now) => {
      if (last === undefined || now - last.at >= Math.max(LEAST_AGE, TIMES_ITS_COST * last.cost)) {
        const before = performance.now()
        last = { at: now, left: workedOut(now), cost: performance.now() - before }
      }
      return typeof last.left === "number" ? Math.max(0, last.left - (now - last.at)) : last.left
    },
    ofNode,
  }
}

const nothingSeen: Seen = { count: 0, took: 0, expected: 0, tookOfExpected: 0, amount: 0, tookOfAmount: 0 }
