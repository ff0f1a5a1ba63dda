import { Context, Effect, Exit, Layer, Schema } from "effect"
import { join } from "node:path"
import { columnsOf, Unrepresentable } from "../base/columns.ts"
import { type Digest, digestOfPieces } from "../base/digest.ts"
import { InputError, StageError, StoreError } from "../base/errors.ts"
import { digestOfFile } from "../graph/files.ts"
import type { BlobRef, RowSchema, StageFailure } from "../graph/stage.ts"
import { Code } from "../identity/code.ts"
import { type Content, Disk, piecesOf } from "./disk.ts"
import { newOwner } from "./owner.ts"
import { readParquet, writeParquet } from "./parquet.ts"
import { ActionRecord, Job, type OutputRecord } from "./record.ts"
import { type UnfinishedFolder, unfinishedIn } from "./unfinished.ts"

/**
 * The content-addressed store, a folder that any number of processes may use at once.
 *
 * `objects/` holds bytes named by their sha256, `actions/` what was made from what, `code/` the code that made it,
 * `runs/` what happened, `heads/` which action each node last had, `logs/` what running and failed stages printed,
 * `pending/` what executors are to do, `unfinished/` what executions that did not finish left to go on from, `tmp/` what
 * is half written.
 */
export class Store extends Context.Service<Store, {
  readonly folder: string
  readonly objectPath: (digest: Digest) => string
  /** Whose `tmp/` folder, jobs and running logs these are. */
  readonly owner: string
  /** The log of a job that runs, by the job's name, or of an action that failed, by its key. */
  readonly logPath: (name: string) => string
  readonly writeRows: (
    artifact: string,
    row: RowSchema,
    rows: Iterable<unknown> | AsyncIterable<unknown>,
  ) => Effect.Effect<OutputRecord, StageFailure>
  /** Rows `start` to `end` of a table; its bytes are checked against the digest before anything is read. */
  readonly readRows: (
    row: RowSchema,
    digest: Digest,
    range?: { readonly start?: number; readonly end?: number },
  ) => Effect.Effect<ReadonlyArray<object>, StoreError>
  readonly putBlob: (content: Content) => Effect.Effect<BlobRef, StoreError>
  /** Keeps a copy of a file. */
  readonly putFile: (path: string) => Effect.Effect<BlobRef, StoreError>
  /** The path of a blob's bytes, once they are found to be those of its name. */
  readonly blobPath: (ref: BlobRef) => Effect.Effect<string, StoreError>
  /** The record of an action, where it is there and every object it names is there at its size. */
  readonly hit: (key: Digest) => Effect.Effect<Hit, StoreError>
  readonly record: (key: Digest) => Effect.Effect<ActionRecord | undefined, StoreError>
  /** The keys of all actions that have a record. */
  readonly keys: Effect.Effect<ReadonlyArray<Digest>, StoreError>
  readonly publishRecord: (record: ActionRecord) => Effect.Effect<void, StoreError>
  readonly code: (digest: Digest) => Effect.Effect<Code | undefined, StoreError>
  readonly publishCode: (digest: Digest, code: Code) => Effect.Effect<void, StoreError>
  readonly job: (name: string) => Effect.Effect<Job | undefined, StoreError>
  /** Gives the job a name that begins with its key and is no other process's, and keeps it under that. */
  readonly publishJob: (job: Job) => Effect.Effect<string, StoreError>
  readonly dropJob: (name: string) => Effect.Effect<void, StoreError>
  readonly unfinished: (key: Digest) => UnfinishedFolder
  readonly heads: (profile: string) => Effect.Effect<ReadonlyMap<string, Digest>, StoreError>
  /** Sets the heads of some nodes; those of others stay as they are now, whoever set them. */
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
      const owner = newOwner()
      const temporaries = join(folder, "tmp", owner)
      let counter = 0
      const verified = new Set<Digest>()

      yield* Effect.addFinalizer(() => (counter === 0 ? Effect.void : Effect.ignore(disk.remove(temporaries))))

      const inFolder = (kind: string, name: string) => join(folder, kind, name)
      const objectPath = (digest: Digest) => join(folder, objectFile(digest))

      const temporary = Effect.suspend(() =>
        disk.makeFolder(temporaries).pipe(Effect.as(join(temporaries, String(counter++))))
      )

      const publish = (path: string, content: Content) =>
        Effect.flatMap(temporary, (file) =>
          disk.write(file, content).pipe(
            Effect.andThen(disk.publish(file, path)),
            Effect.onError(() => Effect.ignore(disk.remove(file))),
          ))

      const publishJson = <A>(kind: string, name: string, { encode }: JsonFile<A>, value: A) =>
        publish(inFolder(kind, `${name}.json`), `${JSON.stringify(encode(value), null, 2)}\n`)

      const readJson = <A>(kind: string, name: string, { decode }: JsonFile<A>) => {
        const path = inFolder(kind, `${name}.json`)
        return Effect.flatMap(disk.read(path), (text) => {
          if (text === undefined) return Effect.succeed(undefined)
          const decoded = decode(text)
          return Exit.isSuccess(decoded) ? Effect.succeed(decoded.value) : Effect.fail(
            new StoreError({
              path,
              message: notARecord,
              help: "delete it; what it named is made again",
            }),
          )
        })
      }

      /** Whether the store has an object, and has it whole: one that is damaged is to be put in its place again. */
      const has = Effect.fnUntraced(function*(digest: Digest, size: number) {
        const path = objectPath(digest)
        if ((yield* disk.size(path)) !== size) return false
        if (!verified.has(digest) && (yield* Effect.sync(() => digestOfFile(path))) !== digest) return false
        verified.add(digest)
        return true
      })

      const adopt = Effect.fnUntraced(function*(file: string, digest: Digest, size: number) {
        if (yield* has(digest, size)) yield* disk.remove(file)
        else yield* disk.publish(file, objectPath(digest))
      })

      const damaged = (digest: Digest, problem: string) =>
        new StoreError({
          path: objectPath(digest),
          message: `object ${digest} ${problem}`,
          help: "run again; it is made anew",
        })

      // Heads only help to say what changed, so damaged ones are as good as none.
      const readHeads = (profile: string) =>
        readJson("heads", profile, headFiles).pipe(
          Effect.catch((error) => error.message === notARecord ? Effect.succeed(undefined) : Effect.fail(error)),
        )

      /** Bytes that are not those of their name are worth nothing, and in their place the right ones can be made. */
      const discard = (digest: Digest, actual: Digest) =>
        disk.remove(objectPath(digest)).pipe(
          Effect.match({
            onSuccess: () => `was corrupt and is removed: its content had sha256 ${actual}`,
            onFailure: () => `is corrupt: its content has sha256 ${actual}`,
          }),
          Effect.flatMap((problem) => damaged(digest, problem)),
        )

      const verify = Effect.fnUntraced(function*(digest: Digest) {
        if (verified.has(digest)) return
        const path = objectPath(digest)
        if ((yield* disk.size(path)) === undefined) return yield* damaged(digest, "is not in the store")
        const actual = yield* Effect.sync(() => digestOfFile(path))
        if (actual !== digest) return yield* discard(digest, actual)
        verified.add(digest)
      })

      return Store.of({
        folder,
        owner,
        objectPath,
        logPath: (name) => inFolder("logs", `${name}.log`),
        writeRows: Effect.fnUntraced(function*(artifact, row, rows) {
          const file = yield* temporary
          return yield* Effect.gen(function*() {
            const count = yield* Effect.tryPromise({
              try: () => writeParquet(file, columnsOf(row), rows),
              catch: (cause) => cause,
            }).pipe(Effect.catch((cause) =>
              cause instanceof Unrepresentable
                ? Effect.fail(
                  new StoreError({ path: artifact, message: cause.message, help: "mend the stage's output" }),
                )
                : cause instanceof InputError || cause instanceof StageError || cause instanceof StoreError
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
            yield* adopt(file, digest, size)
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
          const { digest, size } = digestOfPieces(piecesOf(content))
          if (!(yield* has(digest, size))) yield* publish(objectPath(digest), content)
          return { digest, size }
        }),
        putFile: Effect.fnUntraced(function*(path) {
          const file = yield* temporary
          return yield* Effect.gen(function*() {
            yield* disk.copy(path, file)
            const digest = yield* Effect.sync(() => digestOfFile(file))
            const size = (yield* disk.size(file)) ?? 0
            yield* adopt(file, digest, size)
            return { digest, size }
          }).pipe(Effect.onError(() => Effect.ignore(disk.remove(file))))
        }),
        blobPath: ({ digest }) => Effect.as(verify(digest), objectPath(digest)),
        hit: Effect.fnUntraced(function*(key) {
          const found = yield* Effect.result(readJson("actions", key, records))
          if (found._tag === "Failure") return { _tag: "Damaged", problem: found.failure.message } as const
          const record = found.success
          if (record === undefined) return { _tag: "NoRecord" } as const
          if (record.key !== key) return { _tag: "Damaged", problem: `is that of ${record.key}` } as const
          for (const object of [...Object.values(record.outputs), ...record.blobs]) {
            if ((yield* disk.size(objectPath(object.digest))) !== object.size) {
              return { _tag: "Incomplete", record, digest: object.digest } as const
            }
          }
          return { _tag: "Hit", record } as const
        }),
        record: (key) => readJson("actions", key, records),
        keys: Effect.map(
          disk.list(join(folder, "actions")),
          (names) => names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : [])),
        ),
        publishRecord: (record) => publishJson("actions", record.key, records, record),
        code: (digest) => readJson("code", digest, codes),
        publishCode: Effect.fnUntraced(function*(digest, code) {
          const path = inFolder("code", `${digest}.json`)
          if ((yield* disk.size(path)) === undefined) yield* publishJson("code", digest, codes, code)
        }),
        job: (name) => readJson("pending", name, jobs),
        publishJob: (job) => {
          // Two runs at once may execute one action; the first to finish must not take the other's job away.
          const name = `${job.key}.${owner}`
          return Effect.as(publishJson("pending", name, jobs, job), name)
        },
        dropJob: (name) => disk.remove(inFolder("pending", `${name}.json`)),
        unfinished: (key) => unfinishedIn(inFolder("unfinished", key), disk, publish),
        heads: (profile) =>
          readHeads(profile).pipe(
            Effect.map((heads) => new Map(Object.entries(heads ?? {}))),
          ),
        publishHeads: Effect.fnUntraced(function*(profile, heads) {
          const others = yield* readHeads(profile)
          yield* publishJson("heads", profile, headFiles, { ...others, ...Object.fromEntries(heads) })
        }),
      })
    }),
  )

const notARecord = "is not a record of this store"

/** A kind of JSON file both ways, made once: a plan reads thousands of records. */
interface JsonFile<A> {
  readonly decode: (text: string) => Exit.Exit<A, unknown>
  readonly encode: (value: A) => unknown
}

const jsonFile = <A, I>(schema: Schema.Codec<A, I>): JsonFile<A> => ({
  decode: Schema.decodeUnknownExit(Schema.fromJsonString(schema)),
  encode: Schema.encodeSync(schema),
})

const records = jsonFile(ActionRecord)
const codes = jsonFile(Code)
const jobs = jsonFile(Job)
const headFiles = jsonFile(Schema.Record(Schema.String, Schema.String))
