import { Effect } from "effect"
import { availableParallelism } from "node:os"
import { InputError } from "../base/errors.ts"
import { machineMemory } from "../execute/environment.ts"

/** What a run may use of this machine, with so many actions at a time; as many as there are cores where that is left out. */
export const limitsOf = (jobs?: number) => {
  const cpu = availableParallelism()
  return jobs !== undefined && jobs < 1
    ? Effect.fail(
      new InputError({ field: "--jobs", message: `must be 1 or more, got ${jobs}`, help: "give a number of actions" }),
    )
    : Effect.succeed({ jobs: jobs ?? cpu, cpu, memory: Math.floor(machineMemory() * 0.9), gpu: 0 })
}
