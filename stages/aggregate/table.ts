import { columns, paint } from "../../pipeline/index.ts"
import type { Result } from "../../schemas/results.ts"

const headings: ReadonlyArray<readonly [corpus: string, setting: string, heading: string]> = [
  ["cdr", "16", "CDR 16"],
  ["cdr", "64", "CDR 64"],
  ["cdr", "full", "CDR full"],
  ["dce", "16", "DCE 16"],
  ["dce", "64", "DCE 64"],
  ["dce", "full", "DCE full"],
  ["chemprot", "full", "ChemProt"],
  ["ddi", "full", "DDI"],
]

/** The results in the layout of the paper's Table 1, each beside the paper's own number where it has one. */
export const renderResults = (results: ReadonlyArray<Result>): string => {
  const models = new Map<string, Array<Result>>()
  for (const result of results) models.set(result.model, [...(models.get(result.model) ?? []), result])
  const rows = [...models].map(([model, cells]) => [
    model,
    cells[0]?.parameters ?? "",
    ...headings.map(([corpus, setting]) =>
      tellCell(cells.find((cell) => cell.corpus === corpus && cell.setting === setting))
    ),
  ])
  const text = columns(["model", ">params", ...headings.map(([, , heading]) => `>${heading}`)], rows)
  const notes = [
    "F1 in percent",
    ...(results.some(({ deviation }) => deviation !== null) ? ["mean ± standard deviation over seeds"] : []),
    ...(results.some(({ published }) => published !== null) ? ["the paper's number in brackets"] : []),
  ]
  return `${text}\n${paint.dim(notes.join("; "))}`
}

const tellCell = (cell: Result | undefined): string => {
  if (cell === undefined) return "–"
  const deviation = cell.deviation === null ? "" : ` ± ${cell.deviation.toFixed(1)}`
  const published = cell.published === null ? "" : ` [${cell.published.toFixed(1)}]`
  return `${cell.f1.toFixed(1)}${deviation}${published}`
}
