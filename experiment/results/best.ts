import { tableColumns, tableLines } from "./layout.ts"
import type { ResultTables } from "./tables.ts"

/** The scores that are printed bold: of each column the best. With every seed, as a score is the mean over them. */
export const bestScores = ({ results }: Pick<ResultTables, "results">): ReadonlyArray<string> =>
  tableLines(results, tableColumns, []).flatMap(({ cells }) =>
    cells.flatMap((cell) =>
      cell._tag === "Scored" && cell.best
        ? [`score/${cell.result.model}/${cell.result.corpus}/${cell.result.setting}`]
        : []
    )
  )
