import { Effect } from "effect"
import type { StoreError } from "../base/errors.ts"
import type { JsonFiles } from "./json.ts"
import type { Job } from "./record.ts"

/** What executors are to do. */
export interface Jobs {
  readonly job: (name: string) => Effect.Effect<Job | undefined, StoreError>
  /** Gives the job a name that begins with its key and is no other process's, and keeps it under that. */
  readonly publishJob: (job: Job) => Effect.Effect<string, StoreError>
  readonly dropJob: (name: string) => Effect.Effect<void, StoreError>
}

/** Jobs of the process of this name in these files. */
export const makeJobs = (files: JsonFiles<Job>, owner: string): Jobs => ({
  job: files.read,
  publishJob: (job) => {
    // Two runs at once may execute one action; the first to finish must not take the other's job away.
    const name = `${job.key}.${owner}`
    return Effect.as(files.publish(name, job), name)
  },
  dropJob: files.drop,
})
