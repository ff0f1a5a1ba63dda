import { Context, Effect, Exit, Layer, Schema } from "effect"
import { hostname } from "node:os"
import { join } from "node:path"
import { columnsOf } from "../columns.ts"
import { type Digest, digestOf } from "../digest.ts"
import { StoreError } from "../errors.ts"
import { digestOfFile } from "../files.ts"
import { readParquet, writeParquet } from "../parquet.ts"
import type { BlobRef, RowSchema } from "../stage.ts"
import { Disk } from "./disk.ts"
import { ActionRecord, Code, Job, type OutputRecord } from "./record.ts"

/**
 * The content-addressed store, a folder that any number of processes may use at once.
 *
 * `objects/` holds bytes named by their sha256, `actions/` what was made from what, `code/` the code that made it,
 * `runs/` what happened, `heads/` which action each node last had, `logs/` what running stages print, `pending/` what
 * executors are to do, `tmp/` what is half written.
 */
export class Store extends Context.Service<Store, {
  readonly folder: string
  readonly objectPath: (digest: Digest) => string
  readonly logPath: (key: Digest) => string
  readonly writeRows: (
    artifact: string,
    row: RowSchema,
    rows: Iterable<unknown> | AsyncIterable<unknown>,
  ) => Effect.Effect<OutputRecord, StoreError>
  /** Rows `start` to `end` of a table; its bytes are checked against the digest before anything is read. */
  readonly readRows: (
    row: RowSchema,
    digest: Digest,
    range?: { readonly start?: number; readonly end?: number },
  ) => Effect.Effect<ReadonlyArray<object>, StoreError>
  readonly putBlob: (content: Uint8Array | string) => Effect.Effect<BlobRef, StoreError>
  readonly getBlob: (ref: BlobRef) => Effect.Effect<Uint8Array, StoreError>
  /** The record of an action, where it is there and every object it names is there at its size. */
  readonly hit: (key: Digest) => Effect.Effect<Hit, StoreError>
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined, StoreError>
  readonly publishRecord: (record: ActionRecord) => Effect.Effect<void, StoreError>
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined, StoreError>
  readonly publishCode: (digest: Digest, code: Code) => Effect.Effect<void, StoreError>
  readonly job: (key: Digest) => Effect.Effect<Job | undefined, StoreError>
  readonly publishJob: (job: Job) => Effect.Effect<void, StoreError>
  readonly dropJob: (key: Digest) => Effect.Effect<void, StoreError>
  readonly heads: (profile: string) => Effect.Effect<ReadonlyMap<string, Digest>, StoreError>
  readonly publishHeads: (profile: string, heads: ReadonlyMap<string, Digest>) => Effect.Effect<void, StoreError>
}>()("redag/Store") {}

/** What the store knows of a key. */
export type Hit =
  | { readonly _tag: "Hit"; readonly record: ActionRecord }
  | { readonly _tag: "NoRecord" }
  /** The record cannot be read. */
  | { readonly _tag: "Damaged"; readonly problem: string }
  /** An object that the record names is gone, or not of its size. */
  | { readonly _tag: "Incomplete"; readonly record: ActionRecord; readonly digest: Digest }

/** The file of an object, below the store's folder. */
export const objectFile = (digest: Digest): string => join("objects", digest.slice(0, 2), digest.slice(2))

/** Opens the store in a folder, which is made on the first write. */
export const layer = (folder: string): Layer.Layer<Store, never, Disk> =>
  Layer.effect(
    Store,
    Effect.gen(function*() {
      const disk = yield* Disk
      const temporaries = join(folder, "tmp", `${hostname()}-${process.pid}`)
      let counter = 0
      const verified = new Set<Digest>()

      const inFolder = (kind: string, name: string) => join(folder, kind, name)
      const objectPath = (digest: Digest) => join(folder, objectFile(digest))

      const temporary = Effect.suspend(() =>
        disk.makeFolder(temporaries).pipe(Effect.as(join(temporaries, String(counter++))))
      )

      const publish = (path: string, content: Uint8Array | string) =>
        Effect.flatMap(temporary, (file) =>
          disk.write(file, content).pipe(
            Effect.andThen(disk.publish(file, path)),
            Effect.onError(() => Effect.ignore(disk.remove(file))),
          ))

      const publishJson = <A, I>(kind: string, name: string, schema: Schema.Codec<A, I>, value: A) =>
        publish(inFolder(kind, `${name}.json`), `${JSON.stringify(Schema.encodeSync(schema)(value), null, 2)}\n`)

      const readJson = <A, I>(kind: string, name: string, schema: Schema.Codec<A, I>) => {
        const path = inFolder(kind, `${name}.json`)
        const decode = Schema.decodeUnknownExit(Schema.fromJsonString(schema))
        return Effect.flatMap(disk.read(path), (text) => {
          if (text === undefined) return Effect.succeed(undefined)
          const decoded = decode(text)
          return Exit.isSuccess(decoded) ? Effect.succeed(decoded.value) : Effect.fail(
            new StoreError({
              path,
              message: "is not a record of this store",
              help: "delete it; what it named is made again",
            }),
          )
        })
      }

      const adopt = (file: string, digest: Digest) =>
        Effect.flatMap(disk.size(objectPath(digest)), (size) =>
          // Equal content is already there; keeping the old file keeps its readers safe.
          size === undefined ? disk.publish(file, objectPath(digest)) : disk.remove(file))

      const damaged = (digest: Digest, problem: string) =>
        new StoreError({
          path: objectPath(digest),
          message: `object ${digest} ${problem}`,
          help: "delete that file and run again; it is made anew",
        })

      const verify = Effect.fnUntraced(function*(digest: Digest) {
        if (verified.has(digest)) return
        const path = objectPath(digest)
        if ((yield* disk.size(path)) === undefined) return yield* damaged(digest, "is not in the store")
        const actual = yield* Effect.sync(() => digestOfFile(path))
        if (actual !== digest) return yield* damaged(digest, `is corrupt: its content has sha256 ${actual}`)
        verified.add(digest)
      })

      return Store.of({
        folder,
        objectPath,
        logPath: (key) => inFolder("logs", `${key}.log`),
        writeRows: Effect.fnUntraced(function*(artifact, row, rows) {
          const file = yield* temporary
          return yield* Effect.gen(function*() {
            const count = yield* Effect.tryPromise({
              try: () => writeParquet(file, columnsOf(row), rows),
              catch: (cause) => cause,
            }).pipe(Effect.catch((cause) =>
              cause instanceof RangeError
                ? Effect.fail(
                  new StoreError({ path: artifact, message: cause.message, help: "mend the stage's output" }),
                )
                : cause instanceof StoreError
                ? Effect.fail(cause)
                : (cause as NodeJS.ErrnoException).code === undefined
                ? Effect.die(cause)
                : Effect.fail(
                  new StoreError({
                    path: file,
                    message: `cannot be written: ${(cause as Error).message}`,
                    help: "free some space or make the store writable; what is finished is kept",
                  }),
                )
            ))
            const digest = yield* Effect.sync(() => digestOfFile(file))
            const size = (yield* disk.size(file)) ?? 0
            yield* adopt(file, digest)
            return { artifact, digest, size, rows: count }
          }).pipe(Effect.onError(() => Effect.ignore(disk.remove(file))))
        }),
        readRows: Effect.fnUntraced(function*(row, digest, range) {
          yield* verify(digest)
          const decode = Schema.decodeUnknownSync(Schema.Array(row))
          return yield* Effect.tryPromise({
            try: async () => decode(await readParquet(objectPath(digest), columnsOf(row), range)),
            catch: (cause) => damaged(digest, `is not the table it should be: ${String(cause)}`),
          })
        }),
        putBlob: Effect.fnUntraced(function*(content) {
          const bytes = typeof content === "string" ? Buffer.from(content) : content
          const digest = digestOf(bytes)
          if ((yield* disk.size(objectPath(digest))) === undefined) yield* publish(objectPath(digest), bytes)
          return { digest, size: bytes.length }
        }),
        getBlob: Effect.fnUntraced(function*({ digest }) {
          const content = yield* disk.readBytes(objectPath(digest))
          if (content === undefined) return yield* damaged(digest, "is not in the store")
          const actual = digestOf(content)
          if (actual !== digest) return yield* damaged(digest, `is corrupt: its content has sha256 ${actual}`)
          return content
        }),
        hit: Effect.fnUntraced(function*(key) {
          const found = yield* Effect.result(readJson("actions", key, ActionRecord))
          if (found._tag === "Failure") return { _tag: "Damaged", problem: found.failure.message } as const
          const record = found.success
          if (record === undefined) return { _tag: "NoRecord" } as const
          for (const object of [...Object.values(record.outputs), ...record.blobs]) {
            if ((yield* disk.size(objectPath(object.digest))) !== object.size) {
              return { _tag: "Incomplete", record, digest: object.digest } as const
            }
          }
          return { _tag: "Hit", record } as const
        }),
        record: (key) => readJson("actions", key, ActionRecord),
        publishRecord: (record) => publishJson("actions", record.key, ActionRecord, record),
        code: (digest) => readJson("code", digest, Code),
        publishCode: Effect.fnUntraced(function*(digest, code) {
          const path = inFolder("code", `${digest}.json`)
          if ((yield* disk.size(path)) === undefined) yield* publishJson("code", digest, Code, code)
        }),
        job: (key) => readJson("pending", key, Job),
        publishJob: (job) => publishJson("pending", job.key, Job, job),
        dropJob: (key) => disk.remove(inFolder("pending", `${key}.json`)),
        heads: (profile) =>
          readJson("heads", profile, Heads).pipe(
            Effect.map((heads) => new Map(Object.entries(heads ?? {}))),
          ),
        publishHeads: (profile, heads) => publishJson("heads", profile, Heads, Object.fromEntries(heads)),
      })
    }),
  )

const Heads = Schema.Record(Schema.String, Schema.String)
