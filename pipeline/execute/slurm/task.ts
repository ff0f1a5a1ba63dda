import type { Effect, Exit } from "effect"
import type { Digest } from "../../base/digest.ts"
import type { StoreError } from "../../base/errors.ts"
import type { Advance, StageFailure } from "../../graph/stage.ts"
import { type Batch, type BatchJob, jobNameOf, type JobPlace, type JobWait } from "../../store/batch.ts"
import type { ActionRecord } from "../../store/record.ts"
import type { Details } from "./answers.ts"
import type { ResourceClass } from "./resource-class.ts"
import type { Said } from "./said.ts"

/** An action that a run waits for. */
export interface Waiter {
  readonly job: BatchJob
  readonly class: ResourceClass
  /** How long it takes as far as is known, in milliseconds. */
  readonly expected: number | undefined
  /** Both say the same thing once. */
  readonly begun: (job: JobPlace) => Effect.Effect<void>
  readonly waits: (wait: JobWait) => Effect.Effect<void>
  readonly advanced: (advance: Advance) => Effect.Effect<void>
  readonly ended: (exit: Exit.Exit<ActionRecord, StageFailure>) => void
  /** How many times in a row it was lost with the task that it was in, without having saved a step. */
  losses: number
  /** How many times in a row it was lost with others, none of which had begun. */
  halvings: number
  /** The newest state that it had saved when it was last lost. */
  saved: number | undefined
  /** Whether it began in any task. */
  hasBegun: boolean
  /** Whether nobody waits for it any more. */
  isLeft: boolean
}

/** A task of an array, as far as it is known. */
export interface Task {
  readonly batch: Batch
  readonly index: number
  /** The name by which Slurm lists its array. */
  readonly jobName: string
  /** Its array's id; undefined where that is not known yet. */
  array: string | undefined
  /** What its worker says next. */
  readonly said: Effect.Effect<ReadonlyArray<Said>, StoreError>
  /** Who waits for what of it. */
  readonly waiters: Map<Digest, Waiter>
  /** What is done or failed, as its worker said. */
  readonly ended: Set<Digest>
  /** Whether any of it failed. */
  hasFailed: boolean
  readonly running: Set<Digest>
  /** What has run, now or before it was started again, and since when, as ISO 8601 writes it. */
  readonly began: Map<Digest, string>
  /** How far those are that run. */
  readonly advances: Map<Digest, Advance>
  hasBegun: boolean
  /** How often it began: Slurm may start it more than once. */
  begins: number
  /** When it was heard last that it began, on the monotonic clock, in milliseconds. */
  beganAt: number
  /** Whether its worker is at work, as far as is known: not where it waits to begin, or to begin again. */
  isAtWork: boolean
  /** The machine that it is on, or was on last. */
  host: string | undefined
  /** What the last look at the queue had of it, since it began last. */
  looked: { readonly state: string; readonly reason: string } | undefined
  /** Whether it was told to stop. */
  isCancelled: boolean
  /** How its worker ended, by what it said or by what Slurm says; undefined as long as it may go on. */
  over: Over | undefined
  /** How it ended as Slurm has it, where that was asked. */
  details: Details | undefined
  /** Call this once it is in the queue no more, where it was cancelled. */
  readonly whenGone: Array<() => void>
  /** In how many looks at the queue in a row it was not there. */
  missing: number
}

/** How a task ended. */
export type Over =
  | { readonly _tag: "Ended" }
  | { readonly _tag: "Stopped"; readonly why: "time" | "cancelled" }
  /** It is in the queue no more, and its worker said nothing of an end. */
  | { readonly _tag: "Gone" }

/** As Slurm names a task. */
export const slurmIdOf = ({ array, index }: Task): string | undefined =>
  array === undefined ? undefined : `${array}_${index}`

/** A task of which nothing was heard. */
export const newTask = (batch: Batch, index: number, said: Task["said"]): Task => ({
  batch,
  index,
  jobName: jobNameOf(batch.id),
  array: undefined,
  said,
  waiters: new Map(),
  ended: new Set(),
  hasFailed: false,
  running: new Set(),
  began: new Map(),
  advances: new Map(),
  hasBegun: false,
  begins: 0,
  beganAt: -Infinity,
  isAtWork: false,
  host: undefined,
  looked: undefined,
  isCancelled: false,
  over: undefined,
  details: undefined,
  whenGone: [],
  missing: 0,
})

/**
 * Whether nobody else can wait for anything of a task. While its submitter lives, only that one does; what a dead one left
 * may have been adopted by several, each of them for actions of its own.
 */
export const isAllOurs = (task: Task, owner: string): boolean =>
  task.batch.submitter === owner || openJobs(task).every(({ job: { key } }) => task.waiters.has(key))

/** The actions of a task of which its worker did not say how they ended. */
export const openJobs = ({ batch, index, ended }: Task): ReadonlyArray<BatchJob> =>
  (batch.tasks[index]?.jobs ?? []).filter(({ job: { key } }) => !ended.has(key))
