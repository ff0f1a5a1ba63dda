import { Context, Effect, Layer } from "effect"
import { join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { Replies } from "../graph/stage.ts"
import { Code } from "../identity/code.ts"
import { Accepted, acceptedClaims, type Standing, withAccepted } from "./accepted.ts"
import { Batch } from "./batch.ts"
import { codeClaims, type CodeFiles, makeCode } from "./code.ts"
import { type DigestMemory, makeDigests } from "./digests.ts"
import { Disk } from "./disk.ts"
import { HeadFile, type Heads, makeHeads } from "./heads.ts"
import { type Jobs, makeJobs } from "./jobs.ts"
import { type Claims, type JsonFiles, jsonFiles } from "./json.ts"
import { type KnownRecords, makeKnownRecords } from "./known-records.ts"
import { type Layout, layoutOf } from "./layout.ts"
import { type Leases, makeLeases } from "./leases.ts"
import { makeObjects, type Objects } from "./objects.ts"
import { engineOf, newOwner } from "./owner.ts"
import { Pin } from "./pins.ts"
import { makeProcesses, type Processes } from "./processes.ts"
import { ActionRecord, Job, plainRecord } from "./record.ts"
import { makeRecords, type Records, refutedRecord } from "./records.ts"
import { Released, releasedClaims } from "./released.ts"
import type { RemoteStore } from "./remote/remote-store.ts"
import { makeSharedLeases } from "./remote/shared-leases.ts"
import { makeReplies, Reply, replyClaims } from "./replies.ts"
import { Signed } from "./signatures.ts"
import { makeSuspects, type Suspects } from "./suspects.ts"
import { makeTables, type Tables } from "./tables.ts"
import { type UnfinishedFolder, unfinishedIn } from "./unfinished.ts"
import { makeWriter, type Writer } from "./writer.ts"

/** The JSON files of a store, each kind in a folder of its own. */
export interface Files {
  readonly records: JsonFiles<ActionRecord>
  readonly conflicts: JsonFiles<ActionRecord>
  readonly code: JsonFiles<Code>
  readonly heads: JsonFiles<typeof HeadFile.Type>
  readonly jobs: JsonFiles<Job>
  readonly batches: JsonFiles<Batch>
  readonly pins: JsonFiles<Pin>
  readonly signatures: JsonFiles<Signed>
  readonly released: JsonFiles<Released>
  readonly accepted: JsonFiles<Accepted>
  readonly replies: JsonFiles<Reply>
}

/** The content-addressed store, a folder that any number of processes may use at once. */
export class Store extends Context.Service<
  Store,
  & Pick<Objects, "objectPath" | "putBlob" | "putFile" | "blobPath" | "presence">
  & Tables
  & Omit<Records, "hit">
  & CodeFiles
  & Heads
  & Jobs
  & {
    readonly layout: Layout
    /** What the store has of a key: its record, or one whose outputs were accepted for it. */
    readonly hit: (key: Digest) => Effect.Effect<Standing, StoreError>
    readonly suspects: Suspects
    /** The digests of the user's files, as far as they are remembered. */
    readonly digests: DigestMemory
    readonly known: KnownRecords
    readonly files: Files
    /** The name by which this process's temporary files, jobs and running logs are known as its own. */
    readonly owner: string
    readonly processes: Processes
    readonly leases: Leases
    /** A path of this process alone, for what it needs for a while and removes. */
    readonly temporary: Writer["temporary"]
    /** The log of a job that runs, by the job's name, or of an action that failed, by its key. */
    readonly logPath: (name: string) => string
    readonly unfinished: (key: Digest) => UnfinishedFolder
    readonly replies: Replies["Service"]
    /** The remote behind the store; undefined where there is none. */
    readonly remote: RemoteStore | undefined
  }
>()("redag/Store") {}

/** What files of a kind that only this process's engine reads must agree with: nothing but their own digest. */
const unclaimed = (help: string): Claims<unknown> => ({ refuted: () => undefined, help })

const recordClaims: Claims<ActionRecord> = {
  refuted: refutedRecord,
  help: "run again: the action is executed again, and the record is written in its place",
}

/** A store has no links: what is written would stand elsewhere. */
const refuseLinks = (disk: Disk["Service"], { folders }: Layout): Effect.Effect<void, StoreError> =>
  Effect.forEach(
    folders,
    (path) =>
      Effect.flatMap(disk.stat(path), (found) =>
        found?.kind !== "link" ? Effect.void : Effect.fail(
          new StoreError({
            path,
            message: "is a link, and a store is written to only in folders of its own",
            help: "put a folder in its place; to have the store elsewhere, name its folder with DAG_STORE",
          }),
        )),
    { discard: true },
  )

/**
 * Opens the store in a folder, which is made on the first write, for a process of this name; with the remote of an address
 * behind it, where one is given.
 */
export const layer = (folder: string, name?: string, address?: string): Layer.Layer<Store, never, Disk> =>
  Layer.effect(
    Store,
    Effect.gen(function*() {
      const disk = yield* Disk
      const layout = layoutOf(folder)
      // Two stores of one process are two owners: what one of them takes is not the other's.
      const owner = name ?? newOwner()
      // First, so that its heartbeat goes last.
      const processes = yield* makeProcesses(disk, layout, owner, refuseLinks(disk, layout))
      const writer = yield* makeWriter(disk, join(layout.temporaries, owner), processes.begin)
      const leases = yield* makeLeases(disk, layout, processes, owner, writer.temporary)
      const suspects = makeSuspects(disk, layout.suspects)
      const remote = address === undefined
        ? undefined
        : yield* Effect.flatMap(
          Effect.promise(() => import("./remote/remote-store.ts")),
          ({ makeRemoteStore }) => makeRemoteStore(address, { disk, layout, writer, leases, processes, owner }),
        )
      const objects = makeObjects(disk, layout, writer, suspects, remote)
      const heads = unclaimed("run again: heads are written by each run")
      const files: Files = {
        records: jsonFiles(layout.records, ActionRecord, recordClaims, disk, writer, plainRecord),
        conflicts: jsonFiles(layout.conflicts, ActionRecord, recordClaims, disk, writer),
        code: jsonFiles(layout.code, Code, codeClaims, disk, writer),
        heads: jsonFiles(layout.heads, HeadFile, heads, disk, writer),
        jobs: jsonFiles(layout.jobs, Job, unclaimed("run again"), disk, writer),
        batches: jsonFiles(layout.batches, Batch, unclaimed("run again"), disk, writer),
        pins: jsonFiles(layout.pins, Pin, unclaimed("move it away with dag repair, and pin again"), disk, writer),
        signatures: jsonFiles(
          layout.signatures,
          Signed,
          unclaimed("move it away with dag repair, and sign again"),
          disk,
          writer,
        ),
        released: jsonFiles(layout.released, Released, releasedClaims, disk, writer),
        accepted: jsonFiles(layout.accepted, Accepted, acceptedClaims, disk, writer),
        replies: jsonFiles(layout.replies, Reply, replyClaims, disk, writer),
      }
      const { hit, ...records } = makeRecords(files, objects, disk, writer)
      return Store.of({
        layout,
        owner,
        processes,
        leases: remote === undefined || engineOf(owner) !== owner
          ? leases
          : yield* makeSharedLeases(leases, remote.written, owner),
        suspects,
        digests: yield* makeDigests(disk, layout, writer),
        known: yield* makeKnownRecords(disk, layout, writer, files.records, suspects, remote),
        remote,
        ...objects,
        ...makeTables(disk, objects),
        files,
        ...records,
        hit: withAccepted(files.accepted, hit),
        ...makeCode(files.code),
        ...makeHeads(files.heads),
        ...makeJobs(files.jobs, owner),
        temporary: writer.temporary,
        replies: makeReplies(files.replies, disk, layout, owner),
        logPath: layout.logs.path,
        unfinished: (key) => {
          const path = layout.unfinished.path(key)
          let known: UnfinishedFolder | undefined
          // Most actions save nothing and show nothing: of them it is only asked whether there is anything.
          const folder = (): UnfinishedFolder => (known ??= unfinishedIn(path, disk, writer.publish))
          const whereThere = <A>(there: () => Effect.Effect<A, StoreError>, absent: A) =>
            Effect.flatMap(disk.stat(path), (found) => (found === undefined ? Effect.succeed(absent) : there()))
          // Who was taken for dead meanwhile has nothing to write, or to clear, where another is at work.
          const guarded = (write: () => Effect.Effect<void, StoreError>) =>
            Effect.andThen(leases.guard(key), Effect.suspend(write))
          return {
            restore: Effect.suspend(() => folder().restore),
            save: (state) => Effect.andThen(leases.guard(key), Effect.suspend(() => folder().save(state))),
            isWhole: (ref) => folder().isWhole(ref),
            interval: Effect.suspend(() => folder().interval),
            isThere: whereThere(() => folder().isThere, false),
            newest: whereThere(() => folder().newest, undefined),
            soFar: {
              read: Effect.suspend(() => folder().soFar.read),
              say: (said) => guarded(() => folder().soFar.say(said)),
            },
            clear: whereThere(() => guarded(() => folder().clear), undefined),
          }
        },
      })
    }),
  )
