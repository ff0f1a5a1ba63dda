import { parquetReadObjects } from "hyparquet"
import { ByteWriter, parquetWriteRows } from "hyparquet-writer"
import { asyncBufferFromFile } from "hyparquet/src/node.js"
import { closeSync, openSync, writeSync } from "node:fs"
import { type Field, fromParquet, holdsReal, schemaElements, toParquet } from "../base/columns.ts"

/** Rows held at once while writing: small enough to stream, large enough for columns to compress. */
const rowGroupSize = 8192

/**
 * Writes rows to a new file and returns how many there were.
 *
 * The same rows give the same bytes: the schema is explicit, nothing of the machine or the clock enters the file.
 */
export const writeParquet = async (
  path: string,
  fields: ReadonlyArray<Field>,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<number> => {
  let count = 0
  const encoded = async function*() {
    for await (const row of rows) {
      const values = row as Record<string, unknown>
      yield Object.fromEntries(
        fields.map(({ name, column }) => [name, toParquet(column, values[name], `row ${count} ${name}`)]),
      )
      count++
    }
  }
  const writer = new FileWriter(path)
  try {
    await parquetWriteRows({
      writer,
      rows: encoded(),
      // The writer's dictionary merges 0 and -0, so floating-point columns are written plain.
      columns: fields.map(({ name, column }) => (holdsReal(column) ? { name, encoding: "PLAIN" } : { name })),
      schema: schemaElements(fields),
      rowGroupSize,
      createdBy: "redag",
    })
    return count
  } finally {
    writer.close()
  }
}

/** Reads rows `start` (inclusive) to `end` (exclusive; all where left out) of a Parquet file. */
export const readParquet = async (
  path: string,
  fields: ReadonlyArray<Field>,
  range: { readonly start?: number; readonly end?: number } = {},
): Promise<Array<Record<string, unknown>>> => {
  const file = await asyncBufferFromFile(path)
  const rows = await parquetReadObjects({
    file,
    ...(range.start === undefined ? {} : { rowStart: range.start }),
    ...(range.end === undefined ? {} : { rowEnd: range.end }),
  })
  return rows.map((row) => Object.fromEntries(fields.map(({ name, column }) => [name, fromParquet(column, row[name])])))
}

/** hyparquet-writer's buffer, emptied into a file after every row group. */
class FileWriter extends ByteWriter {
  readonly #file: number

  constructor(path: string) {
    // Most tables are small; the buffer grows with those that are not.
    super(1 << 14)
    this.#file = openSync(path, "wx")
  }

  flush(): void {
    for (let written = 0; written < this.index;) {
      written += writeSync(this.#file, new Uint8Array(this.buffer, written, this.index - written))
    }
    this.index = 0
  }

  override finish(): void {
    this.flush()
  }

  close(): void {
    closeSync(this.#file)
  }
}
