import { Cause, Effect, Exit, Schema } from "effect"
import { DagError, StageError } from "../base/errors.ts"
import type { StageFailure } from "../graph/stage.ts"
import type { Disk } from "../store/disk.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import type { Store } from "../store/store.ts"
import { publishMade, runAction } from "./action.ts"
import type { Execute } from "./executor.ts"
import { memoryHelp } from "./exit.ts"
import type { Failed } from "./message.ts"
import type { StageOf } from "./program.ts"

/** What an execution adds to its record once the stage has ended. */
export type Finish = Parameters<typeof runAction>[3]

/** Runs the stages of actions where it is called. `saves` is for what may save what is not done, before it does. */
export const runHere =
  (stageOf: StageOf, finish: Finish, saves?: Effect.Effect<void>) => (job: Job, advanced: Parameters<Execute>[1]) =>
    Effect.flatMap(stageOf(job.preImage), (stage) => runAction(stage, job, advanced, finish, saves))

/** Executes actions where it is called, as in a worker. */
export const executeHere =
  (stageOf: StageOf, finish: Finish, saves?: Effect.Effect<void>): Execute<Store | Disk> => (job, advanced) =>
    Effect.flatMap(runHere(stageOf, finish, saves)(job, advanced), publishMade)

/** What a worker says of an execution that failed; undefined where it was interrupted, of which there is nothing to say. */
export const failedMessage = (cause: Cause.Cause<StageFailure>, { resources }: Job): Failed | undefined => {
  const failure = cause.reasons.find((reason) => reason._tag === "Fail")
  if (failure !== undefined && Schema.is(DagError)(failure.error)) return { _tag: "Failed", error: failure.error }
  if (Cause.hasInterruptsOnly(cause)) return undefined
  const bug = Cause.squash(cause)
  if (bug instanceof RangeError && bug.message.includes("allocation failed")) {
    const help = memoryHelp(resources)
    return {
      _tag: "Failed",
      error: new StageError({ message: `memory ran out: ${bug.message}`, help, transient: true, ranOut: "memory" }),
    }
  }
  return { _tag: "Crashed", stack: bug instanceof Error ? bug.stack ?? bug.message : String(bug) }
}

/** The record of an execution, or what a worker says of its failure. */
export const resultOf = (
  exit: Exit.Exit<ActionRecord, StageFailure>,
  job: Job,
): { readonly _tag: "Done"; readonly record: ActionRecord } | Failed | { readonly _tag: "Stopped" } =>
  Exit.isSuccess(exit)
    ? { _tag: "Done", record: exit.value }
    : failedMessage(exit.cause, job) ?? { _tag: "Stopped" }
