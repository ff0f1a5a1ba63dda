import { indent } from "../../base/text.ts"
import { columnsWithin, paint } from "../../report/terminal.ts"

/** A longer text is easier to read in a block of its own than in a column. */
const widest = 60

/** Rows as a table where each is a line of short values; otherwise each by itself. `from` is the number of the first. */
export const rowsText = (rows: ReadonlyArray<object>, from: number, width: number | undefined): string => {
  const cells = rows.map((row) => Object.entries(row).map(([, value]: [string, unknown]) => cellOf(value)))
  const [first] = rows
  if (first !== undefined && cells.every((line) => line.every((cell) => cell !== undefined))) {
    const names = Object.keys(first)
    const isNumber = (name: string) =>
      rows.every((row) => isNumeric(Reflect.get(row, name))) && rows.some((row) => Reflect.get(row, name) !== null)
    return columnsWithin(
      [">row", ...names.map((name) => `${isNumber(name) ? ">" : ""}${name}`)],
      cells.map((line, index) => [String(from + index), ...line.map((cell) => cell ?? "")]),
      width,
    )
  }
  return rows.map((row, index) => `${paint.bold(`row ${from + index}`)}\n${indent(rowText(row), 2)}`).join("\n\n")
}

const isNumeric = (value: unknown): boolean => typeof value === "number" || value === null

/** A value as a column has it; undefined where it is too long, or holds others. */
const cellOf = (value: unknown): string | undefined => {
  if (value === null || value === undefined) return ""
  if (typeof value === "string") return value.length <= widest && !/\p{Cc}/u.test(value) ? value : undefined
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined
}

const rowText = (row: object): string =>
  Object.entries(row).map(([name, value]: [string, unknown]) => {
    if (typeof value === "string" && value.includes("\n")) return `${paint.cyan(name)}\n${indent(value, 2)}`
    if (Array.isArray(value)) {
      return `${paint.cyan(name)} (${value.length})${value.map((item) => `\n  ${JSON.stringify(item)}`).join("")}`
    }
    return `${paint.cyan(name)} ${typeof value === "string" ? value : JSON.stringify(value)}`
  }).join("\n")
