import { Effect, Schema } from "effect"
import { attemptPromise } from "../base/attempt.ts"
import { columnsOf, Unrepresentable } from "../base/columns.ts"
import type { Digest } from "../base/digest.ts"
import { DagError, StoreError } from "../base/errors.ts"
import type { RowSchema, StageFailure } from "../graph/stage.ts"
import { type Disk, storeError } from "./disk.ts"
import { objectError, type Objects } from "./objects.ts"
import { type Bytes, readParquet, writeParquet } from "./parquet.ts"
import type { OutputRecord } from "./record.ts"

/** The tables of a store: objects in Parquet. */
export interface Tables {
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
}

/** Up to this many bytes a table is read at once, so that what is hashed is what is read. */
const AT_ONCE = 1 << 26

/** Tables among these objects. */
export const makeTables = (disk: Disk["Service"], { putWritten, verify, bytes, objectPath }: Objects): Tables => {
  /** The verified bytes of a table: of a large one, the file, which closes with the scope. */
  const bytesOf = Effect.fnUntraced(function*(digest: Digest) {
    const content = yield* bytes(digest, AT_ONCE)
    if (content !== undefined) return bytesIn(content)
    yield* verify(digest)
    const path = objectPath(digest)
    const source = yield* Effect.acquireRelease(
      disk.source(path),
      (opened) => Effect.sync(() => opened?.close()),
    )
    return source ?? (yield* objectError(path, digest, "is not in the store"))
  })
  return {
    writeRows: Effect.fnUntraced(function*(artifact, row, rows) {
      const { digest, size, filled } = yield* putWritten((file) =>
        Effect.flatMap(disk.sink(file), (sink) =>
          attemptPromise(
            () => writeParquet(sink, columnsOf(row), rows),
            (thrown): StageFailure | undefined =>
              thrown instanceof Unrepresentable
                ? new StoreError({ path: artifact, message: thrown.message, help: "fix the stage's output" })
                // The rows may come from a stage that is still at work and fails.
                : isDagError(thrown)
                ? thrown
                : storeError(file, "written", thrown),
          ))
      )
      return { artifact, digest, size, rows: filled, varies: row.ast.annotations?.["varies"] === true }
    }),
    readRows: (row, digest, range) =>
      Effect.scoped(Effect.flatMap(bytesOf(digest), (content) => {
        const decode = Schema.decodeUnknownSync(Schema.Array(row))
        const path = objectPath(digest)
        return attemptPromise(
          async () => decode(await readParquet(content, columnsOf(row), range)),
          (thrown) => storeError(path, "read", thrown) ?? notThatTable(path, digest, thrown),
        )
      })),
  }
}

const bytesIn = (content: Buffer): Bytes => ({
  size: content.length,
  read: (start, end) => new Uint8Array(content.subarray(start, end)),
})

/** Bytes that are those of the digest and no such table are another program's, or a mistake of this one. */
const notThatTable = (path: string, digest: Digest, thrown: unknown): StoreError =>
  new StoreError({
    path,
    message: `object ${digest} is not the table it should be: ${String(thrown)}`,
    help: "see which action made it with dag lineage, and replace it: dag run NODE --force --replace",
  })

const isDagError = Schema.is(DagError)
