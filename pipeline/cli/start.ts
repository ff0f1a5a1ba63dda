import { utimesSync } from "node:fs"
import { runAtOnce } from "./at-once.ts"
import { readSettings } from "./settings.ts"
import type { Program } from "./started.ts"

/**
 * Starts the program: a run with nothing to do ends here, by what the last one remembered. For anything else the command
 * line is loaded, which takes longer than such a run.
 */
export const start = async (program: Program): Promise<void> => {
  noteUse(program.build)
  const started = { ...program, settings: once(() => readSettings(program.root)) }
  const words = process.argv.slice(2)
  const { isDone, ...found } = words[0] === "run" ? await runAtOnce(words.slice(1), started) : { isDone: false }
  if (isDone) return
  const { main } = await import("./main.ts")
  await main({ ...started, ...found })
}

/** What a call gives, or throws, the first time. */
const once = <A>(call: () => A): () => A => {
  let outcome: { readonly value: A } | { readonly thrown: unknown } | undefined
  return () => {
    if (outcome === undefined) {
      try {
        outcome = { value: call() }
      } catch (thrown) {
        outcome = { thrown }
      }
    }
    if ("thrown" in outcome) throw outcome.thrown
    return outcome.value
  }
}

/** Notes that a build is in use, in the time of its folder: builds that nothing was started from are removed some day. */
const noteUse = (build: string): void => {
  try {
    utimesSync(build, new Date(), new Date())
  } catch {
    // Where nothing can be written, nothing is removed either.
  }
}
