import type { Digest } from "../base/digest.ts"
import type { Lent, Pool } from "./pool.ts"

/** Executions that an earlier run began and that outlive it: each holds what it was granted until it ends. */
export interface Carried {
  /**
   * Says which pool the run that begins now lends from: what is carried is held in it. `room` is called whenever
   * something of that is given back.
   */
  readonly enter: (pool: Pool, room: () => void) => void
  /**
   * What the execution of a key holds that is carried, which the run that asks takes over; undefined where none is.
   *
   * An execution of the same node under another key is stale now that the node has this one: it is stopped.
   */
  readonly takeOver: (node: string, key: Digest) => Lent | undefined
  /** For how long the execution of a key has run already, in milliseconds; 0 where none does. */
  readonly ran: (key: Digest) => number
  /** Stops what is carried, where nothing else can start: it may be in the way of what decides whether it is wanted. */
  readonly makeRoom: () => void
  /** Whether anything is carried that no run has taken over: then nodes that are ready may wait for its room. */
  readonly isAny: () => boolean
}

/** What a run carries that begins alone. */
export const nothingCarried: Carried = {
  enter: () => {
    // There is nothing to hold.
  },
  takeOver: () => undefined,
  ran: () => 0,
  makeRoom: () => {
    // There is nothing in the way.
  },
  isAny: () => false,
}
