import { csvOf } from "redag"
import { Result } from "../../schemas/results.ts"
import { SystemComparison } from "../../schemas/systems.ts"
import { Warning } from "../../schemas/warnings.ts"
import { absentRuns, advanceOf, reasonWords, whyOf, type WithAbsent } from "./absent.ts"
import type { ResultTables } from "./tables.ts"

const resultFields = Object.keys(Result.fields)
const systemFields = Object.keys(SystemComparison.fields)
const warningFields = Object.keys(Warning.fields)

/** All rows of the results as CSV; flags stand between semicolons. Results that are older say so in a last column. */
export const csvTable = ({ results }: ResultTables, { upToDate }: Pick<WithAbsent, "upToDate">): string =>
  upToDate
    ? csvOfLists(resultFields, results)
    : csvOfLists([...resultFields, "older"], results.map((row) => ({ ...row, older: true })))

/** How rows beyond the grid compare with its cells as CSV, a line a comparison. */
export const systemsCsv = ({ systems }: ResultTables): string => csvOfLists(systemFields, systems)

/** What is suspicious about corpora as CSV, a line a warning; examples stand between semicolons. */
export const warningsCsv = ({ warnings }: ResultTables): string => csvOfLists(warningFields, warnings)

/** The runs that are not in the results as CSV: a line a run, with the word of its cell, how far it is, and why. */
export const absentCsv = (provenance: WithAbsent): string =>
  csvOfLists(
    ["model", "corpus", "setting", "seed", "reason", "advance", "why"],
    absentRuns(provenance).map(({ reason, ...run }) => ({
      ...run,
      reason: reasonWords[reason._tag],
      advance: advanceOf(reason) ?? null,
      why: whyOf(reason),
    })),
  )

/** Rows as CSV; a list's items stand between semicolons. */
const csvOfLists = (names: ReadonlyArray<string>, rows: ReadonlyArray<object>): string =>
  csvOf(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, Array.isArray(value) ? value.join(";") : value]),
      )
    ),
    names,
  )
