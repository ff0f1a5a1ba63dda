import { type Absence, absencesOf } from "./absences.ts"
import { absentRuns, type WithAbsent } from "./absent.ts"
import { type Column, shownColumns, type TableLine, tableLines } from "./layout.ts"
import { type Legend, legendOf } from "./legend.ts"
import type { ResultTables } from "./tables.ts"
import { type MarkedWarning, warningsIn } from "./warnings.ts"

/** Table 1 with all that is said of it, whatever shows it. */
export interface Table1 {
  readonly columns: ReadonlyArray<Column>
  readonly lines: ReadonlyArray<TableLine>
  readonly legend: Legend
  /** Why cells are empty, or have fewer seeds than they should. */
  readonly absences: ReadonlyArray<Absence>
  /** What is suspicious about the corpora that have numbers. */
  readonly warnings: ReadonlyArray<MarkedWarning>
}

/** Table 1 of what there is, and of what there is not. */
export const table1 = (
  tables: Pick<ResultTables, "results" | "warnings" | "details">,
  provenance: WithAbsent,
): Table1 => {
  const runs = absentRuns(provenance)
  const columns = shownColumns(tables.results, runs)
  const lines = tableLines(tables.results, columns, runs)
  return {
    columns,
    lines,
    legend: legendOf(lines, tables.details),
    absences: absencesOf(tables, runs),
    warnings: warningsIn(tables),
  }
}
