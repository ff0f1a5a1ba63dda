import type { Field } from "../../base/columns.ts"
import { InputError } from "../../base/errors.ts"

type Row = Readonly<Record<string, unknown>>

/**
 * What a filter says of a row; undefined where there is none. Words are parted by spaces, and a row has all of them:
 * "text" stands in any column, "column:text" in that one, and "column=3", "column>0.5", "column<2" compare numbers.
 * Throws an InputError on a column that there is not.
 */
export const rowFilter = (fields: ReadonlyArray<Field>, text: string): ((row: Row) => boolean) | undefined => {
  const words = text.split(/\s+/u).filter((word) => word !== "")
  if (words.length === 0) return undefined
  const tests = words.map((word) => testOf(fields, word))
  return (row) => tests.every((test) => test(row))
}

const testOf = (fields: ReadonlyArray<Field>, word: string): (row: Row) => boolean => {
  const [, column = "", sign = "", value = ""] = /^(\w+)([:=<>])(.*)$/u.exec(word) ?? []
  if (sign === "" || !fields.some(({ name }) => name === column)) {
    if (sign !== "" && sign !== ":") throw noColumn(fields, column)
    const wanted = word.toLowerCase()
    return (row) => fields.some(({ name }) => textOf(row[name]).includes(wanted))
  }
  if (sign === ":") {
    const wanted = value.toLowerCase()
    return (row) => textOf(row[column]).includes(wanted)
  }
  const bound = Number(value)
  if (sign === "=") {
    return (row) => (Number.isNaN(bound) ? textOf(row[column]) === value.toLowerCase() : row[column] === bound)
  }
  return (row) => {
    const own = row[column]
    return typeof own === "number" && (sign === "<" ? own < bound : own > bound)
  }
}

const textOf = (value: unknown): string =>
  (typeof value === "string" ? value : JSON.stringify(value) ?? "").toLowerCase()

/** Which of two rows comes first by a column; undefined where none is named. Throws an InputError where there is none. */
export const rowOrder = (
  fields: ReadonlyArray<Field>,
  column: string,
  isDown: boolean,
): ((one: Row, other: Row) => number) | undefined => {
  if (column === "") return undefined
  if (!fields.some(({ name }) => name === column)) throw noColumn(fields, column)
  const sign = isDown ? -1 : 1
  return (one, other) => {
    const [a, b] = [one[column], other[column]]
    if (typeof a === "number" && typeof b === "number") return sign * (a - b)
    const [x, y] = [textOf(a), textOf(b)]
    return x < y ? -sign : x > y ? sign : 0
  }
}

const noColumn = (fields: ReadonlyArray<Field>, column: string): InputError =>
  new InputError({
    field: column,
    message: "is no column of this table",
    help: `name one of: ${fields.map(({ name }) => name).join(", ")}`,
  })
