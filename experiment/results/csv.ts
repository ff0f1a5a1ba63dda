import { Result } from "../../schemas/results.ts"
import { Warning } from "../../schemas/warnings.ts"
import { absentRuns, advanceOf, reasonWords, whyOf, type WithAbsent } from "./absent.ts"
import type { ResultTables } from "./tables.ts"

const resultFields = Object.keys(Result.fields) as ReadonlyArray<keyof Result>
const warningFields = Object.keys(Warning.fields) as ReadonlyArray<keyof Warning>

/** All rows of the results as CSV; flags stand between semicolons. */
export const csvTable = ({ results }: ResultTables): string => csvOf(resultFields, results)

/** What is suspicious about corpora as CSV, a line a warning; examples stand between semicolons. */
export const warningsCsv = ({ warnings }: ResultTables): string => csvOf(warningFields, warnings)

/** The runs that are not in the results as CSV: a line a run, with the word of its cell, how far it is, and why. */
export const absentCsv = (provenance: WithAbsent): string =>
  csvOf(
    ["model", "corpus", "setting", "seed", "reason", "advance", "why"],
    absentRuns(provenance).map(({ reason, ...run }) => ({
      ...run,
      reason: reasonWords[reason._tag],
      advance: advanceOf(reason) ?? null,
      why: whyOf(reason),
    })),
  )

/** A value of a row. */
type Value = string | number | null | ReadonlyArray<string>

/** Rows as CSV (RFC 4180): null is empty, an empty string is quoted, and a list's items stand between semicolons. */
const csvOf = <A extends Readonly<Record<keyof A, Value>>>(
  names: ReadonlyArray<keyof A & string>,
  rows: ReadonlyArray<A>,
): string =>
  [names.join(","), ...rows.map((row) => names.map((name) => field(row[name])).join(","))]
    .map((line) => `${line}\r\n`).join("")

const field = (value: Value): string => {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  const text = typeof value === "string" ? value : value.join(";")
  return text === "" || /[",\r\n]/u.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text
}
