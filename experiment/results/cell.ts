import { InputError, type ProvedCell } from "redag"
import { cellName, detailsOf, type DetailTables } from "./details.ts"

/**
 * The scores of the runs of a cell, and its row in the table, by the strict measure over all labels: what `dag prove`
 * proves. A name may be the beginning of one, as with `dag results --details`; throws an InputError where it is of no
 * cell, or of several.
 */
export const cellOf = (
  { results, details }: DetailTables,
  name: string,
): ProvedCell => {
  const found = detailsOf({ results, details }, name).details
  const [cell] = found
  if (cell === undefined || found.length > 1) {
    throw new InputError({
      field: name,
      message: `names ${found.length} cells of the results`,
      help: `name one of: ${found.map(cellName).join(", ")}`,
    })
  }
  const { model, corpus, setting, protocol } = cell
  const where = { model, corpus, setting, protocol, measure: "strict", label: "micro" }
  const columns = ["f1", "precision", "recall", "correct", "predicted", "found", "gold"]
  return {
    // Each seed's.
    nodes: `score/${cellName(cell)}`,
    numbers: { output: "scores", where, columns: ["seed", ...columns] },
    inTable: { output: "results", where, columns: [...columns, "runs"] },
  }
}
