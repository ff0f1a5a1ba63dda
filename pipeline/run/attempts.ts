import { Cause, Exit } from "effect"
import type { Digest } from "../base/digest.ts"
import { type DagError, StageError } from "../base/errors.ts"
import type { Node } from "../graph/node.ts"
import type { Resources } from "../graph/stage.ts"
import type { Event } from "../store/events.ts"
import type { Granted } from "../store/record.ts"
import { failureOf } from "./failure.ts"
import type { Limits } from "./pool.ts"

/** What went wrong that another attempt may not meet. */
type Why = Extract<Event, { readonly _tag: "NodeRetried" }>["why"]

/** The wait before the second attempt after a transient failure, which doubles each time, and the longest, in ms. */
const FIRST_WAIT = 1000
const LONGEST_WAIT = 60_000

/** How much more an attempt gets of what ran out. */
const GROWTH = 2

/** What the failures of a node's action so far have come to. */
interface Attempts {
  readonly key: Digest
  /** By kind, how many failures were answered with another attempt: each kind has a count of its own. */
  readonly answered: Readonly<Record<Why, number>>
  readonly wanted: Resources
}

/** What a run knows of the attempts at its nodes. */
export interface AttemptsOf {
  /** What the next execution of a node's action asks for. */
  readonly wanted: (node: Node, key: Digest) => Resources
  /** Notes how an execution ended; gives what is said of another attempt, undefined where there is none. */
  readonly next: (
    node: Node,
    key: Digest,
    granted: Granted,
    exit: Exit.Exit<unknown, DagError>,
  ) => Extract<Event, { readonly _tag: "NodeRetried" }> | undefined
}

/** Counts the attempts of a run, within which an attempt may get what the machine has and no more. */
export const makeAttempts = (limits: Pick<Limits, "memory">): AttemptsOf => {
  const known = new Map<string, Attempts>()
  const attemptsOf = ({ name, resources }: Node, key: Digest): Attempts => {
    const before = known.get(name)
    // What ran out for other work says nothing of this.
    return before?.key === key
      ? before
      : { key, answered: { transient: 0, memory: 0, time: 0 }, wanted: resources }
  }
  return {
    wanted: (node, key) => attemptsOf(node, key).wanted,
    next: (node, key, granted, exit) => {
      const thrown = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      const error = thrown instanceof StageError ? thrown : undefined
      const why = error?.ranOut ?? (error?.transient === true ? "transient" : undefined)
      const { answered, wanted } = attemptsOf(node, key)
      const times = why === undefined ? 0 : node.resources.retries?.[why] ?? 0
      const more = why === undefined ? undefined : moreOf(why, wanted, granted, limits, error?.had)
      if (Exit.isSuccess(exit) || why === undefined || more === undefined || answered[why] >= times) {
        known.delete(node.name)
        return undefined
      }
      const count = answered[why] + 1
      known.set(node.name, { key, answered: { ...answered, [why]: count }, wanted: { ...wanted, ...more } })
      return {
        _tag: "NodeRetried",
        node: node.name,
        key,
        why,
        failure: failureOf(exit.cause),
        attempt: count + 1,
        of: times + 1,
        wait: why === "transient" ? waitBefore(count) : 0,
        ...more,
      }
    },
  }
}

/** What another attempt asks for that the last did not have; undefined where that had all there is. */
const moreOf = (
  why: Why,
  wanted: Resources,
  granted: Granted,
  limits: Pick<Limits, "memory">,
  had: number | undefined,
): { readonly memory?: number; readonly timeout?: number } | undefined => {
  switch (why) {
    case "transient":
      return {}
    case "memory":
      return granted.memory < limits.memory
        ? { memory: Math.min(granted.memory * GROWTH, limits.memory) }
        : undefined
    case "time": {
      // A batch system may end it before the limit that the node asks for.
      const seconds = had ?? wanted.timeout
      return seconds === undefined ? undefined : { timeout: seconds * GROWTH }
    }
  }
}

/** With some chance in it: what failed together at one server should not ask it together again. */
const waitBefore = (count: number): number =>
  Math.round(Math.min(FIRST_WAIT * 2 ** (count - 1), LONGEST_WAIT) * (0.75 + Math.random() / 2))
