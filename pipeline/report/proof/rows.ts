import { canonical } from "../../base/canonical.ts"
import { columnsOf } from "../../base/columns.ts"
import type { RowSchema } from "../../graph/stage.ts"
import { readParquet, writeParquet } from "../../store/parquet.ts"

/** The rows of a table's bytes, as its file has them. */
export const rowsIn = (bytes: Uint8Array, row: RowSchema): Promise<ReadonlyArray<Record<string, unknown>>> =>
  readParquet(
    { size: bytes.length, read: (start, end) => new Uint8Array(bytes.subarray(start, end)) },
    columnsOf(row),
  )

/** Rows for people: canonical JSON, a line each. Throws NotCanonical on a number that JSON does not have. */
export const linesOf = (rows: ReadonlyArray<object>): string => rows.map((row) => `${canonical(row)}\n`).join("")

/** The bytes of the table that has these rows. */
export const tableOf = async (row: RowSchema, rows: Iterable<unknown>): Promise<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  // The writer uses its buffer again.
  const out = { write: (bytes: Uint8Array) => void pieces.push(bytes.slice()), close: () => undefined }
  await writeParquet(out, columnsOf(row), rows)
  return Buffer.concat(pieces)
}
