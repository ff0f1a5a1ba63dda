import { Context, Effect, Layer } from "effect"
import { join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { Code } from "../identity/code.ts"
import { type CodeFiles, makeCode } from "./code.ts"
import { Disk } from "./disk.ts"
import { HeadFile, type Heads, makeHeads } from "./heads.ts"
import { type Jobs, makeJobs } from "./jobs.ts"
import { jsonFiles } from "./json.ts"
import { type Layout, layoutOf } from "./layout.ts"
import { makeObjects, type Objects } from "./objects.ts"
import { newOwner } from "./owner.ts"
import { ActionRecord, Job } from "./record.ts"
import { makeRecords, type Records } from "./records.ts"
import { makeTables, type Tables } from "./tables.ts"
import { type UnfinishedFolder, unfinishedIn } from "./unfinished.ts"
import { makeWriter } from "./writer.ts"

/** The content-addressed store, a folder that any number of processes may use at once. */
export class Store extends Context.Service<
  Store,
  & Pick<Objects, "objectPath" | "putBlob" | "putFile" | "blobPath">
  & Tables
  & Records
  & CodeFiles
  & Heads
  & Jobs
  & {
    readonly layout: Layout
    /** The name by which this process's temporary files, jobs and running logs are known as its own. */
    readonly owner: string
    /** The log of a job that runs, by the job's name, or of an action that failed, by its key. */
    readonly logPath: (name: string) => string
    readonly unfinished: (key: Digest) => UnfinishedFolder
  }
>()("redag/Store") {}

/** Opens the store in a folder, which is made on the first write. */
export const layer = (folder: string): Layer.Layer<Store, never, Disk> =>
  Layer.effect(
    Store,
    Effect.gen(function*() {
      const disk = yield* Disk
      const owner = newOwner()
      const layout = layoutOf(folder)
      const writer = yield* makeWriter(disk, join(layout.temporaries, owner))
      const objects = makeObjects(disk, layout, writer)
      return Store.of({
        layout,
        owner,
        ...objects,
        ...makeTables(objects),
        ...makeRecords(jsonFiles(layout.records, ActionRecord, disk, writer), objects),
        ...makeCode(jsonFiles(layout.code, Code, disk, writer)),
        ...makeHeads(jsonFiles(layout.heads, HeadFile, disk, writer)),
        ...makeJobs(jsonFiles(layout.jobs, Job, disk, writer), owner),
        logPath: layout.logs.path,
        unfinished: (key) => unfinishedIn(layout.unfinished.path(key), disk, writer.publish),
      })
    }),
  )
