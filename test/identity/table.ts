import type { Verdict } from "./judge.ts"

/** Prints what came of edits, by kind, the edits that are wrong, and how many are right; gives whether any is wrong. */
export const printTable = (verdicts: ReadonlyArray<Verdict>): boolean => {
  const rows = [...Map.groupBy(verdicts, ({ edit }) => edit.kind)].map(([kind, of]) => [
    kind,
    String(of.length),
    String(of.filter(isStale).length),
    String(of.filter(({ needless }) => needless.length > 0).length),
    String(of.filter(({ allowed }) => allowed !== undefined).length),
    [...new Set(of.flatMap(({ allowed }) => allowed ?? []))].join("; "),
  ])
  const total = [
    "in all",
    ...[1, 2, 3, 4].map((column) => String(rows.reduce((sum, row) => sum + Number(row[column]), 0))),
    "",
  ]
  const table = [["kind", "edits", "stale", "needless", "allowed", "as"], ...rows, total]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  for (const row of table) {
    const cells = row.map((cell, column) =>
      column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
    )
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`)
  }
  const wrong = verdicts.filter((verdict) => isStale(verdict) || verdict.needless.length > 0)
  for (const { edit, slips, stale, needless } of wrong) {
    process.stdout.write(`\n${edit.kind}: ${edit.name}\n`)
    if (slips.length > 0) {
      process.stdout.write(`  its program computes something else than its sources: ${slips.join(", ")}\n`)
    }
    if (stale.length > 0) process.stdout.write(`  stale: ${stale.join(", ")}\n`)
    if (needless.length > 0) process.stdout.write(`  needless: ${needless.join(", ")}\n`)
  }
  process.stdout.write(`\n${verdicts.length - wrong.length} passed, ${wrong.length} failed\n`)
  return wrong.length > 0
}

const isStale = ({ slips, stale }: Verdict): boolean => slips.length > 0 || stale.length > 0
