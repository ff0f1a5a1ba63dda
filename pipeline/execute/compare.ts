import { Effect, Schema } from "effect"
import { columnsOf } from "../base/columns.ts"
import type { StoreError } from "../base/errors.ts"
import type { RunnableStage } from "../graph/node.ts"
import type { RowSchema } from "../graph/stage.ts"
import type { ActionRecord, OutputRecord } from "../store/record.ts"
import type { Tables } from "../store/tables.ts"

/** How an output that was made again stands to the one that is recorded. */
export type OutputComparison =
  | { readonly _tag: "Same" }
  /** It is declared to differ each time. */
  | { readonly _tag: "Varies" }
  /** The rows are the same, and the bytes of the file are not: another edition of the writer, say. */
  | { readonly _tag: "SameRows" }
  | {
    readonly _tag: "Differs"
    /** How many rows there are. */
    readonly recorded: number
    readonly again: number
    /** The columns that differ in rows that both have, the one that differs in the first row first. */
    readonly columns: ReadonlyArray<ColumnDifference>
  }

/** A column that differs. Rows are counted from 0. */
export interface ColumnDifference {
  readonly column: string
  /** How many rows differ in it. */
  readonly rows: number
  readonly first: {
    readonly row: number
    /** Where in the row, such as `relations[2].label`. */
    readonly path: string
    readonly recorded: unknown
    readonly again: unknown
  }
  /** The largest difference of two numbers; undefined where others than numbers differ. */
  readonly largest: number | undefined
  /** Whether its Schema says that it names what made the row, such as an engine. */
  readonly madeBy: boolean
}

/** Rows are compared in pieces of so many. */
const PIECE = 10_000

/** Compares each output of two records of one action, column by column, where their bytes differ. */
export const compareOutputs = Effect.fnUntraced(function*(
  stage: RunnableStage,
  recorded: { readonly record: ActionRecord; readonly readRows: Tables["readRows"] },
  again: { readonly record: ActionRecord; readonly readRows: Tables["readRows"] },
): Effect.fn.Return<ReadonlyMap<string, OutputComparison>, StoreError> {
  const compared = new Map<string, OutputComparison>()
  for (const [name, row] of Object.entries(stage.outputs)) {
    const [was, is] = [recorded.record.outputs[name], again.record.outputs[name]]
    if (was === undefined || is === undefined) throw new Error(`a record of ${stage.name} has no output ${name}`)
    compared.set(
      name,
      was.digest === is.digest
        ? { _tag: "Same" }
        : was.varies
        ? { _tag: "Varies" }
        : yield* compareRows(row, { ...recorded, output: was }, { ...again, output: is }),
    )
  }
  return compared
})

interface Side {
  readonly output: OutputRecord
  readonly readRows: Tables["readRows"]
}

const compareRows = Effect.fnUntraced(function*(row: RowSchema, recorded: Side, again: Side) {
  const encode = Schema.encodeUnknownSync(row)
  const columns = columnsOf(row).map(({ name }) => new Comparison(name, namesMaker(row, name)))
  const both = Math.min(recorded.output.rows, again.output.rows)
  for (let start = 0; start < both; start += PIECE) {
    const range = { start, end: Math.min(both, start + PIECE) }
    const was = yield* recorded.readRows(row, recorded.output.digest, range)
    const is = yield* again.readRows(row, again.output.digest, range)
    for (const [index, one] of was.entries()) {
      const [before, after] = [encode(one), encode(is[index])] as ReadonlyArray<Readonly<Record<string, unknown>>>
      for (const column of columns) column.take(start + index, before?.[column.name], after?.[column.name])
    }
  }
  const found = columns.flatMap((column) => column.difference ?? [])
    .toSorted((one, other) => one.first.row - other.first.row)
  return found.length === 0 && recorded.output.rows === again.output.rows
    ? { _tag: "SameRows" } as const
    : { _tag: "Differs", recorded: recorded.output.rows, again: again.output.rows, columns: found } as const
})

/** Whether a column's Schema is annotated with `madeBy`: it says what made a row, and nothing of what the row says. */
const namesMaker = (row: RowSchema, column: string): boolean =>
  row.ast._tag === "Objects"
  && row.ast.propertySignatures.some(({ name, type }) => name === column && type.annotations?.["madeBy"] === true)

/** One column of two tables, row by row. */
class Comparison {
  readonly name: string
  readonly madeBy: boolean
  #rows = 0
  #first: ColumnDifference["first"] | undefined
  #largest: number | undefined = 0

  constructor(name: string, madeBy: boolean) {
    this.name = name
    this.madeBy = madeBy
  }

  take(row: number, recorded: unknown, again: unknown): void {
    const found = firstDifference(recorded, again, this.name)
    if (found === undefined) return
    this.#rows++
    this.#first ??= { row, ...found }
    this.#largest = this.#largest !== undefined && typeof found.recorded === "number" && typeof found.again === "number"
      ? Math.max(this.#largest, Math.abs(found.recorded - found.again))
      : undefined
  }

  get difference(): ColumnDifference | undefined {
    return this.#first === undefined ? undefined : {
      column: this.name,
      rows: this.#rows,
      first: this.#first,
      largest: this.#largest,
      madeBy: this.madeBy,
    }
  }
}

type Found = Pick<ColumnDifference["first"], "path" | "recorded" | "again">

/** Where two values of one column first differ, in the order of their fields and items. */
const firstDifference = (recorded: unknown, again: unknown, path: string): Found | undefined => {
  if (Array.isArray(recorded) && Array.isArray(again)) {
    for (let index = 0; index < Math.max(recorded.length, again.length); index++) {
      const found = firstDifference(recorded[index], again[index], `${path}[${index}]`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (isGroup(recorded) && isGroup(again)) {
    for (const [name, value] of Object.entries(recorded)) {
      const found = firstDifference(value, again[name], `${path}.${name}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return Object.is(recorded, again) ? undefined : { path, recorded, again }
}

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
