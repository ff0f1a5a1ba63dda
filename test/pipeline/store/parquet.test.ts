import { DuckDBInstance } from "@duckdb/node-api"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { columnsOf, Unrepresentable } from "../../../pipeline/base/columns.ts"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import { readParquet, writeParquet } from "../../../pipeline/store/parquet.ts"
import { sourceOf } from "../../../pipeline/store/reading.ts"
import { sinkOf } from "../../../pipeline/store/writing.ts"

const Row = Schema.Struct({
  text: Schema.String,
  note: Schema.NullOr(Schema.String),
  count: Schema.Int,
  seed: Schema.NullOr(Schema.Int),
  real: Schema.Number,
  published: Schema.NullOr(Schema.Number),
  flag: Schema.Boolean,
  use: Schema.Literals(["train", "test"]),
  words: Schema.Array(Schema.String),
  holes: Schema.Array(Schema.NullOr(Schema.Int)),
  grid: Schema.Array(Schema.Array(Schema.Number)),
  spans: Schema.Array(Schema.Struct({
    start: Schema.Int,
    label: Schema.NullOr(Schema.String),
    parts: Schema.Array(Schema.Struct({ id: Schema.String, ends: Schema.Array(Schema.Int) })),
  })),
  group: Schema.Struct({ digest: Schema.String, size: Schema.NullOr(Schema.Int) }),
  noGroup: Schema.NullOr(Schema.Struct({ id: Schema.NullOr(Schema.String) })),
  someGroups: Schema.Array(
    Schema.Struct({ said: Schema.NullOr(Schema.Struct({ label: Schema.String, words: Schema.Array(Schema.String) })) }),
  ),
  noList: Schema.NullOr(Schema.Array(Schema.String)),
})
type Row = typeof Row.Type

const text = fc.string({ unit: "grapheme", maxLength: 12 })
const integer = fc.maxSafeInteger()
const rows: fc.Arbitrary<ReadonlyArray<Row>> = fc.array(
  fc.record({
    text,
    note: fc.option(text),
    count: integer,
    seed: fc.option(integer),
    real: fc.double(),
    published: fc.option(fc.double()),
    flag: fc.boolean(),
    use: fc.constantFrom("train", "test"),
    words: fc.array(text, { maxLength: 3 }),
    holes: fc.array(fc.option(integer), { maxLength: 3 }),
    grid: fc.array(fc.array(fc.double(), { maxLength: 2 }), { maxLength: 3 }),
    spans: fc.array(
      fc.record({
        start: integer,
        label: fc.option(text),
        parts: fc.array(fc.record({ id: text, ends: fc.array(integer, { maxLength: 2 }) }), { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
    group: fc.record({ digest: text, size: fc.option(integer) }),
    noGroup: fc.option(fc.record({ id: fc.option(text) }), { freq: 2 }),
    someGroups: fc.array(
      fc.record({ said: fc.option(fc.record({ label: text, words: fc.array(text, { maxLength: 2 }) }), { freq: 2 }) }),
      { maxLength: 3 },
    ),
    noList: fc.option(fc.array(text, { maxLength: 2 }), { freq: 2 }),
  }),
  { maxLength: 12 },
)

const fields = columnsOf(Row)

/** Uses the path of a file that is not there yet, and removes the file after. */
const withFile = async <A>(use: (path: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "redag-parquet-"))
  try {
    return await use(join(folder, "rows.parquet"))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const one = (real: number): Row => ({
  text: "a",
  note: null,
  count: 1,
  seed: null,
  real,
  published: real,
  flag: true,
  use: "train",
  words: [],
  holes: [null],
  grid: [[real, -real], []],
  spans: [],
  group: { digest: "d", size: null },
  noGroup: null,
  someGroups: [{ said: null }, { said: { label: "a", words: [] } }],
  noList: null,
})

const readAt = async (path: string, ...rest: DropFirst<Parameters<typeof readParquet>>) => {
  const source = sourceOf(calls, path)
  if (source === undefined) throw new Error(`there is no ${path}`)
  try {
    return await readParquet(source, ...rest)
  } finally {
    source.close()
  }
}

type DropFirst<List extends ReadonlyArray<unknown>> = List extends [unknown, ...infer Rest] ? Rest : never

describe("Parquet", () => {
  it("gives back the rows that were written, -0, NaN and infinities too", async () => {
    await fc.assert(
      fc.asyncProperty(rows, (written) =>
        withFile(async (path) => {
          assert.strictEqual(await writeParquet(sinkOf(calls, path), fields, written), written.length)
          assert.deepStrictEqual<unknown>(await readAt(path, fields), written)
        })),
      { numRuns: 150, examples: [[[one(-0), one(Number.NaN), one(Infinity), one(0)]]] },
    )
  })

  it("writes the same rows as the same bytes", async () => {
    const bytes = (written: ReadonlyArray<Row>) =>
      withFile(async (path) => {
        await writeParquet(sinkOf(calls, path), fields, written)
        return digestOf(readFileSync(path))
      })
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const first = await bytes(written)
        const stream = async function*() {
          yield* written
        }
        const again = await withFile(async (path) => {
          await writeParquet(sinkOf(calls, path), fields, stream())
          return digestOf(readFileSync(path))
        })
        assert.strictEqual(again, first)
        // The order of a row's names is none of the file's business; the order of rows is.
        assert.strictEqual(
          await bytes(written.map((row) => Object.fromEntries(Object.entries(row).toReversed()) as unknown as Row)),
          first,
        )
      }),
      { numRuns: 40 },
    )
    assert.notStrictEqual(await bytes([one(0)]), await bytes([one(-0)]))
  })

  it("keeps a text that begins with U+FEFF as it is, wherever the text is", () =>
    withFile(async (path) => {
      const text = "\uFEFFAspirin"
      const some = { start: 1, label: text, parts: [{ id: text, ends: [] }] }
      const written = [{ ...one(1), text, note: text, words: [text, "", "\uFEFF"], spans: [some] }, one(2)]
      await writeParquet(sinkOf(calls, path), fields, written)
      assert.deepStrictEqual<unknown>(await readAt(path, fields), written)
    }))

  it("reads a range across row groups", () =>
    withFile(async (path) => {
      const numbers = columnsOf(Schema.Struct({ n: Schema.Int, list: Schema.Array(Schema.Int) }))
      const many = Array.from({ length: 20_000 }, (_, n) => ({ n, list: n % 3 === 0 ? [] : [n, -n] }))
      assert.strictEqual(await writeParquet(sinkOf(calls, path), numbers, many), 20_000)
      assert.deepStrictEqual(await readAt(path, numbers, { start: 8190, end: 8195 }), many.slice(8190, 8195))
      assert.deepStrictEqual(await readAt(path, numbers, { start: 19_998 }), many.slice(19_998))
      assert.deepStrictEqual(await readAt(path, numbers), many)
    }))

  it("lets DuckDB read the same rows", () =>
    withFile(async (path) => {
      const sample = fc.sample(rows, { numRuns: 5, seed: 42 }).flat()
      const written = [...sample, one(-0), one(0.1), one(Infinity)]
      await writeParquet(sinkOf(calls, path), fields, written)
      const connection = await (await DuckDBInstance.create()).connect()
      try {
        const found = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
        assert.deepStrictEqual(found.columnNames(), fields.map(({ name }) => name))
        assert.deepStrictEqual<unknown>(found.getRowObjectsJS().map(plain), written)
      } finally {
        connection.closeSync()
      }
    }))

  const refused: ReadonlyArray<readonly [what: string, row: object, message: RegExp]> = [
    ["a lone surrogate", { ...one(1), text: "\uD800" }, /row 1 text holds a lone surrogate/u],
    ["an integer that is not exact", { ...one(1), count: 2 ** 53 }, /row 1 count/u],
    ["NaN as an integer", { ...one(1), seed: Number.NaN }, /row 1 seed/u],
    ["a lone surrogate deep inside", { ...one(1), words: ["a", "\uDC00"] }, /row 1 words\[1\]/u],
  ]
  it.each(refused)("refuses %s and names the field", (_, row, message) =>
    withFile(async (path) => {
      const error = await writeParquet(sinkOf(calls, path), fields, [one(1), row]).then(
        () => undefined,
        (cause: unknown) => cause,
      )
      assert.instanceOf(error, Unrepresentable)
      assert.match(error.message, message)
    }))
})

/** DuckDB's 64-bit integers as numbers; they are exact, since the writer refuses others. */
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, inner]: [string, unknown]) => [name, plain(inner)]))
    : value
}
