import { Context, type Effect } from "effect"
import type { Advance, StageFailure } from "../graph/stage.ts"
import type { ActionRecord, Job } from "../store/record.ts"

/** Executes an action, says how far it is, and gives its record. Interrupting the effect stops the work. */
export type Execute<R = never> = (
  job: Job,
  advanced: (advance: Advance) => Effect.Effect<void>,
) => Effect.Effect<ActionRecord, StageFailure, R>

/**
 * Executes actions: light ones, whose stages are inline, beside the engine, and others each in a process of its own.
 *
 * The contract is the same for a thread, a process and a batch system: an action is done when its record stands in
 * `actions/`. Interrupting the effect stops the work and leaves the store clean.
 */
export class Executor extends Context.Service<Executor, {
  readonly execute: (
    job: Job,
    isolation: "inline" | "process",
    advanced: (advance: Advance) => Effect.Effect<void>,
  ) => Effect.Effect<ActionRecord, StageFailure>
}>()("redag/Executor") {}
