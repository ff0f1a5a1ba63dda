import { Context, type Effect } from "effect"
import type { BlobRef } from "../base/blob-ref.ts"
import type { Digest } from "../base/digest.ts"
import type { Advance, StageFailure } from "../graph/stage.ts"
import type { JobPlace, JobWait } from "../store/batch.ts"
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

/** What whoever has actions wait in a queue is told besides. */
export interface InQueue {
  /** Is for an action that begins, and where it does: until then it only waits. The same is said once. */
  readonly begun: (job?: JobPlace) => Effect.Effect<void>
  /** Is for what an action waits for, also where it has begun and waits again. The same is said once. */
  readonly waits: (wait: JobWait) => Effect.Effect<void>
  /** After how many seconds of work it is stopped; undefined where never. */
  readonly timeout: number | undefined
  /** What nodes made that it takes input from: tables, and blobs that it may read. */
  readonly reads: ReadonlyArray<BlobRef>
}

/** Executes an action once a queue that others use too lets it begin; sees to its time limit from then on. */
export type ExecuteQueued = (
  job: Job,
  isolation: "inline" | "process",
  advanced: (advance: Advance) => Effect.Effect<void>,
  inQueue: InQueue,
) => Effect.Effect<ActionRecord, StageFailure>

/** How an action stands that was handed to a queue, as far as those say who execute it. */
export interface InQueueNow {
  readonly job: JobPlace
  /** The run that handed it over. */
  readonly run: string
  /** What it waits for; undefined where it runs. */
  readonly wait: JobWait | undefined
  /** Since when it runs, as ISO 8601 writes it by the clock of its machine, and how far it is. */
  readonly since: string | undefined
  readonly advance: Advance | undefined
}

/** How actions stand that any process handed to a queue; what is not in one is left out. */
export type LookAtQueued = (keys: Iterable<Digest>) => Effect.Effect<ReadonlyMap<Digest, InQueueNow>>

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
  /** Absent where an action begins as soon as it is asked for. */
  readonly queued?: ExecuteQueued
  /** Absent where nothing is in a queue. */
  readonly lookAtQueued?: LookAtQueued
}>()("redag/Executor") {}
