import { Context, type Effect } from "effect"
import type { Advance, StageFailure } from "../graph/stage.ts"
import type { ActionRecord, Job } from "../store/record.ts"

/**
 * Executes actions.
 *
 * The contract is the same for a child process and for a batch system: the job stands in the store's `pending/`
 * folder under a name of its own, and the action is done when its record stands in `actions/`. Interrupting the effect
 * stops the work and leaves the store clean.
 */
export class Executor extends Context.Service<Executor, {
  readonly execute: (
    job: Job,
    isolation: "inline" | "process",
    advanced: (advance: Advance) => Effect.Effect<void>,
  ) => Effect.Effect<ActionRecord, StageFailure>
}>()("redag/Executor") {}
