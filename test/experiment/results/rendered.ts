import { reportFiles } from "../../../experiment/results/files.ts"
import type { ResultTables } from "../../../experiment/results/tables.ts"
import { provenanceOf } from "./provenance.ts"

/** The page of the report, as `dag results --html` writes it. */
export const pageOf = async (tables: ResultTables, provenance = provenanceOf(tables)): Promise<string> => {
  const page = await reportFiles(tables, provenance)["report.html"]?.()
  if (typeof page !== "string") throw new Error("the report has no page, or it is no text")
  return page
}
