import type { Node } from "../graph/node.ts"
import type { Resources } from "../graph/stage.ts"
import type { Lent, Pool } from "./pool.ts"

/** What a node that starts has of the pool. */
export interface Place {
  readonly granted: Lent
  /** What it shares with others that are executed before and after it; undefined where it holds what it was granted alone. */
  readonly lane: object | undefined
  /** Whether it waits for others of its lane. */
  readonly waits: boolean
  /** Gives the place back. */
  readonly give: () => void
}

/**
 * Places in the pool. Short executions of stages that run inline share what one of them is granted, one after the other:
 * so each is handed on, recorded and told of together with others, at a fraction of the cost.
 *
 * What is short is learnt in the run: a stage is short while its executions are.
 */
export interface Lanes {
  /** A place for a node; undefined where there is none now. It is in a lane, or behind others there, only if it may be. */
  readonly place: (node: Node, wanted: Resources, may: "alone" | "first" | "behind others") => Place | undefined
  /** Learns how long an execution took, in milliseconds. */
  readonly took: (node: Node, milliseconds: number) => void
}

/**
 * The most executions in a lane at a time, and how long they may take together, in ms: nobody is to wait for longer. A lane
 * that was full takes no more until half of it is done, so that what comes then comes together.
 */
const MOST = 128
const LONGEST = 100

/** Times are whole milliseconds: what takes less than one takes about this, in ms. */
const LEAST = 0.3

interface Lane {
  readonly granted: Lent
  readonly shape: string
  size: number
  expected: number
  isFull: boolean
}

/** What is wanted, as a text: nodes that want the same may share it. */
export const shapeOf = (wanted: Resources): string => JSON.stringify(wanted)

/** Places in a pool, nobody in any. */
export const makeLanes = (pool: Pool): Lanes => {
  const lanes = new Set<Lane>()
  /** By stage, the time of an execution in ms, as the last ones had it. */
  const times = new Map<string, number>()

  const placeIn = (lane: Lane, time: number, waits: boolean): Place => {
    lane.size++
    lane.expected += time
    lane.isFull = lane.size >= MOST || lane.expected + time > LONGEST
    let isGiven = false
    return {
      granted: lane.granted,
      lane,
      waits,
      give: () => {
        if (isGiven) return
        isGiven = true
        lane.size--
        lane.expected -= time
        if (lane.size <= MOST / 2 && lane.expected <= LONGEST / 2) lane.isFull = false
        if (lane.size > 0) return
        lanes.delete(lane)
        pool.give(lane.granted)
      },
    }
  }

  return {
    place: ({ stage: { name, isolation } }, wanted, may) => {
      // The time of one that waits does not count to its limit, and who holds a GPU holds it alone.
      const mayShare = isolation === "inline" && may !== "alone" && wanted.timeout === undefined && wanted.gpu === 0
      const time = mayShare ? times.get(name) ?? Infinity : Infinity
      const isShort = 2 * time <= LONGEST
      const granted = pool.take(wanted)
      if (granted !== undefined) {
        if (!isShort) return { granted, lane: undefined, waits: false, give: () => pool.give(granted) }
        const lane: Lane = { granted, shape: shapeOf(wanted), size: 0, expected: 0, isFull: false }
        lanes.add(lane)
        return placeIn(lane, time, false)
      }
      if (!isShort || may !== "behind others") return undefined
      const shape = shapeOf(wanted)
      let best: Lane | undefined
      for (const lane of lanes) {
        const hasRoom = lane.shape === shape && !lane.isFull && lane.expected + time <= LONGEST
        if (hasRoom && (best === undefined || lane.size < best.size)) best = lane
      }
      return best === undefined ? undefined : placeIn(best, time, true)
    },
    took: ({ stage: { name } }, milliseconds) => {
      const time = Math.max(milliseconds, LEAST)
      times.set(name, (times.get(name) ?? time) * 0.9 + time * 0.1)
    },
  }
}
