import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { workerVariables } from "./environment.ts"

/**
 * How much memory of a thread new objects may take until it looks which of them are still in use, in MB: half of what Node
 * would let it take, which costs no more time for stages that are over soon.
 */
const YOUNG = 32

/** Starts a thread of a build, which waits to be told whose it is. */
export const newThread = (build: string): Worker =>
  new Worker(join(build, "thread.mjs"), {
    env: workerVariables(),
    // What actions leave behind is thrown away in few, cheap goes.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  })

/** Gives a thread that was started ahead, once; undefined where it has ended, or was given before. */
export type ThreadAhead = () => Worker | undefined

/**
 * Starts a thread before it is known who needs it, while the engine is still loading: it takes longer to start than to
 * execute what a small edit leads to. It does not keep the process alive.
 */
export const threadAhead = (build: string): ThreadAhead => {
  let thread: Worker | undefined = newThread(build)
  const forget = () => {
    thread = undefined
  }
  thread.unref()
  // Why it ended is told by the one that is started in its place.
  thread.on("error", forget)
  thread.on("exit", forget)
  return () => {
    const taken = thread
    forget()
    taken?.off("error", forget)
    taken?.off("exit", forget)
    taken?.ref()
    return taken
  }
}
