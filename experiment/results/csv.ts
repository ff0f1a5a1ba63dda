import { Result } from "../../schemas/results.ts"
import type { ResultTables } from "./tables.ts"

const names = Object.keys(Result.fields) as ReadonlyArray<keyof Result>

/** All rows of the results as CSV (RFC 4180); null is empty, an empty string is quoted, flags stand between semicolons. */
export const csvTable = ({ results }: ResultTables): string =>
  [names.join(","), ...results.map((row) => names.map((name) => field(row[name])).join(","))]
    .map((line) => `${line}\r\n`).join("")

const field = (value: Result[keyof Result]): string => {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  const text = typeof value === "string" ? value : value.join(";")
  return text === "" || /[",\r\n]/u.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}
