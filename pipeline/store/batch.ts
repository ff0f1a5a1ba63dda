import { Schema } from "effect"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { type Digest, digestOfValue } from "../base/digest.ts"
import { Job } from "./record.ts"

/** An action of a batch. */
export const BatchJob = Schema.Struct({
  job: Job,
  /** Whether its stage runs in the process of the worker or in one of its own. */
  isolation: Schema.Literals(["inline", "process"]),
  /** After how many seconds of work it is stopped; null where never. */
  timeout: Schema.NullOr(Schema.Finite),
  /** Whether the store had a record of it that does not do: one that is there later is no reason to leave it out. */
  again: Schema.Boolean,
})
export type BatchJob = typeof BatchJob.Type

/**
 * What was handed to a batch system at once, in `batches/<id>.json`: one array of tasks, each of which executes its
 * actions one after the other. It holds the jobs themselves: they are needed also when the engine that gave them is gone.
 */
export const Batch = Schema.Struct({
  id: Schema.String,
  /** The owner that handed it over. */
  submitter: Schema.String,
  /** The run that it was handed over for. */
  run: Schema.String,
  /** The cluster that it was handed to, and the number of the user who did; left out where they were not known. */
  cluster: Schema.optionalKey(Schema.String),
  user: Schema.optionalKey(Schema.Natural),
  /** When, by the submitter's clock, as ISO 8601 writes it: for people. */
  began: Schema.String,
  /** What tells apart tasks that cannot be of one array: see slurm/resource-class.ts. */
  class: Schema.String,
  /** The memory of a task in MiB, and its time limit in seconds; null where the batch system's own holds. */
  memory: Schema.Finite,
  seconds: Schema.NullOr(Schema.Finite),
  /** How many seconds before its time limit a task is told that it comes. */
  warning: Schema.Finite,
  /** How many actions of a task run at the same time. */
  together: Schema.Natural,
  /** The number of a task in its array is its index. */
  tasks: Schema.Array(Schema.Struct({ jobs: Schema.Array(BatchJob) })),
})
export type Batch = typeof Batch.Type

/** A name for a batch that no other has: letters and digits, as batch systems take them. */
export const newBatchId = (): string => `b${randomBytes(6).toString("hex")}`

/** The name of the log of a task, in `tasks/`. */
export const taskName = (batch: string, task: number): string => `${batch}.${task}`

/** The name of a batch's array in the queue. */
export const jobNameOf = (batch: string): string => `redag-${batch}`

/** The file that a task prints to, in the folder of logs. */
export const outputOf = (logs: string, batch: string, task: number | "{task}"): string =>
  join(logs, `${batch}.${task}.log`)

/**
 * Two workers may be given one action, where one of them was thought to be lost. The one that works on it holds a lease
 * beside that of who submitted it: this is its key.
 */
export const workersKey = (key: Digest): Digest => digestOfValue("worker-of", key)

/** The job of a batch system that an action is in. */
export const JobPlace = Schema.Struct({
  /** As the batch system shows it, such as "1234_5"; left out where it is not known yet. */
  id: Schema.optionalKey(Schema.String),
  /** The name that its array has in the queue. */
  name: Schema.String,
  /** The machine that it runs on, or ran on last. */
  host: Schema.optionalKey(Schema.String),
  /** The name of the file, in the folder of logs, with what it prints beside its actions. */
  output: Schema.String,
})
export type JobPlace = typeof JobPlace.Type

/** What an action waits for that was handed to a batch system. */
export const JobWait = Schema.Struct({
  /**
   * "collected": it is to be submitted in a moment. "queued": its job waits. "held": its job waits for a person.
   * "turn": its job runs, and has others to execute first. "again": its job waits, and had begun before.
   */
  state: Schema.Literals(["collected", "queued", "held", "turn", "again"]),
  /** What its job waits for, as the batch system says it. */
  reason: Schema.optionalKey(Schema.String),
  job: Schema.optionalKey(JobPlace),
})
export type JobWait = typeof JobWait.Type
