import type { Made, Provenance } from "redag"
import { absentCsv, csvTable, olderCsv, warningsCsv } from "./csv.ts"
import { figureNumbers, figureOf } from "./figures.ts"
import { latexTable } from "./latex.ts"
import { markdownTable } from "./markdown.ts"
import type { ResultTables } from "./tables.ts"

/** The report and what goes with it, by file name. */
export const reportFiles = (tables: ResultTables, provenance: Provenance): Readonly<Record<string, Made>> => ({
  "report.html": async () => (await import("./page/page.ts")).reportPage(tables, provenance),
  "table1.md": async () => markdownTable(tables, provenance),
  "table1.tex": async () => latexTable(tables, provenance),
  "results.csv": async () => csvTable(tables),
  "absent.csv": async () => absentCsv(provenance),
  "older.csv": async () => olderCsv(provenance),
  "warnings.csv": async () => warningsCsv(tables),
  "results.json": async () =>
    `${JSON.stringify({ ...tables, absent: provenance.absent, older: provenance.older }, null, 2)}\n`,
  ...Object.fromEntries(figureNumbers.flatMap((number): ReadonlyArray<readonly [string, Made]> => {
    const draw = async () => (await import("./draw.ts")).drawFigure(figureOf(number, tables, provenance))
    return [
      [`figure${number}.svg`, draw],
      [`figure${number}.png`, async () => (await import("./png.ts")).pngOf(await draw())],
    ]
  })),
})
