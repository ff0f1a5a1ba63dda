import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { InQueue } from "../execute/executor.ts"
import type { JobPlace } from "../store/batch.ts"
import type { Event } from "../store/events.ts"
import type { Granted } from "../store/record.ts"

/** What is said of a node while a queue has its action, each thing once. */
export interface NodeInQueue extends Pick<InQueue, "begun" | "waits"> {
  /** Whether it ever began. */
  readonly hasBegun: () => boolean
  /** The job that it is in, or was in last; undefined where none is known. */
  readonly job: () => JobPlace | undefined
  /** Is for an action that ended, however it did. */
  readonly ended: Effect.Effect<void>
}

/** Says of the nodes of a run what they wait for in a queue, and that they begin, with how many of them wait and run. */
export const makeInQueue = (emit: (event: Event) => Effect.Effect<void>) => {
  const waiting = new Set<string>()
  const running = new Set<string>()
  const counts = () => ({ queued: waiting.size, running: running.size })
  return (node: string, key: Digest, resources: Granted): NodeInQueue => {
    let job: JobPlace | undefined
    let hasBegun = false
    let said = ""
    /** Says something where it is not what was said last. */
    const say = (words: string, event: () => Event) =>
      Effect.suspend(() => {
        if (words === said) return Effect.void
        said = words
        return emit(event())
      })
    return {
      hasBegun: () => hasBegun,
      job: () => job,
      begun: (place) => {
        job = place ?? job
        hasBegun = true
        return say("begun", () => {
          waiting.delete(node)
          running.add(node)
          const where = job === undefined ? {} : { job }
          return { _tag: "NodeStarted", node, key, resources, ...where, ...counts() }
        })
      },
      waits: (wait) => {
        job = wait.job ?? job
        return say(JSON.stringify(wait), () => {
          running.delete(node)
          waiting.add(node)
          return { _tag: "NodeQueued", node, key, ...wait, ...counts() }
        })
      },
      ended: Effect.sync(() => {
        waiting.delete(node)
        running.delete(node)
      }),
    }
  }
}
