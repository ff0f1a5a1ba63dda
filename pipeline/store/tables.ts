import { Effect, Schema } from "effect"
import { attemptPromise } from "../base/attempt.ts"
import { columnsOf, Unrepresentable } from "../base/columns.ts"
import type { Digest } from "../base/digest.ts"
import { DagError, StoreError } from "../base/errors.ts"
import type { RowSchema, StageFailure } from "../graph/stage.ts"
import { storeError } from "./disk.ts"
import { objectError, type Objects } from "./objects.ts"
import { readParquet, writeParquet } from "./parquet.ts"
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

/** Tables among these objects. */
export const makeTables = ({ putWritten, verify, objectPath }: Objects): Tables => ({
  writeRows: Effect.fnUntraced(function*(artifact, row, rows) {
    const { digest, size, filled } = yield* putWritten((file) =>
      attemptPromise(
        () => writeParquet(file, columnsOf(row), rows),
        (thrown): StageFailure | undefined =>
          thrown instanceof Unrepresentable
            ? new StoreError({ path: artifact, message: thrown.message, help: "fix the stage's output" })
            // The rows may come from a stage that is still at work and fails.
            : isDagError(thrown)
            ? thrown
            : storeError(file, "written", thrown),
      )
    )
    return { artifact, digest, size, rows: filled }
  }),
  readRows: Effect.fnUntraced(function*(row, digest, range) {
    yield* verify(digest)
    const path = objectPath(digest)
    const decode = Schema.decodeUnknownSync(Schema.Array(row))
    return yield* attemptPromise(
      async () => decode(await readParquet(path, columnsOf(row), range)),
      (thrown) => objectError(path, digest, `is not the table it should be: ${String(thrown)}`),
    )
  }),
})

const isDagError = Schema.is(DagError)
