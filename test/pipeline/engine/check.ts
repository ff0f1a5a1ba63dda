import * as fc from "fast-check"
import { type EngineOf, Harness } from "./harness.ts"
import { type Counts, Pair } from "./pair.ts"
import { type Script, scripts } from "./script.ts"

/** Runs a script in the engine and in the model, compares them after each step, and gives what was done. */
export const checkScript = async ({ nodes, steps }: Script, engineOf?: EngineOf): Promise<Counts> => {
  const harness = new Harness(engineOf)
  try {
    const pair = new Pair(harness, nodes)
    for (const step of steps) await pair.step(step)
    return pair.counts
  } finally {
    harness.remove()
  }
}

/** Checks random scripts, and gives what was done in all of them together. */
export const checkScripts = async (sequences: number, engineOf?: EngineOf, of = scripts): Promise<Counts> => {
  const total: Counts = { runs: 0, nodes: 0, executions: 0, interrupted: 0, together: 0, parts: 0, edits: 0 }
  await fc.assert(
    fc.asyncProperty(of, async (script) => {
      const counts = await checkScript(script, engineOf)
      for (const name of Object.keys(total) as ReadonlyArray<keyof Counts>) total[name] += counts[name]
    }),
    // What several runs at once do depends on the moment too: a search for a smaller sequence seldom ends well.
    { numRuns: sequences, endOnFailure: true },
  )
  return total
}
