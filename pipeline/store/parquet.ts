import { parquetReadObjects } from "hyparquet"
import { ByteWriter, parquetWriteRows } from "hyparquet-writer"
import { type Field, holdsReal, rowFrom, schemaElements, toParquet } from "../base/columns.ts"

/** Rows held at once while writing: small enough to stream, large enough for columns to compress. */
const rowGroupSize = 8192

/** A text that begins with U+FEFF keeps it: only at the beginning of a file does it say how bytes are to be read. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes) }

/** Where a table is written to. */
export interface Out {
  readonly write: (bytes: Uint8Array) => void
  readonly close: () => void
}

/** Where a table is read from. */
export interface Bytes {
  readonly size: number
  readonly read: (start: number, end: number) => Uint8Array<ArrayBuffer>
}

/**
 * Writes rows to a new file, which it closes, and returns how many there were.
 *
 * The same rows give the same bytes: the schema is explicit, nothing of the machine or the clock enters the file.
 */
export const writeParquet = async (
  out: Out,
  fields: ReadonlyArray<Field>,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<number> => {
  let count = 0
  const encoded = (row: unknown): Record<string, unknown> => {
    const values = row as Record<string, unknown>
    const columns: Record<string, unknown> = {}
    for (const { name, column } of fields) columns[name] = toParquet(column, values[name], `row ${count} ${name}`)
    count++
    return columns
  }
  // Rows that are there already are written in this turn: to wait for each costs more than to write it.
  const atOnce = function*(present: Iterable<unknown>) {
    for (const row of present) yield encoded(row)
  }
  const inTurn = async function*(coming: AsyncIterable<unknown>) {
    for await (const row of coming) yield encoded(row)
  }
  const writer = new FileWriter(out)
  try {
    await parquetWriteRows({
      writer,
      rows: Symbol.asyncIterator in rows ? inTurn(rows) : atOnce(rows),
      // The writer's dictionary merges 0 and -0, so floating-point columns are written plain.
      columns: fields.map(({ name, column }) => (holdsReal(column) ? { name, encoding: "PLAIN" } : { name })),
      schema: schemaElements(fields),
      rowGroupSize,
      createdBy: "redag",
    })
    return count
  } finally {
    out.close()
  }
}

/** Reads rows `start` (inclusive) to `end` (exclusive; all where left out) of a Parquet file. */
export const readParquet = async (
  bytes: Bytes,
  fields: ReadonlyArray<Field>,
  range: { readonly start?: number; readonly end?: number } = {},
): Promise<Array<Record<string, unknown>>> => {
  const file = {
    byteLength: bytes.size,
    slice: (start: number, end = bytes.size) => bytes.read(start < 0 ? bytes.size + start : start, end).buffer,
  }
  const rows = await parquetReadObjects({
    file,
    parsers,
    ...(range.start === undefined ? {} : { rowStart: range.start }),
    ...(range.end === undefined ? {} : { rowEnd: range.end }),
  })
  return rows.map((row) => rowFrom(fields, row))
}

/** hyparquet-writer's buffer, emptied into a file after every row group. */
class FileWriter extends ByteWriter {
  readonly #out: Out

  constructor(out: Out) {
    // Thousands of tables have a row or two; the buffer grows with those that are larger.
    super(1 << 10)
    this.#out = out
  }

  flush(): void {
    this.#out.write(new Uint8Array(this.buffer, 0, this.index))
    this.index = 0
  }

  override finish(): void {
    this.flush()
  }
}
