import { csvOf } from "redag"
import { Result } from "../../schemas/results.ts"
import { Warning } from "../../schemas/warnings.ts"
import { absentRuns, advanceOf, olderRuns, reasonWords, whyOf, type WithAbsent } from "./absent.ts"
import type { ResultTables } from "./tables.ts"

const resultFields = Object.keys(Result.fields)
const warningFields = Object.keys(Warning.fields)

/** All rows of the results as CSV; flags stand between semicolons. */
export const csvTable = ({ results }: ResultTables): string => csvOfLists(resultFields, results)

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

/** The runs whose scores are older than what they depend on as CSV: a line a run. */
export const olderCsv = (provenance: WithAbsent): string =>
  csvOfLists(["model", "corpus", "setting", "seed"], olderRuns(provenance))

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
