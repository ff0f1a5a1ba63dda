import type { Pool } from "./pool.ts"

/** A pool for actions that other machines execute: no more of them at a time than `jobs`, and each is granted its wish. */
export const makeQueuePool = ({ jobs }: { readonly jobs: number }): Pool => {
  let lent = 0
  return {
    take: ({ cpu, memory, gpu }) => {
      if (lent >= jobs) return undefined
      lent++
      return { cpu, memory, gpu }
    },
    inTheWay: () => [],
    keep: () => () => {
      // Other runs of this machine have nothing to do with it.
    },
    close: () => {
      lent = 0
    },
    hold: () => {
      // What an earlier run began is in the queue as what this one begins.
    },
    letGo: () => {
      // It was not counted.
    },
    lend: () => {
      lent++
    },
    give: () => {
      lent--
    },
  }
}
