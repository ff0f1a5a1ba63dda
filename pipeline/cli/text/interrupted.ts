import { counted } from "../../base/text.ts"

/** A node that ran when a run was interrupted, and whether the next run goes on from what it saved. */
export interface Stopped {
  readonly node: string
  readonly saved: boolean
}

/** What a run says as soon as it is asked to stop while something runs. */
export const stoppingText = "Stopping; trainings save their step. Press Ctrl-C again to end at once."

/** What an interrupted run leaves: how many nodes finished, and what becomes of those that ran. */
export const interruptedText = (finished: number, stopped: ReadonlyArray<Stopped>): string => {
  const saved = stopped.filter((each) => each.saved).map(({ node }) => node)
  const lost = stopped.length - saved.length
  const one = saved.length === 1
  return [
    interrupted(finished),
    ...(saved.length === 0
      ? []
      : [`${one ? saved.join("") : counted(saved.length, "node")} will go on from what ${one ? "it" : "they"} saved.`]),
    ...(lost === 0 ? [] : [`${counted(lost, "node")} that ran will start again from the beginning.`]),
    "Run the same command again to go on.",
  ].join(" ")
}

const interrupted = (finished: number): string =>
  `Interrupted. ${counted(finished, "node")} had finished and ${finished === 1 ? "is" : "are"} in the store.`

/** What a run on a cluster leaves whose jobs go on without it. */
export const leftText = (finished: number): string =>
  `${
    interrupted(finished)
  } Its jobs stay in the queue: run the same command again to find them, or to cancel them by Ctrl-C.`
