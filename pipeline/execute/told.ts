import type { ActionRecord, Job } from "../store/record.ts"
import { environmentOf } from "./environment.ts"

/** What the engine and its threads have alike where the record that counts is the one that a thread has just made. */
type Shared = "files" | "resources" | "environment"

/** A record as a thread tells the engine of it: without what the engine has of the job, which is two thirds of it. */
export type Told = Omit<ActionRecord, "key" | "preImage" | Shared> & Partial<Pick<ActionRecord, Shared>>

/** What a thread tells of the record of a job. One that another process made first is told with what that was made in. */
export const toldOf = (record: ActionRecord, job: Job): Told => {
  const { key: _, preImage: __, files, resources, environment, ...rest } = record
  return {
    ...rest,
    ...(files === job.files ? {} : { files }),
    ...(resources === job.resources ? {} : { resources }),
    ...(environment === environmentOf(job.environment) ? {} : { environment }),
  }
}

/** The record that was told of: thousands of records share what they have alike. */
export const recordOfTold = (
  { files, resources, environment, ...rest }: Told,
  job: Job,
): ActionRecord => ({
  ...rest,
  key: job.key,
  preImage: job.preImage,
  files: files ?? job.files,
  resources: resources ?? job.resources,
  environment: environment ?? environmentOf(job.environment),
})
