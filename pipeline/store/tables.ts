import { Effect, Schema } from "effect"
import { attempt, attemptPromise } from "../base/attempt.ts"
import type { BlobRef } from "../base/blob-ref.ts"
import { columnsOf, type Field, Unrepresentable } from "../base/columns.ts"
import type { Digest } from "../base/digest.ts"
import { DagError, StoreError } from "../base/errors.ts"
import type { RowSchema, StageFailure } from "../graph/stage.ts"
import { type Disk, storeError } from "./disk.ts"
import { heldTables, type RawRows } from "./held-tables.ts"
import { objectError, type Objects, type Prepared } from "./objects.ts"
import { type Bytes, type Out, readParquet, writeParquet } from "./parquet.ts"
import type { OutputRecord } from "./record.ts"
import { validity } from "./valid.ts"

/** A table that is to be recorded, and its object as far as that is still to be published. */
export interface PreparedTable {
  readonly output: OutputRecord
  readonly prepared: Prepared
}

/** The tables of a store: objects in Parquet. */
export interface Tables {
  /** Writes a table, which is published at the latest with the record that names it: see Records. */
  readonly prepareRows: (
    artifact: string,
    row: RowSchema,
    rows: Iterable<unknown> | AsyncIterable<unknown>,
  ) => Effect.Effect<PreparedTable, StageFailure>
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
  /**
   * All rows of a table, frozen through and through: several actions that this process executes may take the same table,
   * and read it once.
   */
  readonly sharedRows: (row: RowSchema, digest: Digest) => Effect.Effect<ReadonlyArray<object>, StoreError>
}

/** Bytes of memory for tables that the next action may take too. */
const SHARED = 1 << 27

/** Up to this many bytes a table is read at once, so that what is hashed is what is read. */
const AT_ONCE = 1 << 26

/** Tables among these objects. */
export const makeTables = (
  disk: Disk["Service"],
  { prepare, publishPrepared, putWritten, verify, bytes, objectPath }: Objects,
): Tables => {
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
  const written = (
    artifact: string,
    file: string,
    sink: Out,
    row: RowSchema,
    rows: Iterable<unknown> | AsyncIterable<unknown>,
  ) =>
    attemptPromise(
      () => writeParquet(sink, columnsOf(row), rows),
      (thrown): StageFailure | undefined =>
        thrown instanceof Unrepresentable
          ? new StoreError({ path: artifact, message: thrown.message, help: "fix the stage's output" })
          // The rows may come from a stage that is still at work and fails.
          : isDagError(thrown)
          ? thrown
          : storeError(file, "written", thrown),
    )
  const outputOf = (artifact: string, row: RowSchema, ref: BlobRef, rows: number): OutputRecord => ({
    artifact,
    digest: ref.digest,
    size: ref.size,
    rows,
    varies: row.ast.annotations?.["varies"] === true,
  })

  const prepareRows = Effect.fnUntraced(function*(
    artifact: string,
    row: RowSchema,
    rows: Iterable<unknown> | AsyncIterable<unknown>,
  ) {
    const small = Array.isArray(rows) && rows.length <= FEW ? inMemory() : undefined
    if (small !== undefined) {
      const count = yield* written(artifact, artifact, small, row, rows)
      const bytes = small.bytes()
      if (bytes !== undefined) {
        const prepared = yield* prepare(bytes)
        return { output: outputOf(artifact, row, prepared.ref, count), prepared }
      }
    }
    const { digest, size, filled } = yield* putWritten((file) =>
      Effect.flatMap(disk.sink(file), (sink) => written(artifact, file, sink, row, rows))
    )
    const ref = { digest, size }
    return { output: outputOf(artifact, row, ref, filled), prepared: { ref, file: undefined } }
  })

  const reading = <A>(
    row: RowSchema,
    digest: Digest,
    range: { readonly start?: number; readonly end?: number } | undefined,
    use: (rows: RawRows) => A,
  ) => {
    const path = objectPath(digest)
    return Effect.scoped(Effect.flatMap(bytesOf(digest), (content) =>
      attemptPromise(
        async () => use(await readParquet(content, readerOf(row).columns, range)),
        (thrown) => storeError(path, "read", thrown) ?? notThatTable(path, digest, thrown),
      )))
  }
  const shared = heldTables(SHARED)

  return {
    prepareRows,
    writeRows: Effect.fnUntraced(function*(artifact, row, rows) {
      const { output, prepared } = yield* prepareRows(artifact, row, rows)
      yield* publishPrepared(prepared)
      return output
    }),
    readRows: (row, digest, range) => reading(row, digest, range, readerOf(row).decode),
    sharedRows: (row, digest) =>
      Effect.suspend(() => {
        const { decode, form } = readerOf(row)
        const key = `${digest} ${form}`
        const known = shared.find(key)
        if (known !== undefined) {
          return attempt(() => decode(known), (thrown) => notThatTable(objectPath(digest), digest, thrown))
        }
        return reading(row, digest, undefined, (rows) => {
          shared.hold(key, rows)
          return decode(rows)
        })
      }),
  }
}

/** So many rows, of so many bytes together, make a table that is written to memory first. */
const FEW = 8192
const SMALL = 4 << 20

/** Where the bytes of a small table gather; those of a larger one are dropped, and it is written to a file. */
const inMemory = (): Out & { readonly bytes: () => Uint8Array | undefined } => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  return {
    write: (piece) => {
      size += piece.length
      // The writer uses its buffer again.
      if (size <= SMALL) pieces.push(piece.slice())
      else pieces.length = 0
    },
    close: () => undefined,
    bytes: () => size > SMALL ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces),
  }
}

const bytesIn = (content: Buffer): Bytes => ({
  size: content.length,
  read: (start, end) => new Uint8Array(content.subarray(start, end)),
})

/** How the rows of a Schema are read. */
interface Reader {
  readonly columns: ReadonlyArray<Field>
  /** What tells these columns from others. */
  readonly form: string
  readonly decode: (rows: RawRows) => ReadonlyArray<object>
}

const readers = new WeakMap<RowSchema, Reader>()

/** How a table's rows are read, which is made once for each Schema: a run reads thousands of tables. */
const readerOf = (row: RowSchema): Reader => {
  const known = readers.get(row)
  if (known !== undefined) return known
  const columns = columnsOf(row)
  const decodeAll = Schema.decodeUnknownSync(Schema.Array(row))
  const isValid = validity(row.ast)
  // What is not valid is decoded all the same, for the error that says where.
  const decode = isValid === undefined ? decodeAll : (rows: RawRows) => rows.every(isValid) ? rows : decodeAll(rows)
  const reader = { columns, form: JSON.stringify(columns), decode }
  readers.set(row, reader)
  return reader
}

/** Bytes that are those of the digest and no such table are another program's, or a mistake of this one. */
const notThatTable = (path: string, digest: Digest, thrown: unknown): StoreError =>
  new StoreError({
    path,
    message: `object ${digest} is not the table it should be: ${String(thrown)}`,
    help: "see which action made it with dag lineage, and replace it: dag run NODE --force --replace",
  })

const isDagError = Schema.is(DagError)
