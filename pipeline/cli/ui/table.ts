import { Effect } from "effect"
import { attemptPromise } from "../../base/attempt.ts"
import type { BlobRef } from "../../base/blob-ref.ts"
import { columnsOf } from "../../base/columns.ts"
import { InputError, StoreError } from "../../base/errors.ts"
import { number } from "../../base/text.ts"
import { columnsDigest } from "../../identity/fingerprint.ts"
import { Disk } from "../../store/disk.ts"
import { type Bytes, readParquet } from "../../store/parquet.ts"
import { Store } from "../../store/store.ts"
import type { TableMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import { rowFilter, rowOrder } from "./rows.ts"
import type { TableOf, View } from "./view.ts"

/** So many rows are given at a time, and a sort takes all rows into memory: no more than so many. */
const [PAGE, MOST_ON_PAGE, MOST_SORTED] = [50, 500, 200_000]

/** So many other nodes that made the same bytes are named. */
const MOST_NAMED = 50

/** So many rows are read at a time where a filter looks for some. */
const PIECE = 8192

/** So many rows are looked at for one answer, which then says where to go on. */
const MOST_LOOKED_AT = 50 * PIECE

/**
 * Some rows of a table, by its digest: sorted by a column, those that a filter lets through. It is that of the node that
 * the query names, where that made it. Undefined where no node has such a table. Only the parts of the file that are needed are read, but for a sort, which needs all rows.
 */
export const tableMessage = Effect.fnUntraced(function*(view: View, { path: [digest = ""], query }: Asked) {
  const same = (view.tables.get(digest) ?? []).map(readable)
  const [first] = same
  if (first === undefined) return undefined
  const tables = same.flatMap((table) => table.made === undefined ? [] : table)
  const asked = query.get("of")
  const [table] = [...tables.filter(({ node }) => node === asked), ...tables]
  if (table === undefined) {
    return yield* new InputError({
      field: first.node,
      message: `made "${first.output}" when it had other columns`,
      help: "run it again to see its rows",
    })
  }
  const { node, output, made, row, rows: all } = table
  const fields = columnsOf(row)
  const from = yield* countIn(query, "from", 0)
  const most = Math.min(MOST_ON_PAGE, yield* countIn(query, "rows", PAGE))
  const passes = rowFilter(fields, query.get("filter") ?? "")
  const order = rowOrder(fields, query.get("sort") ?? "", query.has("down"))
  const common = {
    node,
    output,
    others: tables.filter((each) => each !== table).slice(0, MOST_NAMED).map((each) => ({
      node: each.node,
      output: each.output,
    })),
    more: Math.max(0, tables.length - 1 - MOST_NAMED),
    artifact: made.artifact,
    columns: fields.map(({ name, column: { _tag } }) => ({ name, isNumber: _tag === "Integer" || _tag === "Real" })),
    all,
    from,
  }
  if (order !== undefined && all > MOST_SORTED) {
    return yield* new InputError({
      field: "sort",
      message: `the table has ${number(all)} rows, and up to ${number(MOST_SORTED)} are sorted here`,
      help: `filter it, or sort it elsewhere: dag show ${node}:${output} --csv`,
    })
  }
  return yield* Effect.scoped(Effect.gen(function*() {
    const bytes = yield* opened(made)
    const read = (start: number, end: number) =>
      attemptPromise(
        () => readParquet(bytes, fields, { start, end: Math.min(end, all) }),
        (thrown) => new StoreError({ path: digest, message: `is no table: ${String(thrown)}`, help: "run dag verify" }),
      )
    if (order !== undefined) {
      const matching = (yield* read(0, all)).filter(passes ?? (() => true)).toSorted(order)
      const end = from + most
      return {
        ...common,
        filtered: matching.length,
        rows: matching.slice(from, end),
        next: end < matching.length ? end : null,
      } satisfies TableMessage
    }
    if (passes === undefined) {
      const end = Math.min(all, from + most)
      const rows = from >= end ? [] : yield* read(from, end)
      return { ...common, filtered: all, rows, next: end < all ? end : null } satisfies TableMessage
    }
    return { ...common, filtered: null, ...yield* lookFor(read, passes, from, most, all) } satisfies TableMessage
  }))
})

/** An output as far as it can be shown: without its columns where it was made when it had others. */
const readable = ({ found: { node, record }, output, rows }: TableOf) => {
  const [row, made] = [node.stage.outputs[output], record?.outputs[output]]
  const common = { node: node.name, output, rows }
  return row === undefined || made === undefined || record?.preImage.outputs[output] !== columnsDigest(row)
    ? { ...common, made: undefined }
    : { ...common, row, made }
}

type Row = Record<string, unknown>

/** The next rows that a filter lets through, from a row of the table on, and the row to go on from. */
const lookFor = Effect.fnUntraced(function*<E>(
  read: (start: number, end: number) => Effect.Effect<ReadonlyArray<Row>, E>,
  passes: (row: Row) => boolean,
  from: number,
  most: number,
  all: number,
) {
  const rows: Array<Row> = []
  const last = Math.min(all, from + MOST_LOOKED_AT)
  for (let start = from; start < last; start += PIECE) {
    for (const [index, row] of (yield* read(start, start + PIECE)).entries()) {
      if (!passes(row)) continue
      if (rows.length === most) return { rows, next: start + index }
      rows.push(row)
    }
    yield* Effect.yieldNow
  }
  return { rows, next: last < all ? last : null }
})

/** The bytes of a table, which are proved to be those of its digest once for each version of its file. */
const opened = Effect.fnUntraced(function*(ref: BlobRef) {
  const store = yield* Store
  const disk = yield* Disk
  const path = yield* store.blobPath(ref)
  const source = yield* Effect.acquireRelease(disk.source(path), (file) => Effect.sync(() => file?.close()))
  if (source === undefined) {
    return yield* new StoreError({ path, message: "is not in the store", help: "run again: it is made again" })
  }
  return source satisfies Bytes
})

const countIn = (query: URLSearchParams, name: string, otherwise: number) => {
  const text = query.get(name)
  if (text === null) return Effect.succeed(otherwise)
  return /^\d{1,9}$/u.test(text)
    ? Effect.succeed(Number(text))
    : Effect.fail(new InputError({ field: name, message: "is no count", help: "give a whole number" }))
}
