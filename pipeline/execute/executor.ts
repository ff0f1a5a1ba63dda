import { Context, type Effect } from "effect"
import type { Advance, StageFailure } from "../graph/stage.ts"
import type { Disk } from "../store/disk.ts"
import type { ActionRecord, Job } from "../store/record.ts"
import type { Store } from "../store/store.ts"

/** Executes an action, says how far it is, and gives its record. Interrupting the effect stops the work. */
export type Execute<R = never> = (
  job: Job,
  advanced: (advance: Advance) => Effect.Effect<void>,
) => Effect.Effect<ActionRecord, StageFailure, R>

/** A place in the pool that several short actions use one after the other. Two are told apart by their identity. */
export type Lane = object

/**
 * Executes a short action after those of its lane that were asked for before it.
 *
 * Gives nothing where it was given back before it began: one before it failed, or runs for long. `begun` is for an
 * action that has run for a while.
 */
export type ExecuteInTurn = (
  job: Job,
  advanced: (advance: Advance) => Effect.Effect<void>,
  lane: Lane,
  begun: Effect.Effect<void>,
) => Effect.Effect<ActionRecord | undefined, StageFailure>

/** How light actions are executed beside the engine. */
export interface Inline {
  readonly alone: Execute<Store | Disk>
  readonly inTurn?: ExecuteInTurn
}

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
  /** Absent where each action is executed by itself. */
  readonly inTurn?: ExecuteInTurn
}>()("redag/Executor") {}
