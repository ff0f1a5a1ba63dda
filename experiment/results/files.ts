import type { Made, Provenance } from "redag"
import { absentCsv, csvTable, systemsCsv, warningsCsv } from "./csv.ts"
import { figureNumbers, figureOf } from "./figures.ts"
import { latexTable } from "./latex.ts"
import { markdownTable } from "./markdown.ts"
import type { ResultTables } from "./tables.ts"

/** The report and what goes with it, by file name. */
export const reportFiles = (tables: ResultTables, provenance: Provenance): Readonly<Record<string, Made>> => ({
  "report.html": async () => (await import("./page/page.ts")).reportPage(tables, provenance),
  "table1.md": async () => markdownTable(tables, provenance),
  "table1.tex": async () => latexTable(tables, provenance),
  "results.csv": async () => csvTable(tables, provenance),
  "absent.csv": async () => absentCsv(provenance),
  "warnings.csv": async () => warningsCsv(tables),
  ...(tables.systems.length === 0 ? {} : { "systems.csv": async () => systemsCsv(tables) }),
  "results.json": async () => {
    const { absent, upToDate, root } = provenance
    return `${JSON.stringify({ ...tables, absent, upToDate, root: root() ?? null }, null, 2)}\n`
  },
  ...Object.fromEntries(figureNumbers.flatMap((number): ReadonlyArray<readonly [string, Made]> => {
    const draw = async () => (await import("./draw.ts")).drawFigure(figureOf(number, tables, provenance))
    return [
      [`figure${number}.svg`, draw],
      [`figure${number}.png`, async () => (await import("./png.ts")).pngOf(await draw())],
    ]
  })),
})
